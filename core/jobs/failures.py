"""What went wrong, as the page of stopped work shows it: in plain words, with the kind of failure and our line."""

from __future__ import annotations

import re
import traceback
from typing import Any

import sqlalchemy as sa

from core.config import ROOT
from core.errors import DolbomError
from core.text import _

_LONGEST = 1_000
_KIND = re.compile(r"([A-Z]\w*): ?(.*)", re.DOTALL)
_LINE = re.compile(r" \([\w./-]+:\d+\)$")

#: What the kinds of failure mean to people who did not write the program.
_MEANS: tuple[tuple[tuple[str, ...], Any], ...] = (
    (
        ("OperationalError", "InterfaceError", "ConnectionError", "ConnectionRefusedError", "ConnectionResetError",
         "ConnectionTimeout", "TimeoutError", "gaierror", "AdminShutdown", "CrashShutdown", "URLError"),
        _("A server or a line it needs did not answer. Send it again when the line is back."),
    ),
    (
        ("JobTimeoutException", "QueryCanceled"),
        _("It took longer than work of this kind may take. Send it again at a quieter hour."),
    ),
    (
        ("DeadlockDetected", "SerializationFailure", "LockNotAvailable"),
        _("Somebody was changing the same records. Send it again."),
    ),
    (
        ("UniqueViolation", "ForeignKeyViolation", "CheckViolation", "NotNullViolation", "ExclusionViolation"),
        _("It contradicts records that are there. Correct those, then send it again."),
    ),
    (
        ("InsufficientPrivilege", "Forbidden", "OutOfScope"),
        _("It was not allowed to do this at its place. Ask who looks after the installation."),
    ),
    (
        ("DiskFull", "OutOfMemory", "MemoryError"),
        _("The computer has no room left. Make room, then send it again."),
    ),
)  # fmt: skip
_DIED = _(
    "Its worker stopped in the middle, for example because the computer was switched off. Send it again."
)
_MISTAKE = _("The program made a mistake. Send it again once; if it stops again, report the line below.")
_SAYS_NOTHING = _("No reason is on record. Send it again, and look at its attempts if it stops again.")


def explain(error: BaseException) -> str:
    """One line; the values of rows that a database error quotes stay out of it."""
    cause: BaseException = error
    if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
        cause = error.orig
    text = next(iter(str(cause).splitlines()), "")  # the lines after the first quote the row
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if f.filename.startswith(f"{ROOT}/") and "site-packages" not in f.filename]
    where = f" ({ours[-1].filename.removeprefix(f'{ROOT}/')}:{ours[-1].lineno})" if ours else ""
    return f"{type(cause).__name__}: {text}"[:_LONGEST] + where


def in_words(error: str | None) -> Any:
    """The same for people: one sentence that says what happened and what to do."""
    if not error:
        return _SAYS_NOTHING
    found = _KIND.fullmatch(error)
    if found is None:  # our own sentences: a module that is off says so, the rest is about workers that died
        return _DIED if error.startswith("Its ") else error
    kind, text = found.groups()
    for kinds, meaning in _MEANS:
        if kind in kinds:
            return meaning
    if kind in _refusals(DolbomError):
        return _LINE.sub("", text)  # refusals are written for people
    return _MISTAKE


def _refusals(kind: type[DolbomError]) -> set[str]:
    """The names of all refusals there are, those of modules too."""
    return {kind.__name__}.union(*(_refusals(below) for below in kind.__subclasses__()))
