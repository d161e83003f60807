"""Why a backup, a restore or a drill was refused: one class a reason, each message naming the way out."""

from __future__ import annotations

from core.errors import DolbomError, Refusal


class NotABackup(DolbomError):
    """The file is no backup of ours, was cut off, or was changed since it was made."""

    code = "backup.damaged"


class OtherVersion(DolbomError):
    """The file was made by a version this one does not know."""

    code = "backup.other-version"


class InTheWay(Refusal):
    """Something else lies where the backup should be written."""

    code = "backup.in-the-way"


class HomeNotEmpty(Refusal):
    """A restore would mix with what is there."""

    code = "restore.home-not-empty"


class OtherOwner(Refusal):
    """The tables of the backup belong to a role of another name."""

    code = "restore.other-owner"


class RightMissing(DolbomError):
    """The database role may not read all rows."""

    code = "backup.right-missing"
    http = 503


class ToolFailed(DolbomError):
    """pg_dump or pg_restore is missing, too old, or ended with an error."""

    code = "backup.tool"
    http = 503


class NoRoom(DolbomError):
    """The disk is too small for what would be written."""

    code = "backup.no-room"
    http = 507


class Differs(DolbomError):
    """What was restored is not what was backed up."""

    code = "restore.differs"
    http = 500
