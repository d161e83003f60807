"""Back up, restore, and prove that the restore is the same: one file, one snapshot, every table counted and summed.

The file holds the database and the uploads, never keys: `<home>/keys` (sealed fields) and `<home>/secrets` are copied by
hand to another safe place. Restore only files you made: a dump is a program that the database runs.
"""

from __future__ import annotations

from core.db.backup.drilling import Proof, drill
from core.db.backup.making import backup
from core.db.backup.report import Report, TableLine
from core.db.backup.restoring import restore

__all__ = ["Proof", "Report", "TableLine", "backup", "drill", "restore"]
