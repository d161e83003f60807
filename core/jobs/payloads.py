"""What may travel in the outbox: whole numbers, text, dates, yes or no, nothing, and tuples.

The receiver may run days later, in another process and another version of the code: so a payload carries the
ids of records and the facts of the moment, never records.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Union, get_args, get_origin, get_type_hints

from core.errors import DolbomError

_PLAIN = (int, str, bool, date)
_ALLOWED = "int, str, bool, date, `X | None` and tuples of these"


class BadPayloadType(DolbomError):
    """An event or job declares a field of a type that cannot travel."""

    code: ClassVar[str] = "jobs.bad-payload-type"
    http: ClassVar[int] = 500


class BadPayload(DolbomError):
    """An event or job was given values that do not fit its fields."""

    code: ClassVar[str] = "jobs.bad-payload"
    http: ClassVar[int] = 500


@dataclass(frozen=True)
class Field:
    """One declared field: its type and whether it may be left out."""

    name: str
    type: Any
    optional: bool = False


def hints(owner: Any) -> dict[str, Any]:
    """The resolved annotations of an event class or handler; refused when one is hidden from run time."""
    try:
        return get_type_hints(owner)
    except NameError as error:
        raise BadPayloadType(
            f"{owner.__module__}.{owner.__qualname__}: {error}; import the type outside `if TYPE_CHECKING`."
        ) from None


def check_type(where: str, kind: Any) -> None:
    """Refuse a declared type that cannot travel."""
    inner = _parts(kind)
    if inner is None:
        raise BadPayloadType(
            f"{where} is {kind!r}: use {_ALLOWED}. Money travels in minor units, a time as text, "
            "a record as its id."
        )
    for part in inner:
        check_type(where, part)


def _parts(kind: Any) -> tuple[Any, ...] | None:
    """The types inside a declared type, () for a plain one, None for one that cannot travel."""
    if kind in _PLAIN:
        return ()
    arguments = get_args(kind)
    if get_origin(kind) is tuple and arguments:
        return tuple(part for part in arguments if part is not Ellipsis)
    if _is_optional(kind):
        return tuple(part for part in arguments if part is not types.NoneType)
    return None


def _is_optional(kind: Any) -> bool:
    arguments = get_args(kind)
    return (
        get_origin(kind) in (Union, types.UnionType) and len(arguments) == 2 and types.NoneType in arguments
    )


def encode(owner: str, fields: tuple[Field, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """Check `values` against the declared fields and turn them into JSON."""
    _same_names(owner, fields, values)
    return {f.name: _encoded(f"{owner}.{f.name}", f.type, values[f.name]) for f in fields if f.name in values}


def decode(owner: str, fields: tuple[Field, ...], payload: Mapping[str, Any]) -> dict[str, Any]:
    """Turn stored JSON back into the declared types; a payload of another version is refused readably."""
    _same_names(owner, fields, payload)
    return {
        f.name: _decoded(f"{owner}.{f.name}", f.type, payload[f.name]) for f in fields if f.name in payload
    }


def _same_names(owner: str, fields: tuple[Field, ...], values: Mapping[str, Any]) -> None:
    known = {f.name for f in fields}
    unknown = sorted(set(values) - known)
    missing = sorted(f.name for f in fields if f.name not in values and not f.optional)
    if unknown or missing:
        wrong = [f"{name} is not declared" for name in unknown] + [f"{name} is missing" for name in missing]
        raise BadPayload(f"{owner}: {', '.join(wrong)}; it takes {', '.join(sorted(known)) or 'nothing'}.")


def _refuse(where: str, kind: Any, value: Any) -> BadPayload:
    return BadPayload(f"{where}: expected {getattr(kind, '__name__', kind)}, got {type(value).__name__}.")


def _encoded(where: str, kind: Any, value: Any) -> Any:
    if _is_optional(kind):
        return None if value is None else _encoded(where, _parts(kind)[0], value)  # type: ignore[index]
    if get_origin(kind) is tuple:
        if not isinstance(value, tuple):
            raise _refuse(where, kind, value)
        return [
            _encoded(where, part, item) for part, item in zip(_each(where, kind, value), value, strict=True)
        ]
    if type(value) is not kind and not _text_like(kind, value):
        # `type is`, because True would pass for 1 and a moment for a date.
        raise _refuse(where, kind, value)
    return value.isoformat() if kind is date else (str(value) if kind is str else value)


def _text_like(kind: Any, value: Any) -> bool:
    """A str subclass travels as its text; lazily translated text does not: it has no language yet."""
    return kind is str and isinstance(value, str)


def _decoded(where: str, kind: Any, value: Any) -> Any:
    if _is_optional(kind):
        return None if value is None else _decoded(where, _parts(kind)[0], value)  # type: ignore[index]
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise _refuse(where, kind, value)
        return tuple(
            _decoded(where, part, item) for part, item in zip(_each(where, kind, value), value, strict=True)
        )
    if kind is date:
        if not isinstance(value, str):
            raise _refuse(where, kind, value)
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            raise BadPayload(f"{where}: {value!r} is no day of the form 2026-11-21.") from None
    if type(value) is not kind:
        raise _refuse(where, kind, value)
    return value


def _each(where: str, kind: Any, value: Any) -> tuple[Any, ...]:
    """The declared type of each item: `tuple[int, ...]` of any length, `tuple[int, str]` of exactly two."""
    arguments = get_args(kind)
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return (arguments[0],) * len(value)
    if len(arguments) != len(value):
        raise BadPayload(f"{where}: expected {len(arguments)} items, got {len(value)}.")
    return arguments
