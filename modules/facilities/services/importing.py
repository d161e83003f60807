"""Import a register: parse, compare with what is there, write only what changed, report every defect with its row.

Unchanged rows are not touched, vanished rows are reported and never deleted, and a dry run writes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.sdk import _, activation, atlas, db, packs, publish, require, running, scope
from modules.facilities.events import RegisterImported
from modules.facilities.layouts import parse
from modules.facilities.layouts.parsing import Parsed
from modules.facilities.layouts.regions import resolver
from modules.facilities.layouts.row import FacilityRow
from modules.facilities.models import Facility, ImportDefect, ImportRun, MergeProposal
from modules.facilities.services import rows as writing
from modules.facilities.services.reporting import defect_rows, write_report

#: A dry run's diff lists at most this many changed rows.
MAX_DIFF = 200


@dataclass
class Report:
    """What an import did, in the words of `dolbom facilities import --json`."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    closed: int = 0
    rejected: int = 0
    vanished: int = 0
    outside_region: int = 0
    not_childcare: int = 0
    warnings: dict[str, int] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    diff: list[dict[str, Any]] = field(default_factory=list)
    regions_opened: list[str] = field(default_factory=list)
    report: str = ""
    run_id: int | None = None
    dry_run: bool = False


def import_register(
    path: Path, layout: str, region_code: str, *, dry_run: bool = False, mapping: Path | None = None,
    tick: Callable[[int, int, Any], None] | None = None, on: date | None = None,
    report_folder: Path | None = None,
) -> Report:  # fmt: skip
    """Read the register at `path` into a region; the caller commits (nothing half-written: one transaction).

    Raises the refusals of `layouts` for files that cannot be read, `UnknownRegion` for a region nobody knows.
    """
    tick = tick or _silent
    opened = _open_if_known({region_code})
    region = atlas().find(region_code)
    require("facilities.facility.import", at=region.no)
    if region_code in opened:  # opened for this import: then the register belongs on there
        activation.switch(
            "facilities", region.no, on=True, first_day=scope.current().on_date, reason="register imported"
        )
    activation.require_within("facilities", region)
    known, polygons = _known_regions(region_code)
    tick(0, 4, _("Reading the file"))
    parsed = parse(
        path, layout, region_of=resolver(known), region=region_code, polygons=polygons, mapping=mapping, on=on
    )
    opened += _open_if_known({row.region_code for row in parsed.rows})
    report = _report(parsed, dry_run, opened)
    tick(1, 4, _("Comparing with what is there"))
    plan = _compare(parsed.rows, region.no, region.hi, report)
    if not dry_run:
        tick(2, 4, _("Writing what changed"))
        writing.write(plan, source=f"import:{layout}")
        report.run_id = _record(parsed, report, region.no, path, mine=plan)
        publish(RegisterImported(region.no, report.run_id, report.created, report.updated), place=region.no)
    if report_folder is not None:
        report.report = str(write_report(parsed, plan, report_folder, path.name))
    tick(4, 4, "")
    return report


def _silent(done: int, total: int, what: Any) -> None:
    """No progress wanted."""


def _open_if_known(codes: set[str]) -> list[str]:
    missing = {code for code in codes if code not in atlas().by_code}
    known = {code for code in missing if packs.knows(running().registry, code)}
    return packs.open_places(running().registry, known) if known else []


def _known_regions(region_code: str) -> tuple[list[tuple[str, dict[str, str]]], dict[str, Any]]:
    """Codes with all names and aliases inside the region, from the tree and from every pack; and the outlines."""
    names: dict[str, dict[str, str]] = {node.code: dict(node.names) for node in atlas().nodes.values()}
    outlines: dict[str, Any] = {}
    for manifest in running().registry.packs():
        outlines |= packs.polygons(manifest.path)
        for code, entry in packs.entries(manifest.path).items():
            spelled = names.setdefault(code, {})
            spelled |= entry.names | {
                f"alias{n}": alias for n, alias in enumerate(entry.facts.get("aliases", ()))
            }
    inside = {c: n for c, n in names.items() if c == region_code or c.startswith(f"{region_code}-")}
    above = {c: n for c, n in names.items() if region_code.startswith(f"{c}-")}
    return list((above | inside).items()), outlines


def _report(parsed: Parsed, dry_run: bool, opened: list[str]) -> Report:
    return Report(
        rows=parsed.totals["read"], rejected=len(parsed.rejected), warnings=parsed.warnings, errors=parsed.errors,
        outside_region=parsed.outside_region, not_childcare=sum(parsed.not_childcare.values()), dry_run=dry_run,
        regions_opened=opened,
    )  # fmt: skip


def _compare(rows: tuple[FacilityRow, ...], low: int, high: int, report: Report) -> writing.Plan:
    """Sort rows into new, changed and unchanged by their hash; one query for all that is there."""
    registers = {row.register for row in rows}
    there = {
        (old.register, old.register_no): old
        for old in db.session.execute(
            sa.select(
                Facility.id,
                Facility.register,
                Facility.register_no,
                Facility.row_hash,
                Facility.status,
                Facility.name,
            )
            .where(Facility.id.between(low, high), Facility.register.in_(registers))
            .execution_options(yield_per=5000)
        )
    }
    plan, merged = writing.Plan(), _merged(low, high)
    for row in rows:
        old = there.pop((row.register, str(row.register_no)), None)
        mark = writing.row_hash(row)
        if old is None:
            plan.new.append((row, mark))
        elif old.row_hash == mark or old.id in merged:
            report.unchanged += 1
        else:
            plan.changed.append((old.id, row, mark))
            if old.status != row.status:
                plan.status_changed.append((old.id, row))
                report.closed += row.status == "closed"
    report.created, report.updated, report.vanished = len(plan.new), len(plan.changed), len(there)
    plan.vanished = [(old.id, old.register_no, old.name) for old in there.values()]
    if report.dry_run:
        report.diff = writing.differences(plan.changed[:MAX_DIFF])
    return plan


def _merged(low: int, high: int) -> set[int]:
    """Records a person merged into others: a register that still lists them does not bring them back (S2-42)."""
    query = sa.select(MergeProposal.drop_id).where(
        MergeProposal.state == "merged", MergeProposal.drop_id.between(low, high)
    )
    return set(db.session.scalars(query))


def _record(parsed: Parsed, report: Report, region_no: int, path: Path, mine: writing.Plan) -> int:
    totals = Counter({name: getattr(report, name) for name in
                      ("rows", "created", "updated", "unchanged", "closed", "rejected", "vanished")})  # fmt: skip
    run = ImportRun(
        region_no=region_no, layout=parsed.layout, file_name=path.name, sha256=parsed.sha256, dry_run=False,
        totals=dict(totals), warnings={**report.warnings, **report.errors}, account_id=scope.current().account_id,
    )  # fmt: skip
    db.session.add(run)
    db.session.flush()
    found = defect_rows(parsed, mine)
    writing.add_many(
        ImportDefect.__table__, [{**defect, "run_id": run.id, "region_no": region_no} for defect in found]
    )
    return run.id
