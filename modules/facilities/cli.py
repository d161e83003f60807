"""`dolbom facilities`: import registers and count centres."""

from __future__ import annotations

from pathlib import Path

import click

from core.sdk import command_line, db

commands = click.Group("facilities", help="The register of centres.")


@commands.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layout", required=True, help="seoul-standard, kr-basic, pl-rspo, pl-zlobki or generic-csv.")
@command_line.region_option
@click.option(
    "--mapping", type=click.Path(path_type=Path, exists=True), help="Column mapping for generic-csv (TOML)."
)
@click.option("--dry-run", is_flag=True, help="Compare and show; write nothing.")
@command_line.as_json
@command_line.guarded
def import_(file: Path, layout: str, region: str, mapping: Path | None, dry_run: bool, as_json: bool) -> None:
    """Import a register file: only changed rows are written, every defect is reported with its row."""
    from modules.facilities.services import import_register

    with command_line.opened("facilities import"):
        folder = command_line.settings().home / "reports"
        report = import_register(file, layout, region, dry_run=dry_run, mapping=mapping, report_folder=folder)
        if dry_run:
            db.session.rollback()
        else:
            db.session.commit()
        command_line.show(report, as_json)


@commands.command("stats")
@command_line.region_option
@click.option("--by", type=click.Choice(["district", "kind", "status"]), default="district")
@command_line.as_json
@command_line.guarded
def stats(region: str, by: str, as_json: bool) -> None:
    """Centres, places and children of a region, by district, kind or status."""
    from modules.facilities.statistics import count_by

    with command_line.opened("facilities stats"):
        command_line.show(count_by(region, by), as_json)
