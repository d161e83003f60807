"""The family of errors Dolbom shows to people: one class a refusal, one line that says what to do."""

from __future__ import annotations

import errno
from typing import ClassVar

#: The numbers by which an operating system says that nothing more fits: disk, quota, largest file allowed.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class DolbomError(Exception):
    """Anything we refuse on purpose; the message is one line and tells the reader what to do next."""

    code: ClassVar[str] = "dolbom"
    http: ClassVar[int] = 400

    def __str__(self) -> str:
        # A log line or a terminal line must stay one line whatever a library put into the text.
        return " ".join(super().__str__().split())


class Refusal(DolbomError):
    """A person asked for something the rules do not allow now."""

    code = "refused"
    http = 409


class Forbidden(Refusal):
    """The person may see the thing but has no right to do this with it."""

    code = "forbidden"
    http = 403


class NotFound(Refusal):
    """The thing does not exist, or lies outside what this person may know about."""

    code = "not-found"
    http = 404


class ConfigError(DolbomError):
    """A setting is wrong; the message names the file (or environment variable) and the key."""

    code = "config"
    http = 500


class ServerError(DolbomError):
    """PostgreSQL or Valkey cannot be used; the message says why and what to change."""

    code = "server"
    http = 503
