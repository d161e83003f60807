"""Why servers could not be used: one class a reason, each message naming the way out."""

from __future__ import annotations

from core.errors import ServerError


class HomeNotOurs(ServerError):
    """The home belongs to another user; mixing owners would lock one of them out."""

    code = "server.home-not-ours"


class HomeNotWritable(ServerError):
    """The home lies on a read-only disk or in a folder we may not write to."""

    code = "server.home-not-writable"


class HomeTooLong(ServerError):
    """PostgreSQL cannot handle paths that long."""

    code = "server.home-too-long"


class DiskFull(ServerError):
    """No room for a database cluster."""

    code = "server.disk-full"


class ToolMissing(ServerError):
    """A system tool (setpriv, unshare) is not installed."""

    code = "server.tool-missing"


class PostgresMissing(ServerError):
    """No PostgreSQL binaries at all."""

    code = "server.postgres-missing"


class PostgresTooOld(ServerError):
    """A PostgreSQL below 15, whether found on this machine or behind DATABASE_URL."""

    code = "server.postgres-too-old"


class PostgresOtherMajor(ServerError):
    """The data in the home was made by a major version that is not installed here."""

    code = "server.postgres-other-major"


class ValkeyMissing(ServerError):
    """No Valkey or Redis binary at all."""

    code = "server.valkey-missing"


class StartFailed(ServerError):
    """A server did not start; the message carries the last line of its log and where the log is."""

    code = "server.start-failed"


class HomeBusy(ServerError):
    """The home's servers run for processes with other settings, or on another machine or container."""

    code = "server.home-busy"


class DatabaseUnreachable(ServerError):
    """DATABASE_URL does not answer or does not let us in."""

    code = "server.database-unreachable"


class DatabaseNotPrepared(ServerError):
    """The foreign database lacks a right, an extension or a role that only its administrator can give."""

    code = "server.database-not-prepared"


BY_CODE: dict[str, type[ServerError]] = {kind.code: kind for kind in ServerError.__subclasses__()}
