"""What other modules may ask of families: a child's facts, who acts for it, and to let a centre see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from core.sdk import add_questions, db
from modules.families import words
from modules.families.models import Child, Consent, Guardian, Membership
from modules.families.models.ways import MINE as OF_FAMILY
from modules.families.models.ways import OF_SHARED_CHILD
from modules.families.questions import FamilyQuestions, Moment, Taken
from modules.families.services.consenting import purposes
from modules.families.services.founding import mine
from modules.families.services.sharing import share, unshare

#: `OF_FAMILY` makes a table with a `family_id` the family's own, `OF_SHARED_CHILD` lets centres read rows of a `child_id`.
__all__ = [
    "OF_FAMILY",
    "OF_SHARED_CHILD",
    "ChildFacts",
    "Contact",
    "Moment",
    "Taken",
    "children",
    "contacts",
    "missing_consents",
    "own_children",
    "share",
    "unshare",
]


add_questions(FamilyQuestions)


@dataclass(frozen=True)
class ChildFacts:
    """A child as other modules know it."""

    id: int
    family_id: int
    region_no: int
    name: str
    born_on: date | None
    expected_on: date | None


@dataclass(frozen=True)
class Contact:
    """A guardian with rights, as a notice needs it."""

    guardian_id: int
    name: str
    language: str
    account_id: int | None
    phone: str
    email: str
    postal: str


def children(numbers: Iterable[int]) -> dict[int, ChildFacts]:
    """The facts of children by number, those the scope may see."""
    query = sa.select(
        Child.id, Child.family_id, Child.region_no, Child.name, Child.born_on, Child.expected_on
    ).where(Child.id.in_(list(numbers)))
    return {row.id: ChildFacts(*row) for row in db.session.execute(query)}


def own_children() -> list[ChildFacts]:
    """The children of the family the person signed in acts for."""
    ours = mine()
    query = sa.select(Child.id).where(Child.family_id == (ours.id if ours else 0)).order_by(Child.id).limit(20)
    return list(children(db.session.scalars(query)).values())


def missing_consents(child_id: int, place: int) -> list[str]:
    """What care at a place needs the family's consent to and has not, in words of the reader."""
    given = set(
        db.session.scalars(
            sa.select(Consent.purpose).where(Consent.child_id == child_id, Consent.withdrawn_at.is_(None)).limit(50)
        )
    )
    needed = [purpose for purpose, must in purposes(place).items() if must and purpose not in given]
    return [str(words.CONSENTS[purpose][0]) if purpose in words.CONSENTS else purpose for purpose in needed]


def contacts(family_id: int) -> list[Contact]:
    """The guardians of a family who still have their rights, those with an account first."""
    query = (
        sa.select(
            Guardian.id, Guardian.name, Guardian.language, Membership.account_id, Guardian.phone, Guardian.email,
            Guardian.postal,
        )
        .outerjoin(
            Membership, sa.and_(Membership.guardian_id == Guardian.id, Membership.ends_on.is_(None))
        )
        .where(Guardian.family_id == family_id, Guardian.barred_on.is_(None))
        .order_by(Membership.account_id.is_(None), Guardian.id)
        .limit(10)
    )  # fmt: skip
    return [Contact(*row) for row in db.session.execute(query)]
