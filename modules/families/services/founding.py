"""A person's family begins with the person: founded once, found again by the account."""

from __future__ import annotations

from typing import ClassVar

import sqlalchemy as sa

from core.sdk import Refusal, _, db, require, scope
from modules.families.models import Family, Guardian, Membership
from modules.families.models.family import RELATIONS
from modules.families.services import persons


class BadRelation(Refusal):
    """A relation to the child that is none of the known ones."""

    code: ClassVar[str] = "family.bad-relation"
    http: ClassVar[int] = 422


def relation(given: str) -> str:
    """One of `RELATIONS`, or a refusal."""
    if given not in RELATIONS:
        raise BadRelation(_("Choose what the person is to the child."))
    return given


def mine() -> Family | None:
    """The family the person signed in acts for; somebody with several sees the oldest first."""
    require("families.family.read")
    me = scope.current().account_id
    return db.session.scalar(
        sa.select(Family)
        .join(Membership, Membership.family_id == Family.id)
        .where(Membership.account_id == me, Membership.ends_on.is_(None))
        .order_by(Family.id)
        .limit(1)
    )


def found(*, name: str, relation_to_child: str, phone: str = "", email: str = "") -> int:
    """Begin a family with the person signed in as its guardian; gives its number, the same one when asked again. Commits.

    Nobody is inside a family that does not exist yet, so the system writes its first rows.
    """
    require("families.family.found")
    who, region = scope.current(), scope.current().place
    if who.account_id is None or region is None:
        raise Refusal(_("Sign in as a parent or guardian to begin a family."))
    facts = {
        "name": persons.name(name), "relation": relation(relation_to_child), "phone": persons.phone(phone, region),
        "email": persons.email(email), "language": who.language,
    }  # fmt: skip
    with scope.system("a person begins a family"):
        db.session.execute(sa.text("select pg_advisory_xact_lock(hashtext(:key))"), {"key": f"family:{who.account_id}"})
        there = db.session.scalar(
            sa.select(Membership.family_id).where(
                Membership.account_id == who.account_id, Membership.ends_on.is_(None)
            )
        )
        if there is not None:  # a double click, or another tab
            return int(there)
        family = Family(region_no=region)
        db.session.add(family)
        db.session.flush()
        guardian = Guardian(family_id=family.id, region_no=region, **facts)
        db.session.add(guardian)
        db.session.flush()
        db.session.add(
            Membership(
                family_id=family.id, guardian_id=guardian.id, account_id=who.account_id, region_no=region,
                since=who.on_date,
            )
        )  # fmt: skip
        number = family.id
        db.session.commit()
    return int(number)
