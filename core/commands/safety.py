"""`dolbom backup | restore | drill`: one file holds everything but the keys, and a drill proves that it does."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from core.commands.session import as_json, guarded, opened, show
from core.config import load_settings
from core.db.backup import Proof, Report, backup, drill, restore
from core.host import hooks
from core.host.running import running

commands = None
_FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.command("backup")
@_FILE
@as_json
@guarded
def back_up(file: Path, as_json: bool) -> None:
    """Write database and uploads, as they are at this moment, into FILE; people go on working."""
    with opened("backup", migrate=False):
        show(backup(running(), file), as_json, _words)


@click.command("restore")
@_FILE
@as_json
@guarded
def bring_back(file: Path, as_json: bool) -> None:
    """Restore FILE into an empty home (set DOLBOM_HOME), compare every row and remove it again if any differs."""
    show(restore(file, load_settings()), as_json, _words)


@click.command("drill")
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path), required=False)
@as_json
@guarded
def rehearse(file: Path | None, as_json: bool) -> None:
    """Restore FILE (else a backup made now) into a second home, prove it the same, and remove it; exit code 1 if not."""
    with opened("drill", migrate=False):
        report = drill(running(), file, proofs=_proofs())
    show(report, as_json, _words)
    sys.exit(0 if report.ok else 1)


def _proofs() -> list[Proof]:
    """What the modules prove of a copy beyond equality."""
    return [proof for found in hooks.ask_all("proofs") for proof in found]


def _words(report: Report) -> str:
    rows = sum(line.rows for line in report.tables)
    lines = [
        f"{report.action}: {'ok' if report.ok else 'NOT THE SAME'} · {report.file}",
        f"  {len(report.tables)} tables, {rows} rows, {report.uploads} uploads, {report.bytes} bytes, {report.seconds} s",
        *(f"  warning: {line}" for line in report.warnings),
        *(f"  differs: {line}" for line in report.differences),
        *(
            f"  control «{what}»: {'noticed' if seen else 'NOT NOTICED'}"
            for what, seen in report.controls.items()
        ),
        *(
            f"  proof {name}: {'; '.join(findings) or 'holds'}"
            for name, findings in report.proofs.items()
        ),
    ]
    return "\n".join(lines)


singles = (back_up, bring_back, rehearse)
