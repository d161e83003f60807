"""Guardians: their contacts by themselves, their rights by a court's decision through the district (F-55)."""

from __future__ import annotations

from typing import ClassVar

import sqlalchemy as sa

from core.sdk import NotFound, Refusal, _, because, db, publish, require, scope
from modules.families.events import GuardianBarred
from modules.families.models import Guardian, Membership
from modules.families.services import persons
from modules.families.services.founding import relation

MAX_GUARDIANS = 10


class BadGuardian(Refusal):
    """A change of a guardian that makes no sense."""

    code: ClassVar[str] = "family.bad-guardian"


def guardian_of(number: int) -> Guardian:
    """A guardian one may see, or `NotFound`."""
    require("families.guardian.read")
    found = db.session.get(Guardian, number)
    if found is None:
        raise NotFound(_("There is no such guardian here."))
    return found


def guardians(family_id: int) -> list[Guardian]:
    """All guardians of a family, barred ones too."""
    require("families.guardian.read")
    query = sa.select(Guardian).where(Guardian.family_id == family_id).order_by(Guardian.id).limit(MAX_GUARDIANS)
    return list(db.session.scalars(query))


def correct_guardian(found: Guardian, *, name: str, relation_to_child: str, phone: str, email: str, postal: str,
                     language: str) -> Guardian:  # fmt: skip
    """Correct a guardian's name and contacts; whom a notice did not reach mends it here (S1-234)."""
    require("families.guardian.update")
    if found.barred_on is not None:
        raise BadGuardian(_("This guardian has no rights any more: only the district changes the record."))
    found.name, found.relation = persons.name(name), relation(relation_to_child)
    found.phone, found.email = persons.phone(phone, found.region_no), persons.email(email)
    found.postal, found.language = persons.text(postal), language
    db.session.flush()
    return found


def bar(found: Guardian, *, reason: str) -> None:
    """Take a guardian's rights away by a court's decision: the account sees and does nothing of the family from now on.

    The court's file number belongs in the reason. The last guardian is barred only after another came.
    """
    require("families.guardian.bar", at=found.region_no)
    words = because(reason)
    if found.barred_on is not None:
        raise BadGuardian(_("This guardian's rights were taken away already."))
    others = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(Guardian)
        .where(Guardian.family_id == found.family_id, Guardian.id != found.id, Guardian.barred_on.is_(None))
    )
    if not others:
        raise BadGuardian(_("The children would have nobody to act for them: enter the other guardian first."))
    today = scope.current().on_date
    found.barred_on, found.barred_because = today, words
    for one in db.session.scalars(
        sa.select(Membership).where(Membership.guardian_id == found.id, Membership.ends_on.is_(None))
    ):
        one.ends_on = today
    db.session.flush()
    publish(GuardianBarred(found.family_id, found.id), place=found.region_no)
