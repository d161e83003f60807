"""`dolbom module`: list, plan, install, upgrade, enable, disable, uninstall."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

import click
import sqlalchemy as sa

from core.commands.session import Day, as_json, guarded, opened, show
from core.db.base import db
from core.host.running import running
from core.host.state import Module
from core.host.switching import effect
from core.regions import activation
from core.regions.atlas import atlas

commands = click.Group("module", help="Turn modules on and off; nothing is lost by turning one off.")


def catalogue() -> list[dict[str, Any]]:
    """Every module found, installed or set aside, with its state and where it is on."""
    registry = running().registry
    installed = {row.name: row for row in db.session.scalars(sa.select(Module))}
    today = datetime.now(UTC).date()
    lines = db.session.execute(
        sa.select(activation.Activation.module, activation.Activation.place_no).where(
            activation.Activation.state == "on", activation.Activation.first_day <= today,
            sa.or_(activation.Activation.last_day.is_(None), activation.Activation.last_day >= today),
        )
    )  # fmt: skip
    on: dict[str, list[str]] = {}
    for line in lines:
        node = atlas().nodes.get(line.place_no)
        on.setdefault(line.module, []).append(node.code if node else str(line.place_no))
    found = []
    for name in [
        *(m.name for m in registry),
        *sorted((set(installed) | set(registry.quarantine)) - set(registry.modules)),
    ]:
        manifest, row, aside = registry.modules.get(name), installed.get(name), registry.quarantine.get(name)
        state = (
            "quarantined"
            if aside
            else ("installed" if manifest and row else "code missing" if row else "not installed")
        )
        found.append(
            {
                "name": name, "kind": manifest.kind if manifest else row.kind if row else "", "state": state,
                "version": manifest.version if manifest else row.version if row else "",
                "title": manifest.title if manifest else row.title if row else "",
                "needs": list(manifest.depends) if manifest else [], "on": sorted(on.get(name, [])),
                "reason": aside.reason if aside else "",
            }
        )  # fmt: skip
    return found


@commands.command("list")
@as_json
@guarded
def list_(as_json: bool) -> None:
    """All modules: installed, set aside and why, and where they are on."""
    with opened("module list"):
        show(catalogue(), as_json, lambda rows: "\n".join(
            f"{r['name']:16} {r['kind']:8} {r['version']:10} {r['state']:13} {', '.join(r['on']) or '–'}  {r['reason']}" for r in rows
        ))  # fmt: skip


@commands.command("plan")
@click.argument("action", type=click.Choice(["install", "upgrade", "enable", "disable", "uninstall"]))
@click.argument("name")
@click.option("--region", help="For enable and disable: the region, e.g. KR-11.")
@click.option("--from", "first_day", type=Day(), help="For enable and disable: the first day (default: today).")
@as_json
@guarded
def plan(action: str, name: str, region: str | None, first_day: date | None, as_json: bool) -> None:
    """Say what an act will do to tables, rows and dependants, without doing it."""
    with opened("module plan"):
        said = running().lifecycle.plan(action, name).as_json()
        if region is not None:
            if action not in ("enable", "disable"):
                raise click.UsageError(f"{action} concerns the whole installation: leave out --region.")
            on = action == "enable"
            if on:
                running().lifecycle.manifest(name)  # refuses one that does not run
            said["effect"] = asdict(
                effect(running().registry, name, atlas().find(region), on=on, day=first_day)
            )
        show(said, as_json, _words)


def _words(plan: dict[str, Any]) -> str:
    lines = [
        f"{plan['action']} {plan['module']}: {plan['rows']} rows in {len(plan['tables'])} tables, on at {plan['activations']} places"
    ]
    lines += [f"  {table['name']}: {table['rows']} rows" for table in plan["tables"]]
    lines += [f"  needed by: {', '.join(plan['dependants'])}"] if plan["dependants"] else []
    lines += (
        [f"  keeps personal data {', '.join(plan['personal'])} for {plan['retention']}"]
        if plan["personal"]
        else []
    )
    if "effect" in plan:
        lines += [f"  {plan['action']} in {plan['effect']['region']} keeps every row"]
        lines += [f"  without effect until on: {', '.join(names)}"] if (names := plan["effect"]["missing"]) else []
        lines += [f"  stops with it: {', '.join(names)}"] if (names := plan["effect"]["losing"]) else []
    lines += [f"  archive: {plan['archive']}"] if plan["archive"] else []
    lines += [f"  BLOCKED: {reason}" for reason in plan["blocked"]]
    return "\n".join(lines)


@commands.command("install")
@click.argument("name")
@as_json
@guarded
def install(name: str, as_json: bool) -> None:
    """Create or upgrade a module's tables, after those it needs."""
    with opened("module install"):
        done = running().lifecycle.upgrade_all([name])
        show({module: {"from": was, "to": now} for module, (was, now) in done.items()}, as_json)


commands.add_command(install, "upgrade")


def _switch(name: str, region: str, first_day: date | None, *, on: bool, reason: str) -> dict[str, Any]:
    life = running().lifecycle
    if on:
        life.manifest(name)  # refuses one that does not run
    else:
        life.plan("disable", name)  # refuses an unknown one; one whose code is lost may be turned off
    node, day = atlas().find(region), first_day or datetime.now(UTC).date()
    found = effect(running().registry, name, node, on=on, day=day)
    activation.switch(name, node.no, on=on, first_day=day, reason=reason)
    db.session.commit()
    return {"module": name, "region": region, "on": on, "from": day, "active": activation.is_active(name, node.no, day),
            "also_off": list(found.losing)}  # fmt: skip


def _options(command: Any) -> Any:
    for option in (
        as_json,
        click.option("--reason", default="command line"),
        click.option("--from", "first_day", type=Day(), help="First day (default: today)."),
        click.option("--region", required=True, help="Region code, e.g. KR-11."),
        click.argument("name"),
    ):
        command = option(command)
    return command


@commands.command("enable")
@_options
@guarded
def enable(name: str, region: str, first_day: date | None, reason: str, as_json: bool) -> None:
    """Turn a module on in a region from a day."""
    with opened("module enable"):
        show(_switch(name, region, first_day, on=True, reason=reason), as_json)


@commands.command("disable")
@_options
@guarded
def disable(name: str, region: str, first_day: date | None, reason: str, as_json: bool) -> None:
    """Turn a module off in a region from a day; its data stays."""
    with opened("module disable"):
        show(_switch(name, region, first_day, on=False, reason=reason), as_json)


@commands.command("uninstall")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do it; without this only the plan is shown.")
@as_json
@guarded
def uninstall(name: str, yes: bool, as_json: bool) -> None:
    """Archive a module's data to a file, then remove it completely; works when its folder is gone."""
    with opened("module uninstall"):
        life = running().lifecycle
        done = life.uninstall(name) if yes else life.plan("uninstall", name)
        show({**done.as_json(), "done": yes}, as_json, _words)
        if not yes and not as_json:
            click.echo("Nothing was done. Say --yes to do it.")
