"""The report of an import: every defect with its row, as table rows and as a file that opens in a spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.sdk import _, documents
from modules.facilities.layouts.parsing import Parsed
from modules.facilities.services.rows import Plan

_COLUMNS = ("line", "code", "severity", "register_no", "field", "value", "message")


def defect_rows(parsed: Parsed, plan: Plan) -> list[dict[str, Any]]:
    """All defects, rejected rows and vanished centres of one file, by line."""
    found = [
        {
            "line": defect.line, "code": defect.code, "severity": str(defect.severity), "register_no": defect.register_no or "",
            "field": defect.field, "value": defect.value[:500], "message": defect.message,
        }
        for defect in (*parsed.defects, *parsed.rejected)
    ]  # fmt: skip
    gone = str(_("This centre is no longer in the file; nothing was deleted. Check whether it closed."))
    found += [
        {
            "line": 0,
            "code": "vanished",
            "severity": "warning",
            "register_no": number,
            "field": "",
            "value": name,
            "message": gone,
        }
        for _id, number, name in plan.vanished
    ]
    return sorted(found, key=lambda row: row["line"])


def write_report(parsed: Parsed, plan: Plan, folder: Path, file_name: str) -> Path:
    """Write the defects to `<folder>/<file>-<hash>.csv`; the same file gives the same report."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{file_name}-{parsed.sha256[:12]}.csv"
    columns = [documents.Column(name, "integer" if name == "line" else "text") for name in _COLUMNS]
    rows = ([row[name] for name in _COLUMNS] for row in defect_rows(parsed, plan))
    try:
        with path.open("wb") as file:  # the cells come from a stranger's file: none may become a formula
            file.writelines(documents.csv_lines(columns, rows))
    except BaseException:  # half a report would look like a whole one
        path.unlink(missing_ok=True)
        raise
    return path
