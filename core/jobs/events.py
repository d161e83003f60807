"""Facts a module publishes for others: named in the past tense, typed, delivered after the sender's commit.

The sender does not know its receivers, cannot be undone by them, and does not wait for them (architecture.md
6).
"""

from __future__ import annotations

import re
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, TypeVar, cast, dataclass_transform

from core.db.base import schema_of
from core.errors import DolbomError
from core.jobs import payloads
from core.jobs.payloads import Field

C = TypeVar("C", bound=type[Any])

#: Past tenses that do not end in -ed.
_IRREGULAR = frozenset(
    """begun bought born broken brought built caught chosen come cut drawn driven eaten fallen felt flown found
    given gone grown heard held hidden kept known laid left lent lost made met overridden paid put read rebuilt
    rewritten risen rung run seen sent set shown shut sold sought spent split spoken stolen stood struck taken
    taught thrown told torn undone understood withdrawn won worn written""".split()  # noqa: SIM905
)


class BadEvent(DolbomError):
    """An event class is not the plain fact it must be."""

    code: ClassVar[str] = "jobs.bad-event"
    http: ClassVar[int] = 500


@dataclass(frozen=True)
class EventFacts:
    """What the host keeps of an event class: its public name and its fields."""

    name: str
    fields: tuple[Field, ...]


@dataclass_transform(frozen_default=True)
def event(cls: C) -> C:
    """Make a class an event: a frozen dataclass called `module.ClassName`, whose fields can travel.

    Raises `BadEvent` when the name is no fact in the past tense, `BadPayloadType` for a record or a float.
    """
    words = re.findall(r"[A-Z][a-z0-9]*", cls.__name__)
    if not any(word.lower() in _IRREGULAR or word.lower().endswith("ed") for word in words):
        raise BadEvent(
            f"{cls.__module__}.{cls.__name__}: name it as a fact that happened, like ChildAdmitted."
        )
    # security stands below this floor: its facts are plain frozen dataclasses and become events here
    made: Any = cls if "__dataclass_fields__" in vars(cls) else dataclass(frozen=True)(cls)
    types = payloads.hints(made)
    found = []
    for f in fields(made):
        payloads.check_type(f"{cls.__name__}.{f.name}", types[f.name])
        optional = f.default is not MISSING or f.default_factory is not MISSING
        found.append(Field(f.name, types[f.name], optional))
    made.__event__ = EventFacts(f"{schema_of(cls.__module__)}.{cls.__name__}", tuple(found))
    return cast("C", made)


def facts_of(event_class: type[Any]) -> EventFacts:
    """The name and fields of an event class; refused when `@event` was forgotten (or only inherited)."""
    found = vars(event_class).get("__event__")
    if not isinstance(found, EventFacts):
        raise BadEvent(
            f"{event_class.__module__}.{event_class.__name__} is no event: put @event above the class."
        )
    return found


def to_json(happened: Any) -> dict[str, Any]:
    """The payload of one event, every value checked against its declared type."""
    facts = facts_of(type(happened))
    return payloads.encode(
        facts.name, facts.fields, {f.name: getattr(happened, f.name) for f in facts.fields}
    )


def from_json(event_class: type[Any], payload: dict[str, Any]) -> Any:
    """The event again, from its payload."""
    facts = facts_of(event_class)
    return event_class(**payloads.decode(facts.name, facts.fields, payload))


def publish(happened: Any, place: int | None = None) -> list[int]:
    """Tell every receiver of this event, after the caller's commit and only then; returns the outbox ids.

    `place` is the number of the region or facility it happened at: receivers whose module is off there skip
    it. Raises `OutOfScope` when the place lies outside the caller's post.
    """
    from core.jobs import handlers, outbox

    facts = facts_of(type(happened))
    payload = to_json(happened)
    return outbox.write(handlers.book().receivers(facts.name), facts.name, payload, place=place)
