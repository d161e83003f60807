"""A family without children that its founder gives up for one a counter entered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

import sqlalchemy as sa

from core.sdk import Refusal, _, db
from modules.families.models import Child, Family, Guardian, Invitation, Membership, Request
from modules.families.services.guarding import MAX_GUARDIANS


class TwoFamilies(Refusal):
    """The person's own family is one already: two such families are not made one by a click."""

    code: ClassVar[str] = "family.two-families"


def dissolve_into(guardian: Guardian, account_id: int) -> None:
    """End the account's own family, if there is one without children: its guardians and questions come over.

    Raises `TwoFamilies` when it has children, when somebody else acts for it too, or when a bar would get lost; internal to
    `take_over`, in the system's session and under the lock of the account.
    """
    mine = db.session.scalars(
        sa.select(Membership).where(Membership.account_id == account_id, Membership.ends_on.is_(None)).limit(2)
    ).all()
    if not mine:
        return
    number = int(mine[0].family_id)
    # Entering a child takes this lock too: none is entered between the look and the end.
    db.session.execute(sa.select(Family.id).where(Family.id == number).with_for_update())
    _check_alone(number, account_id, families=len(mine))
    own, rest = _guardians(number, int(mine[0].guardian_id))
    for field in ("phone", "email", "postal"):  # what the counter did not ask for
        setattr(guardian, field, getattr(guardian, field) or getattr(own, field))
    guardian.language = own.language
    _move(number, guardian, rest)
    db.session.flush()
    db.session.execute(sa.delete(Family).where(Family.id == number))
    db.session.expire_all()


def own_is_empty(account_id: int) -> bool:
    """Whether nothing of an own family stands in the way, as far as the page can say beforehand; internal, it reads."""
    mine = sa.select(Membership.family_id).where(Membership.account_id == account_id, Membership.ends_on.is_(None))
    return not db.session.scalar(sa.select(sa.exists().where(Child.family_id.in_(mine))))


def _check_alone(number: int, account_id: int, *, families: int) -> None:
    if families > 1 or db.session.scalar(sa.select(sa.exists().where(Child.family_id == number))):
        raise TwoFamilies(_("You entered children yourself already. Ask the district to join the two families."))
    others = sa.exists().where(
        Membership.family_id == number, Membership.account_id != account_id, Membership.ends_on.is_(None)
    )
    if db.session.scalar(sa.select(others)):
        raise TwoFamilies(_("Somebody else acts for your family too. Ask the district to join the two families."))


def _guardians(number: int, own_id: int) -> tuple[Guardian, list[Guardian]]:
    query = sa.select(Guardian).where(Guardian.family_id == number).order_by(Guardian.id).limit(MAX_GUARDIANS)
    found = list(db.session.scalars(query))
    return next(one for one in found if one.id == own_id), [one for one in found if one.id != own_id]


def _move(number: int, into: Guardian, rest: list[Guardian]) -> None:
    query = sa.select(Guardian.name).where(Guardian.family_id == into.family_id).limit(MAX_GUARDIANS)
    there = set(db.session.scalars(query))
    moving = [one for one in rest if one.name not in there]
    lost = any(one.barred_on is not None for one in rest if one.name in there)
    if lost or len(there) + len(moving) > MAX_GUARDIANS:
        raise TwoFamilies(_("The guardians of the two families do not go together. Ask the district."))
    home = {"family_id": into.family_id, "region_no": into.region_no}
    numbers = [one.id for one in moving]
    db.session.execute(sa.update(Guardian).where(Guardian.id.in_(numbers)).values(**home))
    db.session.execute(sa.update(Request).where(Request.family_id == number).values(**home))
    db.session.execute(  # nobody comes in by a link made for the other family
        sa.update(Invitation)
        .where(Invitation.guardian_id.in_(numbers))
        .values(**home, expires_at=sa.func.least(Invitation.expires_at, datetime.now(UTC)))
    )
