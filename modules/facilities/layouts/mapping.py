"""Checking what somebody wrote about their own table; a wrong word is named with the nearest right one."""

from __future__ import annotations

import difflib
import tomllib
from typing import TYPE_CHECKING, Any, Final

from core.sdk import _
from modules.facilities.layouts.columns import FIELDS
from modules.facilities.layouts.geography import COUNTRY_BOXES
from modules.facilities.layouts.kinds import KR_KINDS, KR_SERVICES, PL_NURSERIES, PL_PRESCHOOLS
from modules.facilities.layouts.refusals import MappingInvalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

#: Every kind of facility: those of the registers, those of K1 and S0-36 that no public register lists yet.
KINDS: Final = (
    *dict.fromkeys((*KR_KINDS.values(), *PL_NURSERIES.values(), *PL_PRESCHOOLS.values())),
    *("KIUM_GENERAL", "KIUM_CONVERGENCE", "KIUM_HUB", "LOCAL_CHILDREN_CENTER", "YOUTH_ACADEMY"),
    *(
        "SCHOOL_CARE_CLASS",
        "SHARED_CARE_ROOM",
        "SHARED_CARE_EXCHANGE",
        "KIDS_CAFE",
        "SUPPORT_CENTER",
        "OTHER",
    ),
)
STATUSES: Final = ("open", "paused", "reopened", "closed", "unknown")
SERVICES: Final = (*dict.fromkeys(KR_SERVICES.values()), "extended", "sick_child", "emergency")
#: Table of the mapping → the codes its words may stand for.
WORDS: Final = {"kinds": KINDS, "statuses": STATUSES, "services": SERVICES}
_PLAIN: Final = {"country": tuple(COUNTRY_BOXES), "encoding": ("utf-8", "cp949", "cp1250")}
#: What may be said once for all rows; None takes any text.
_CONSTANTS: Final[dict[str, tuple[str, ...] | None]] = {"kind": KINDS, "status": STATUSES, "region": None}
_NEEDED: Final = ("register_no", "name", "kind", "region")


def read_mapping(path: Path) -> dict[str, Any]:
    """A mapping file (TOML), unchecked. Raises MappingInvalid when it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        why = str(error)
        raise MappingInvalid(
            _("The mapping %(path)s cannot be read: %(why)s.", path=str(path), why=why)
        ) from error


def check_mapping(mapping: Any) -> None:
    """Raises MappingInvalid for the first thing wrong with a mapping."""
    _check_keys("", mapping, (*_PLAIN, *WORDS, "columns", "constants"))
    for key, allowed in _PLAIN.items():
        if key in mapping:
            _check_code(key, mapping[key], allowed)
    columns = _table(mapping, "columns")
    _check_keys("columns", columns, sorted(FIELDS))
    for field, headings in columns.items():
        several = headings if isinstance(headings, list) else [headings]
        if not several or not all(isinstance(heading, str) and heading for heading in several):
            raise MappingInvalid(_("columns.%(field)s must be a heading or a list of headings.", field=field))
    for table, codes in WORDS.items():
        for word, code in _table(mapping, table).items():
            _check_code(f'{table}."{word}"', code, codes)
    constants = _table(mapping, "constants")
    _check_keys("constants", constants, tuple(_CONSTANTS))
    for field, value in constants.items():
        _check_code(f"constants.{field}", value, _CONSTANTS[field])
    for field in _NEEDED:
        if field not in columns and field not in constants:
            raise MappingInvalid(_("The mapping does not say where to find %(field)s.", field=field))


def _table(mapping: Any, name: str) -> dict[str, Any]:
    table = mapping.get(name, {})
    if not isinstance(table, dict):
        raise MappingInvalid(_("“%(name)s” must be a table of the mapping.", name=name))
    return table


def _check_keys(table: str, keys: Iterable[str], allowed: Sequence[str]) -> None:
    for key in keys:
        if key not in allowed:
            where = f"{table}.{key}" if table else key
            raise MappingInvalid(
                _(
                    "The mapping has an unknown key %(key)s; did you mean %(nearest)s?",
                    key=where,
                    nearest=_nearest(key, allowed),
                )
            )


def _check_code(key: str, value: object, allowed: Sequence[str] | None) -> None:
    if not isinstance(value, str) or (allowed is not None and value not in allowed):
        raise MappingInvalid(
            _(
                "%(key)s is “%(value)s” in the mapping, which we do not know; did you mean %(nearest)s?",
                key=key,
                value=str(value),
                nearest=_nearest(str(value), allowed or ("a text",)),
            )
        )


def _nearest(key: str, allowed: Sequence[str]) -> str:
    return (difflib.get_close_matches(key, allowed, 1, 0.0) or allowed)[0]
