"""`dolbom waitlist`: a list as everybody may see it, and why an entry stands where it stands."""

from __future__ import annotations

from typing import Any

import click

from core.sdk import command_line

commands = click.Group("waitlist", help="Waiting lists as everybody may see them.")


@commands.command("show")
@click.argument("facility")
@click.option("--list", "list_name", default="", help="Which list, e.g. rolling-2; default: the first.")
@command_line.as_json
@command_line.guarded
def show(facility: str, list_name: str, as_json: bool) -> None:
    """The order of a list: rank, pseudonym, tier, points, and the leaf since which the place holds."""
    from modules.enrollment.services import explaining

    with command_line.opened("waitlist show"):
        command_line.show(explaining.shown(facility, list_name), as_json, _lines)


@commands.command("explain")
@click.argument("entry")
@command_line.as_json
@command_line.guarded
def explain(entry: str, as_json: bool) -> None:
    """Rule lines, points, who is ahead by tier, and the history of the rank of an entry by its pseudonym."""
    from modules.enrollment.services import explaining

    with command_line.opened("waitlist explain"):
        command_line.show(explaining.explained(entry), as_json)


def _lines(found: dict[str, Any]) -> str:
    head = f"{found['list']}: {found['size']} waiting; log of {found['leaves']} leaves, root {found['root']}"
    return "\n".join([head, *(f"{one['rank']:>5}  {one['entry']}  {one['points']:>5}  leaf {one['leaf']}" for one in found["entries"])])
