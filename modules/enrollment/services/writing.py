"""The one way into a list: under its lock, as the system, with the step on record; internal to the services that asked."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from core.sdk import db, policies, scope
from modules.enrollment import rules
from modules.enrollment.models import Application, Claim, Entry, ListEvent
from modules.enrollment.services.policy import SIBLING, rule

#: At most so many applications of one child are looked at together.
MANY = 50


def lock(name: str, number: int) -> None:
    """Wait for whoever writes the same list or child; let go at the end of the transaction; internal, it changes nothing."""
    db.session.execute(sa.text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"enrollment.{name}:{number}"})


def lock_lists(child_id: int) -> None:
    """Take the locks of a child's waiting lists in one order, so that two who need them never block each other; internal."""
    waiting = sa.select(Application.facility_id).where(Application.child_id == child_id, Application.state == "waiting")
    for number in sorted(set(db.session.scalars(waiting.limit(MANY)))):
        lock("list", number)


def arrive(application: Application, class_age: int, policy: policies.Policy) -> Entry:
    """Put a new application at the end of its centre's order of arrival, under its rule; internal to the services that asked."""
    lock("list", application.facility_id)
    last = db.session.scalar(
        sa.select(sa.func.max(Entry.arrival)).where(Entry.facility_id == application.facility_id)
    )
    entry = Entry(
        facility_id=application.facility_id, application_id=application.id, pseudonym=secrets.token_hex(16),
        arrival=(last or 0) + 1, class_age=class_age, wanted_from=application.wanted_from, tier=rules.LAST_TIER, points=0,
        rank_tier=0, policy_id="",
    )  # fmt: skip
    _judge(entry, application, policy)
    db.session.add(entry)
    db.session.flush()
    step(entry, "apply", tier=entry.tier, points=entry.points, arrival=entry.arrival)
    return entry


def judge_again(child_id: int) -> None:
    """Judge all waiting applications of a child anew after a circumstance changed; internal to the services that asked."""
    lock_lists(child_id)
    rows = db.session.execute(
        sa.select(Entry, Application)
        .join(Application, Application.id == Entry.application_id)
        .where(Application.child_id == child_id, Application.state == "waiting")
        .order_by(Application.facility_id)
        .limit(MANY)
    ).all()
    for entry, application in rows:
        before = (entry.tier, entry.points)
        _judge(entry, application, rule(application.facility_id, scope.current().on_date))
        if (entry.tier, entry.points) != before:
            db.session.flush()
            step(entry, "assess", tier=entry.tier, points=entry.points)


def _judge(entry: Entry, application: Application, policy: policies.Policy) -> None:
    found = rules.assess(claims_of(application), policy.value)
    entry.tier, entry.points, entry.policy_id = found.tier, found.points, policy.id
    entry.rank_tier = rules.order_key(found.tier, found.points, 0, policy.value)[0]


def claims_of(application: Application) -> dict[str, bool]:
    """What stands for an application: the child's claims, and whether a sibling attends the centre; internal, it reads."""
    rows = db.session.execute(
        sa.select(Claim.code, Claim.status).where(
            Claim.child_id == application.child_id, Claim.status.in_(("claimed", "verified"))
        )
    )
    found = {code: status == "verified" for code, status in rows}
    sibling = sa.exists().where(
        Application.family_id == application.family_id, Application.facility_id == application.facility_id,
        Application.child_id != application.child_id, Application.state == "admitted",
    )  # fmt: skip
    if db.session.scalar(sa.select(sibling)):
        found[SIBLING] = True
    return found


def close(applications: Sequence[Application], state: str, note: str = "") -> None:
    """End applications with their entries, on record; the ranks below move up by that alone; internal to who asked."""
    for application in applications:
        lock("list", application.facility_id)
        entry = db.session.scalars(sa.select(Entry).where(Entry.application_id == application.id)).one()
        application.state, application.note = state, note
        application.closed_at = None if state == "admitted" else sa.func.clock_timestamp()
        entry.state = state
        db.session.flush()
        step(entry, "admit" if state == "admitted" else "close", reason=state)


def step(entry: Entry, kind: str, **facts: Any) -> None:
    """Put a step of a list on record, by pseudonym; internal to the services that asked."""
    db.session.add(ListEvent(facility_id=entry.facility_id, pseudonym=entry.pseudonym, kind=kind, facts=facts))
    db.session.flush()
