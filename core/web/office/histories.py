"""A record's changes as `ui.timeline` shows them: who by name, columns and values in words, at the time of the viewer's place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from core.security.audit import Change
from core.text import _
from core.web import i18n
from core.web.office import naming

ACTS: dict[str, Any] = {"I": _("Created"), "U": _("Changed"), "D": _("Deleted")}
#: A longer text is cut in the timeline; the change history has it whole.
LONGEST = 160


def act(change: Change) -> Any:
    """What was done to the record."""
    return ACTS.get(change.op, change.op)


def entries(
    changes: Iterable[Change],
    fields: Mapping[str, Any],
    said: Callable[[str, Any], Any],
    what: Callable[[Change], Any] = act,
) -> list[dict[str, Any]]:
    """One entry a change: `fields` are the columns people know and their labels, `said(column, value)` is a value in words.

    Columns without a label are the program's own (search keys, marks) and are left out; the change history has them.
    """
    found = list(changes)
    names, zone = naming.people(change.account_id for change in found), i18n.zone()
    return [
        {
            "at": i18n.moment(change.at, zone), "who": names[change.account_id], "what": what(change), "reason": change.reason,
            "changes": list(_in_words(change, fields, said)),
        }
        for change in found
    ]  # fmt: skip


def _in_words(
    change: Change, fields: Mapping[str, Any], said: Callable[[str, Any], Any]
) -> Iterator[tuple[Any, Any, Any]]:
    # What a purge has forgotten is no pair of values any more.
    pairs = {name: pair for name, pair in change.diff.items() if change.op == "U" and isinstance(pair, list)}
    for name, label in fields.items():
        if name in pairs:
            before, after = pairs[name]
            yield label, _short(said(name, before)), _short(said(name, after))


def _short(value: Any) -> Any:
    return f"{value[: LONGEST - 1]}…" if isinstance(value, str) and len(value) > LONGEST else value
