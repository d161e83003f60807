"""`dolbom region`: open one from its pack, list, settings with origin, compare two."""

from __future__ import annotations

from datetime import date

import click

from core.commands.session import Day, as_json, guarded, opened, show
from core.db.base import db
from core.host import packs
from core.host.running import running
from core.regions.atlas import atlas
from core.security import scope as scopes

commands = click.Group("region", help="Open regions from their packs and see which rules hold there.")


@commands.command("new")
@click.argument("code")
@click.option("--pack", required=True, help="Region pack, e.g. kr_seoul.")
@click.option("--from", "first_day", type=Day(), help="Day from which the modules the pack needs are on.")
@as_json
@guarded
def new(code: str, pack: str, first_day: date | None, as_json: bool) -> None:
    """Create a region with its missing ancestors and its districts, and turn on what its pack needs."""
    with opened("region new"):
        done = packs.open_with_modules(running().registry, code, pack, first_day)
        db.session.commit()
        show(done, as_json)


@commands.command("list")
@as_json
@guarded
def list_(as_json: bool) -> None:
    """All regions with their packs."""
    with opened("region list"):
        rows = [
            {
                "code": n.code,
                "name": n.name("en"),
                "level": n.level,
                "pack": n.pack,
                "languages": list(n.languages),
            }
            for n in atlas().nodes.values()
        ]
        show(
            rows,
            as_json,
            lambda rows: "\n".join(
                f"{r['code']:14} {r['level']:9} {r['pack'] or '–':16} {r['name']}" for r in rows
            ),
        )


@commands.command("settings")
@click.argument("code")
@click.option("--at", type=Day(), help="Day (default: today).")
@as_json
@guarded
def settings(code: str, at: date | None, as_json: bool) -> None:
    """Every rule in force in a region with its origin, validity and legal basis."""
    with opened("region settings"):
        show(packs.settings(atlas().find(code), at or scopes.current().on_date), as_json)


@commands.command("diff")
@click.argument("a")
@click.argument("b")
@click.option("--at", type=Day(), help="Day (default: today).")
@as_json
@guarded
def diff(a: str, b: str, at: date | None, as_json: bool) -> None:
    """What two regions do differently: modules and rules side by side."""
    with opened("region diff"):
        show(packs.difference(running().registry, atlas().find(a), atlas().find(b), at), as_json)


@commands.command("checklist")
@click.argument("code")
@click.option("--when", type=click.Choice(packs.OCCASIONS), default="new_region")
@as_json
@guarded
def checklist(code: str, when: str, as_json: bool) -> None:
    """The steps for opening a region or a school year, with progress."""
    with opened("region checklist"):
        show(packs.checklist(running().registry, atlas().find(code), when), as_json)
