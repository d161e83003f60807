"""How far an officer reaches: which accounts they may act on, and why not (F-42)."""

from __future__ import annotations

from typing import ClassVar

import sqlalchemy as sa

from core.db.base import db
from core.errors import NotFound, Refusal
from core.security import roles
from core.security import scope as scopes
from core.security.access import require
from core.security.accounts import Account, Post
from core.text import _


class WrongState(Refusal):
    """The account is in a state in which the act makes no sense."""

    code: ClassVar[str] = "account.wrong-state"


class OwnAccount(Refusal):
    """An officer wanted to change their own rights."""

    code: ClassVar[str] = "account.own"
    http: ClassVar[int] = 403


def account_within(account_id: int, permission: str, *states: str) -> Account:
    """The account, if it is in one's scope, the permission is given there and its state allows the act."""
    account: Account | None = db.session.scalar(
        sa.select(Account).where(Account.id == account_id).with_for_update()
    )
    if account is None:
        raise NotFound(_("There is no such account here. Another district or city may look after it."))
    require(permission, at=account.region_no)
    if account.id == scopes.current().account_id and permission != "core.post.create":
        raise OwnAccount(_("Nobody does this to their own account: ask another officer."))
    if permission != "core.post.create":
        _check_reach(account.id)
    if account.state not in states:
        raise WrongState(_("The account is %(state)s: this cannot be done with it now.", state=account.state))
    return account


def _check_reach(account_id: int) -> None:
    """Refuse acts on somebody who works elsewhere too or in a role as wide as one's own.

    Else two officers of a district could reset the password of a city's officer whose account began there.
    """
    me = scopes.current()
    if me.kind == "system":
        return
    with scopes.system("see which posts an account holds"):
        held = db.session.execute(
            sa.select(Post.role, Post.place_no).where(
                Post.account_id == account_id, sa.or_(Post.last_day.is_(None), Post.last_day >= me.on_date)
            )
        ).all()
    for role, place in held:
        if not me.covers(place):
            raise roles.NotYours(
                _("This person also works at a place outside your post: ask the officer of the level above.")
            )
        roles.check_giver(roles.book.get(role))
