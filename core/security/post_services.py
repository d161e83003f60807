"""What officers do with posts: give a role at a place, end it, hand it over (S1-222, S1-238).

Each act asks for its permission, takes a reason that stands in the change history, and leaves the commit to its caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from sqlalchemy.exc import IntegrityError

from core.db.base import db
from core.errors import NotFound, Refusal
from core.security import approvals, notices, roles
from core.security import scope as scopes
from core.security.access import require
from core.security.accounts import Post
from core.security.reach import OwnAccount, account_within
from core.security.reasons import because
from core.text import _


class PostTwice(Refusal):
    """The person holds this role at this place on one of these days already."""

    code: ClassVar[str] = "post.twice"


class BadDays(Refusal):
    """A post would end before it begins."""

    code: ClassVar[str] = "post.bad-days"
    http: ClassVar[int] = 422


def give(
    account_id: int,
    *,
    role: str,
    place: int,
    reason: str,
    first_day: date | None = None,
    last_day: date | None = None,
    extra: Sequence[int] = (),
) -> Post | approvals.Approval:
    """Give a person a role at a place.

    A facility's role holds at once, an officer's waits for a second officer.
    """
    return _give(
        account_id, role=role, place=place, reason=reason, first_day=first_day, last_day=last_day, extra=extra
    )


def _give(
    account_id: int, *, role: str, place: int, reason: str, first_day: date | None = None, last_day: date | None = None,
    extra: Sequence[int] = (), instead_of: int | None = None,
) -> Post | approvals.Approval:  # fmt: skip
    """Give, and end the post `instead_of` when the new one holds: at once, or with the second officer's word."""
    wanted = _may_give(account_id, role, place, extra)
    words = because(reason)
    start = first_day or scopes.current().on_date
    if last_day is not None and last_day < start:
        raise BadDays(_("The post would end before it begins."))
    facts = {
        "account": account_id,
        "role": role,
        "place": place,
        "first_day": start.isoformat(),
        "last_day": last_day.isoformat() if last_day else None,
        "extra": list(extra),
        "instead_of": instead_of,
    }
    if wanted.officer and scopes.current().kind == "user":
        return approvals.ask(
            "core.post.give", at=place, subject=f"{account_id}:{role}", facts=facts, reason=words
        )
    return _put_in_post(facts, words)


def end(post_id: int, *, reason: str, last_day: date | None = None) -> None:
    """End a post: after `last_day`, by default at once."""
    post = db.session.get(Post, post_id)
    if post is None:
        raise NotFound(_("There is no such post here."))
    require("core.post.update", at=post.place_no)
    roles.check_giver(roles.book.get(post.role))
    because(reason)
    final = last_day or scopes.current().on_date - timedelta(days=1)
    if final < post.first_day:
        db.session.delete(post)  # it never held; the history keeps it
    else:
        post.last_day = final
    db.session.flush()


def hand_over(post_id: int, *, to_account: int, first_day: date, reason: str) -> Post | approvals.Approval:
    """Let another person take over a post from a day, e.g. a new head (S1-222): never a renamed account.

    The former post ends the day before, when the new one holds: an officer's only with the second officer's word. Both
    people are told.
    """
    post = db.session.get(Post, post_id)
    if post is None:
        raise NotFound(_("There is no such post here."))
    require("core.post.update", at=post.place_no)
    return _give(
        to_account, role=post.role, place=post.place_no, first_day=first_day, extra=post.extra, reason=reason,
        instead_of=post_id,
    )  # fmt: skip


@approvals.act("core.post.give", permission="core.post.approve", title=_("Give a post"))
def _give_agreed(request: approvals.Approval) -> Post:
    facts = request.facts
    _may_give(facts["account"], facts["role"], facts["place"], facts["extra"])
    return _put_in_post(facts, request.reason)


def _may_give(account_id: int, role: str, place: int, extra: Sequence[int]) -> roles.Role:
    require("core.post.create", at=place)
    wanted = roles.book.get(role)
    roles.check_place(wanted, place)
    roles.check_giver(wanted)
    for number in extra:
        require("core.post.create", at=number)
        roles.check_place(wanted, number)
    if account_id == scopes.current().account_id:
        raise OwnAccount(_("Nobody gives a role to themselves: ask another officer."))
    account_within(account_id, "core.post.create", "active", "suspended")
    return wanted


def _put_in_post(facts: dict[str, Any], reason: str) -> Post:
    post = Post(
        account_id=facts["account"],
        role=facts["role"],
        place_no=facts["place"],
        extra=list(facts["extra"]),
        first_day=date.fromisoformat(facts["first_day"]),
        reason=reason,
        last_day=date.fromisoformat(facts["last_day"]) if facts["last_day"] else None,
    )
    try:
        with db.session.begin_nested():
            db.session.add(post)
            db.session.flush()
    except IntegrityError:
        raise PostTwice(
            _("This person holds the role %(role)s there already on these days.", role=post.role)
        ) from None
    if facts.get("instead_of"):
        _end_former(facts["instead_of"], post, reason)
    return post


def _end_former(post_id: int, new: Post, reason: str) -> None:
    former = db.session.get(Post, post_id)
    if former is None:
        raise NotFound(_("There is no such post here."))
    people, final = (former.account_id, new.account_id), new.first_day - timedelta(days=1)
    if former.last_day is None or former.last_day > final:
        end(post_id, last_day=final, reason=reason)
    for account_id in people:
        notices.tell(account_id, "roles.handed_over", place=new.place_no, day=new.first_day.isoformat())
