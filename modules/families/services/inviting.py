"""How a guardian's own account comes to the family: by a link the other guardian or the counter hands over (F-55, S1-127)."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import Refusal, _, db, publish, require, scope
from modules.families.events import GuardianJoined
from modules.families.models import Child, Guardian, Invitation, Membership
from modules.families.services import persons
from modules.families.services.founding import relation
from modules.families.services.guarding import MAX_GUARDIANS, BadGuardian, guardian_of, guardians

LASTS = timedelta(days=7)


class BadInvitation(Refusal):
    """The link was used, is too old, was replaced, or is not for this person."""

    code: ClassVar[str] = "family.bad-invitation"


def add_guardian(family_id: int, *, name: str, relation_to_child: str, phone: str = "", email: str = "") -> Guardian:
    """Enter a further guardian of one's family; an account of its own comes by `invite`."""
    require("families.guardian.create")
    there = guardians(family_id)
    called = persons.name(name)
    if len(there) >= MAX_GUARDIANS:
        raise BadGuardian(_("A family has at most %(most)s guardians here.", most=MAX_GUARDIANS))
    double = next((one for one in there if one.name == called), None)
    if double is not None and double.barred_on is not None:
        raise BadGuardian(_("A court took this person's rights away: only the district changes the record."))
    if double is not None:
        raise BadGuardian(_("%(name)s is a guardian of the family already.", name=called))
    region = there[0].region_no
    made = Guardian(
        family_id=family_id, region_no=region, name=called, relation=relation(relation_to_child), phone=persons.phone(phone, region),
        email=persons.email(email), language=scope.current().language,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def invite(number: int, *, child_id: int | None = None, facility_id: int | None = None) -> str:
    """A token by which a guardian's own account joins, shown once; earlier ones stop working. Commits.

    Asked by another guardian of the family, or by a centre's people for a guardian of a child they see.
    """
    require("families.invitation.create", at=facility_id)
    guardian = guardian_of(number)
    if child_id is not None:
        child = db.session.get(Child, child_id)
        if child is None or child.family_id != guardian.family_id:
            raise BadInvitation(_("This guardian is none of this child's."))
    if guardian.barred_on is not None:
        raise BadInvitation(_("A court took this person's rights away: nobody can invite them."))
    token, now = secrets.token_urlsafe(24), datetime.now(UTC)
    facts = {"family_id": guardian.family_id, "guardian_id": guardian.id, "region_no": guardian.region_no}
    with scope.system("a guardian is invited to join the family"):
        if db.session.scalar(sa.select(_joined(number))):
            raise BadInvitation(_("This guardian has an account of their own already."))
        db.session.execute(
            sa.update(Invitation)
            .where(Invitation.guardian_id == number, Invitation.used_at.is_(None), Invitation.expires_at > now)
            .values(expires_at=now)
        )
        db.session.add(Invitation(**facts, token_hash=_hashed(token), made_at=now, expires_at=now + LASTS))
        db.session.commit()
    return token


def has_account(number: int) -> bool:
    """Whether a guardian acts with an account of their own."""
    require("families.guardian.read")
    with scope.system("whether a guardian has an account"):
        return bool(db.session.scalar(sa.select(_joined(number))))


def invited(token: str) -> str:
    """The name of the guardian a link is for, so that the person sees what they join. Raises `BadInvitation`."""
    require("families.family.found")
    with scope.system("look at an invitation"):
        found = _valid(token)
        return str(db.session.get_one(Guardian, found.guardian_id).name)


def join(token: str) -> int:
    """The person signed in acts for the family from now on as the guardian the link is for; gives the family. Commits."""
    require("families.family.found")
    who = scope.current()
    if who.account_id is None:
        raise BadInvitation(_("Sign in as a parent or guardian first."))
    with scope.system("a guardian joins the family"):
        found = _valid(token, lock=True)
        elsewhere = db.session.scalars(
            sa.select(Membership.family_id).where(Membership.account_id == who.account_id, Membership.ends_on.is_(None))
        ).all()
        if found.family_id in elsewhere:
            raise BadInvitation(_("You act for this family already. The link is for the other guardian."))
        if elsewhere:
            raise BadInvitation(_("You act for another family already. Ask the district to join the two."))
        barred = sa.exists().where(
            Membership.account_id == who.account_id, Membership.family_id == found.family_id,
            Membership.guardian_id == Guardian.id, Guardian.barred_on.is_not(None),
        )  # fmt: skip
        if db.session.scalar(sa.select(_joined(found.guardian_id) | barred)):
            raise BadInvitation(_("This link is not for you."))
        found.used_at = datetime.now(UTC)
        db.session.add(
            Membership(
                family_id=found.family_id, guardian_id=found.guardian_id, account_id=who.account_id,
                region_no=found.region_no, since=who.on_date,
            )
        )  # fmt: skip
        db.session.flush()
        number = int(found.family_id)
        publish(GuardianJoined(number, found.guardian_id), place=found.region_no)
        db.session.commit()
    return number


def _joined(number: int) -> sa.Exists:
    return sa.exists().where(Membership.guardian_id == number, Membership.ends_on.is_(None))


def _valid(token: str, *, lock: bool = False) -> Invitation:
    query = sa.select(Invitation).where(
        Invitation.token_hash == _hashed(token), Invitation.used_at.is_(None), Invitation.expires_at > datetime.now(UTC)
    )
    found: Invitation | None = db.session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise BadInvitation(_("This link was used already, is too old or was replaced. Ask for a new one."))
    return found


def _hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()
