"""Consents: each given by itself for one child, never beforehand, withdrawn as easily (S1-123, S1-124, F-51)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import NotFound, Refusal, _, db, policies, publish, require, scope
from modules.families.events import ConsentWithdrawn
from modules.families.models import Child, Consent, Guardian, Membership

KEY = "families.consents.kinds"


class BadConsent(Refusal):
    """A consent that cannot be given this way."""

    code: ClassVar[str] = "family.bad-consent"
    http: ClassVar[int] = 422


def purposes(place: int) -> dict[str, bool]:
    """What families are asked to consent to at a place → whether care is impossible without it; in the policy's order."""
    value = policies.resolve(KEY, place=place, on=scope.current().on_date).value
    return {one["purpose"]: bool(one["required"]) for one in value["purposes"]}


def consent(child: Child, purpose: str) -> Consent:
    """The guardian signed in consents; asked again it stays the one consent."""
    require("families.consent.give")
    me = db.session.scalar(
        sa.select(Guardian)
        .join(Membership, Membership.guardian_id == Guardian.id)
        .where(
            Membership.account_id == scope.current().account_id, Membership.family_id == child.family_id,
            Membership.ends_on.is_(None),
        )
    )  # fmt: skip
    if me is None:
        raise BadConsent(_("Only a guardian of the child can consent."))
    return _given(child, me, purpose, "online")


def record_paper_consent(child: Child, guardian: Guardian, purpose: str, *, facility_id: int) -> Consent:
    """The centre's people record what a guardian signed on paper (S1-124)."""
    require("families.consent.record", at=facility_id)
    if guardian.family_id != child.family_id or guardian.barred_on is not None:
        raise BadConsent(_("Only a guardian of the child can consent."))
    child_id, guardian_id = child.id, guardian.id
    with scope.system("a consent on paper was recorded at the counter"):
        number = _given(
            db.session.get_one(Child, child_id), db.session.get_one(Guardian, guardian_id), purpose, "paper"
        ).id
        db.session.commit()
    return db.session.get_one(Consent, number)


def withdraw_consent(found: Consent) -> None:
    """The guardian signed in takes a consent back; what was done until then stays lawful."""
    require("families.consent.withdraw")
    if found.withdrawn_at is not None:
        return
    found.withdrawn_at = datetime.now(UTC)
    db.session.flush()
    publish(ConsentWithdrawn(found.child_id, found.purpose), place=found.region_no)


def standing(child_id: int) -> dict[str, Consent]:
    """The consents in force for a child, by purpose."""
    require("families.consent.read")
    rows = db.session.scalars(
        sa.select(Consent).where(Consent.child_id == child_id, Consent.withdrawn_at.is_(None)).limit(50)
    )
    return {row.purpose: row for row in rows}


def own(number: int) -> Consent:
    """A consent one may see, or `NotFound`."""
    require("families.consent.read")
    found = db.session.get(Consent, number)
    if found is None:
        raise NotFound(_("There is no such consent here."))
    return found


def _given(child: Child, guardian: Guardian, purpose: str, channel: str) -> Consent:
    policy = policies.resolve(KEY, place=child.region_no, on=scope.current().on_date)
    if purpose not in {one["purpose"] for one in policy.value["purposes"]}:
        raise BadConsent(_("Nobody asks for this consent here."))
    there: Consent | None = db.session.scalar(
        sa.select(Consent).where(
            Consent.child_id == child.id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None)
        )
    )
    if there is not None:
        return there
    made = Consent(
        family_id=child.family_id, child_id=child.id, guardian_id=guardian.id, region_no=child.region_no, purpose=purpose,
        policy_id=policy.id, channel=channel,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made
