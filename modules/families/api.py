"""What other modules may ask of families: a child's facts, who acts for it, and to let a centre see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from core.sdk import add_questions, db
from modules.families import words
from modules.families.models import Child, Consent
from modules.families.models.ways import MINE as OF_FAMILY
from modules.families.models.ways import OF_SHARED_CHILD
from modules.families.questions import FamilyQuestions, Moment, Taken
from modules.families.services.children import child_of
from modules.families.services.consenting import consent, purposes
from modules.families.services.founding import mine
from modules.families.services.papers import papers_of
from modules.families.services.sharing import share, unshare
from modules.families.services.telling import Contact, contacts, tell_family

#: `OF_FAMILY` makes a table with a `family_id` the family's own, `OF_SHARED_CHILD` lets centres read rows of a `child_id`.
__all__ = [
    "OF_FAMILY",
    "OF_SHARED_CHILD",
    "Asked",
    "ChildFacts",
    "Contact",
    "Moment",
    "Taken",
    "asked_consents",
    "children",
    "consent_to",
    "contacts",
    "missing_consents",
    "own_children",
    "paper_title",
    "papers",
    "share",
    "tell_family",
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

    @property
    def called(self) -> str:
        """The name, or in words of the reader that the child is not born yet."""
        return words.called(self.name)


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


@dataclass(frozen=True)
class Asked:
    """One consent as a family is asked for it: what it says, what happens without it, and since when it stands."""

    purpose: str
    says: str
    without: str
    required: bool
    given_at: datetime | None


def asked_consents(child_id: int, place: int) -> list[Asked]:
    """What a family is asked to consent to for a child at a place, each by itself."""
    rows = db.session.execute(
        sa.select(Consent.purpose, Consent.given_at).where(Consent.child_id == child_id, Consent.withdrawn_at.is_(None)).limit(50)
    )
    given = {row.purpose: row.given_at for row in rows}
    return [
        Asked(purpose, str(words.consent(purpose)), str(words.CONSENTS[purpose][1]) if purpose in words.CONSENTS else "", must,
              given.get(purpose))
        for purpose, must in purposes(place).items()
    ]  # fmt: skip


def consent_to(child_id: int, purpose: str) -> None:
    """The person signed in consents to one thing for one of their children; the caller commits."""
    consent(child_of(child_id), purpose)


def papers(child_id: int) -> dict[str, str]:
    """Kinds of papers a family has handed in or shown → the best state one of that kind has."""
    best: dict[str, str] = {}
    for one in papers_of(child_id):
        if one.kind not in best or one.status == "accepted" or best[one.kind] == "refused":
            best[one.kind] = one.status
    return best


def paper_title(kind: str) -> str:
    """What a kind of paper is called."""
    return str(words.paper(kind))
