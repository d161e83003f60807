"""Hold a database against a manifest: every table, sequence, wall and right that differs is named."""

from __future__ import annotations

from typing import Any

from core.db.backup.report import Report, TableLine

_SHOWN = 200  # differences listed; a wholly different database would fill pages


def compare(report: Report, expected: dict[str, Any], found: dict[str, Any]) -> None:
    """Add what differs to the report."""
    names = sorted({*expected["tables"], *found["tables"]})
    none = {"rows": 0, "sum": "no such table"}
    for name in names:
        was, now = expected["tables"].get(name, none), found["tables"].get(name, none)
        report.tables.append(TableLine(name, now["rows"], was["rows"], was == now))
    lines = [
        line
        for name in names
        for line in _of_table(name, expected["tables"].get(name), found["tables"].get(name))
    ]
    lines += _of_sequences(expected["sequences"], found["sequences"])
    lines += _of_structure(expected["structure"], found["structure"])
    if expected["modules"] != found["modules"]:
        lines.append(f"revisions: {found['modules']} instead of {expected['modules']}")
    if expected["postgres"] // 10_000 != found["postgres"] // 10_000:
        # Another major version words definitions differently; rows and sums are what counts then.
        moved = [line for line in lines if line.startswith("structure ")]
        report.warnings += [f"other PostgreSQL version: {line}" for line in moved]
        lines = [line for line in lines if line not in moved]
    report.differences += lines[:_SHOWN]
    if len(lines) > _SHOWN:
        report.differences.append(f"and {len(lines) - _SHOWN} more")


def _of_table(name: str, was: dict[str, Any] | None, now: dict[str, Any] | None) -> list[str]:
    if was == now:
        return []
    if was is None or now is None:
        return [f"table {name}: {'is missing' if now is None else 'was not in the backup'}"]
    if was["rows"] != now["rows"]:
        return [f"table {name}: {now['rows']} rows instead of {was['rows']}"]
    return [f"table {name}: {now['rows']} rows, but their content differs"]


def _of_sequences(was: dict[str, int], now: dict[str, int]) -> list[str]:
    """A sequence may be ahead of the snapshot, never behind: it would give numbers twice."""
    return [
        f"sequence {name}: {now.get(name, 0)} is behind {last}"
        for name, last in was.items()
        if now.get(name, 0) < last
    ]


def _of_structure(was: dict[str, list[str]], now: dict[str, list[str]]) -> list[str]:
    lines = []
    for name in sorted({*was, *now}):
        before, after = set(was.get(name, ())), set(now.get(name, ()))
        lines += [f"structure {name}: missing: {line}" for line in sorted(before - after)]
        lines += [f"structure {name}: new: {line}" for line in sorted(after - before)]
    return lines
