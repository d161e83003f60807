"""What may travel in the outbox, and how what may not is refused."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum

import pytest

from core.jobs.events import BadEvent, event, facts_of, from_json, to_json
from core.jobs.payloads import BadPayload, BadPayloadType, Field, decode, encode


class Tier(StrEnum):
    FIRST = "first"


@event
class PlaceOffered:
    """Everything that can travel."""

    child_id: int
    tier: str
    on: date
    urgent: bool
    note: str | None = None
    siblings: tuple[int, ...] = ()
    span: tuple[date, date | None] = (date(2026, 1, 1), None)


def test_an_event_is_the_same_after_the_journey():
    sent = PlaceOffered(
        7, Tier.FIRST, date(2028, 2, 29), True, None, (3, 4), (date(2026, 3, 1), date(2026, 3, 31))
    )
    payload = to_json(sent)
    assert payload == {
        "child_id": 7, "tier": "first", "on": "2028-02-29", "urgent": True, "note": None, "siblings": [3, 4],
        "span": ["2026-03-01", "2026-03-31"],
    }  # fmt: skip
    assert from_json(PlaceOffered, payload) == sent
    assert (
        from_json(PlaceOffered, {k: payload[k] for k in ("child_id", "tier", "on", "urgent")}).siblings == ()
    )


def test_an_event_is_frozen_and_named_by_its_module():
    with pytest.raises(FrozenInstanceError):
        PlaceOffered(1, "x", date(2026, 1, 1), False).child_id = 2
    assert facts_of(PlaceOffered).name.endswith(".PlaceOffered")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("child_id", True, "expected int, got bool"),
        ("child_id", "7", "expected int, got str"),
        ("child_id", None, "expected int, got NoneType"),
        ("urgent", 1, "expected bool, got int"),
        ("on", datetime(2026, 1, 1, tzinfo=UTC), "expected date, got datetime"),
        ("tier", 1, "expected str, got int"),
        ("siblings", [3], "got list"),
        ("siblings", (3, "x"), "expected int, got str"),
        ("span", (date(2026, 1, 1),), "expected 2 items, got 1"),
        ("note", 5, "expected str, got int"),
    ],
)
def test_a_wrong_value_is_refused_by_name(field, value, said):
    values = {"child_id": 1, "tier": "x", "on": date(2026, 1, 1), "urgent": False, field: value}
    with pytest.raises(BadPayload, match=rf"PlaceOffered\.{field}: .*{said}"):
        to_json(PlaceOffered(**values))


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({}, "child_id is missing"),
        ({"child_id": 1, "extra": 2}, "extra is not declared"),
        (
            {"child_id": 1, "tier": "x", "on": "1 May", "urgent": True},
            "'1 May' is no day of the form 2026-11-21",
        ),
        ({"child_id": 1, "tier": "x", "on": 5, "urgent": True}, "expected date, got int"),
        ({"child_id": 1, "tier": "x", "on": "2026-01-01", "urgent": True, "siblings": 1}, "got int"),
        ({"child_id": 1.5, "tier": "x", "on": "2026-01-01", "urgent": True}, "expected int, got float"),
    ],
)
def test_a_stored_payload_that_does_not_fit_is_refused(payload, said):
    with pytest.raises(BadPayload, match=said):
        from_json(PlaceOffered, payload)


def test_a_job_without_parameters_says_so():
    with pytest.raises(BadPayload, match="takes nothing"):
        encode("fees.x.y", (), {"a": 1})
    assert decode("fees.x.y", (Field("a", int, optional=True),), {}) == {}


@pytest.mark.parametrize("kind", [float, Decimal, datetime, bytes, list, dict, int | str, tuple, object])
def test_a_type_that_cannot_travel_is_refused_when_declared(kind):
    with pytest.raises(BadPayloadType, match=r"FeePaid\.amount is .*use int, str, bool, date"):
        event(type("FeePaid", (), {"__annotations__": {"amount": kind}, "__module__": __name__}))


def test_a_type_hidden_from_run_time_is_refused_with_the_mend():
    with pytest.raises(BadPayloadType, match="import the type outside"):
        event(type("FeePaid", (), {"__annotations__": {"amount": "Hidden"}, "__module__": __name__}))


@pytest.mark.parametrize("name", ["ChildAdmission", "SendMessage", "Fee"])
def test_an_event_must_be_a_fact(name):
    with pytest.raises(BadEvent, match="like ChildAdmitted"):
        event(type(name, (), {"__module__": __name__}))


@pytest.mark.parametrize(
    "name", ["ChildAdmitted", "FeePaid", "MessageSent", "ChildMovedAway", "OfferWithdrawn"]
)
def test_facts_are_events(name):
    assert facts_of(event(type(name, (), {"__module__": "modules.fees.events"}))).name == f"fees.{name}"


def test_what_is_no_event_cannot_be_published():
    class Grandchild(PlaceOffered):
        pass

    for thing in (object, Grandchild):
        with pytest.raises(BadEvent, match="put @event above"):
            facts_of(thing)
