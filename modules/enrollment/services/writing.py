"""The one way into a list: under its lock, as the system, with a leaf in the public log; internal to the services that asked.

Arrival counts in the order in which the lock of the centre's lists is held, and the leaf is written before it is let go:
the order of arrival is the order of the leaves.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from core.sdk import db, policies, scope
from modules.enrollment import rules
from modules.enrollment.models import OPEN, Application, Claim, Entry, ListRule
from modules.enrollment.services.policy import SIBLING, rule
from modules.families import api as families
from modules.transparency import api as log

#: At most so many applications of one child are looked at together.
MANY = 50


def lock(name: str, number: int) -> None:
    """Wait for whoever writes the same list or child; let go at the end of the transaction; internal, it changes nothing."""
    db.session.execute(sa.text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"enrollment.{name}:{number}"})


def lock_lists(child_id: int) -> None:
    """Take the locks of a child's waiting lists in one order, so that two who need them never block each other; internal."""
    waiting = sa.select(Application.facility_id).where(Application.child_id == child_id, Application.state.in_(OPEN))
    for number in sorted(set(db.session.scalars(waiting.limit(MANY)))):
        lock("list", number)


def arrive(
    application: Application, child: families.ChildFacts, code: str, class_age: int, policy: policies.Policy,
    paper: Mapping[str, str | int] | None = None,
) -> Entry:  # fmt: skip
    """Put a new application at the end of its centre's order of arrival, under its rule; internal to the services that asked.

    With `paper` (batch, number, original day) it comes from a paper list, which stands before all who applied here.
    """
    lock("list", application.facility_id)
    today = scope.current().on_date
    entry = Entry(
        facility_id=application.facility_id, application_id=application.id, pseudonym=secrets.token_hex(16),
        list_name=f"{code}/{rules.list_name(class_age, application.wanted_from, today)}", arrival=_last(application.facility_id) + 1,
        class_age=class_age, wanted_from=application.wanted_from, year_turned=rules.school_year(today),
        tier=rules.LAST_TIER, points=0, rank_tier=0, policy_id="",
    )  # fmt: skip
    state_rule(entry.facility_id, entry.list_name, policy)
    found = _judge(entry, application, policy)
    entry.cohort = 1 if paper is None else 0
    entry.leaf_hash = step(entry, "apply" if paper is None else "migrate", **_sum(entry, application, child, found), **(paper or {}))
    db.session.add(entry)
    db.session.flush()
    return entry


def _last(facility_id: int) -> int:
    return db.session.scalar(sa.select(sa.func.max(Entry.arrival)).where(Entry.facility_id == facility_id)) or 0


def state_rule(facility_id: int, list_name: str, policy: policies.Policy) -> None:
    """Say in the log under which rule a list is, once for each rule; internal to the services that asked."""
    sha256 = hashlib.sha256(
        json.dumps(policy.value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()
    facts = {"policy_id": policy.id, "sha256": sha256, "holds_from": policy.valid_from}
    stated = insert(ListRule).values(facility_id=facility_id, list_name=list_name, **facts)
    new = db.session.scalar(
        stated.on_conflict_do_update(
            index_elements=["facility_id", "list_name"], set_=facts, where=ListRule.policy_id != policy.id,
        ).returning(ListRule.id)
    )  # fmt: skip
    if new is not None:
        log.append(
            "rule", facility_id, list=list_name, policy=policy.id, sha256=sha256, on=_today(),
            order="tier" if policy.value["cross_tier"] == "tier_then_sum" else "points", **{"from": policy.valid_from.isoformat()},
        )  # fmt: skip


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
    child = families.children([child_id]).get(child_id) if rows else None
    for entry, application in rows:
        assert child is not None  # the foreign key demands it
        judge(entry, application, child)


def judge(entry: Entry, application: Application, child: families.ChildFacts) -> None:
    """Judge one that waits by the rule of today; a step only when it changes its tier or points; internal to the services that asked."""
    before = (entry.tier, entry.points)
    found = _judge(entry, application, rule(application.facility_id, scope.current().on_date))
    if (entry.tier, entry.points) != before:
        db.session.flush()
        step(entry, "assess", **_sum(entry, application, child, found))


def _judge(entry: Entry, application: Application, policy: policies.Policy) -> rules.Assessment:
    found = rules.assess(claims_of(application), policy.value)
    entry.tier, entry.points, entry.policy_id = found.tier, found.points, policy.id
    entry.rank_tier = rules.order_key(found.tier, found.points, 0, policy.value)[0]
    return found


def _sum(entry: Entry, application: Application, child: families.ChildFacts, found: rules.Assessment) -> dict[str, Any]:
    """What a leaf says of points: the totals for everybody, who and why only as a commitment."""
    born = child.born_on or child.expected_on
    hidden = {
        "child": f"{child.name}\n{born.isoformat() if born else ''}",
        "criteria": " ".join(sorted(line.code for line in found.lines if line.counted)),
        "wanted": application.wanted_from.isoformat(),
    }
    return {
        "tier": entry.tier, "points": entry.points, "policy": entry.policy_id,
        "commit": log.commit(entry.facility_id, entry.pseudonym, hidden),
    }  # fmt: skip


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


def move(
    application: Application, state: str, kind: str, *, answer_by: date | None = None, leave: bool = False, note: str = "", **facts: Any
) -> None:
    """Move an application with its entry to a state, on record; `leave` ends it; internal to the services that asked."""
    lock("list", application.facility_id)
    entry = entry_of(application)
    application.state, application.note, application.answer_by = state, note, answer_by
    application.closed_at = sa.func.clock_timestamp() if leave else None
    entry.state = state
    db.session.flush()
    step(entry, kind, **facts)
    if leave:
        log.ended(entry.pseudonym)


def back(application: Application, kind: str, **facts: Any) -> None:
    """An offer ended without the place: the entry waits again behind all of its points; internal to the services that asked."""
    lock("list", application.facility_id)
    entry = entry_of(application)
    last = _last(application.facility_id)
    application.state, application.answer_by, application.vacancy_id = "waiting", None, None
    entry.state, entry.arrival = "waiting", last + 1
    entry.leaf_hash = step(entry, kind, then="back", **facts)
    db.session.flush()


def entry_of(application: Application) -> Entry:
    """The place in line of an application; internal, it reads."""
    return db.session.scalars(sa.select(Entry).where(Entry.application_id == application.id)).one()


def step(entry: Entry, kind: str, **facts: Any) -> bytes:
    """Put a step of a list on record, by pseudonym; gives the leaf's hash; internal to the services that asked."""
    return log.append(kind, entry.facility_id, list=entry.list_name, entry=entry.pseudonym, on=_today(), **facts)


def _today() -> str:
    return scope.current().on_date.isoformat()
