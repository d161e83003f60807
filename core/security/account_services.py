"""What officers do with accounts: issue, give and end posts, suspend, re-enable, unlock, new link (F-42).

Each act asks for its permission, takes a reason that stands in the change history, and leaves the commit to
its caller. Changing a role, leaving and suspending end the person's sessions: the database does that (core_0003).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import ClassVar
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from core.db.base import db
from core.errors import Refusal
from core.security import approvals, links, notices, places, roles
from core.security import scope as scopes
from core.security.access import require
from core.security.accounts import EVERYWHERE, Account, Post
from core.security.post_services import BadDays, PostTwice, end, give, hand_over
from core.security.reach import OwnAccount, WrongState, account_within
from core.security.reasons import because
from core.text import _

__all__ = [
    "BadDays",
    "BadLogin",
    "Issued",
    "LoginTaken",
    "OwnAccount",
    "PostTwice",
    "WrongState",
    "enable",
    "end",
    "give",
    "hand_over",
    "issue",
    "leave",
    "new_link",
    "suspend",
    "unlock",
]

_LOGIN = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*")


class BadLogin(Refusal):
    """An account ID has a form that is mistyped easily."""

    code: ClassVar[str] = "account.bad-login"
    http: ClassVar[int] = 422


class LoginTaken(Refusal):
    """Somebody has this account ID."""

    code: ClassVar[str] = "account.login-taken"


@dataclass(frozen=True)
class Issued:
    """A new account; `token` is shown once, to be handed over as `/activate/<token>`.

    Either `post` holds, or it is an officer's and `waiting` is the request for it.
    """

    account: Account
    token: str
    post: Post | None
    waiting: approvals.Approval | None


def issue(
    *,
    login: str,
    name: str,
    role: str,
    place: int,
    reason: str,
    language: str = "en",
    email: str | None = None,
    first_day: date | None = None,
) -> Issued:
    """Issue a person's account with its first post and the link to choose a password (S1-207, S1-238)."""
    require("core.account.create", at=place)
    wanted = roles.book.get(role)
    roles.check_place(wanted, place)
    roles.check_giver(wanted)
    words = because(reason)
    account = Account(
        login=good_login(login),
        name=" ".join(name.split()),
        email=email,
        language=language,
        fs_uniquifier=uuid4().hex,
        region_no=places.region_of(place) or EVERYWHERE,
    )
    try:
        with db.session.begin_nested():
            db.session.add(account)
            db.session.flush()
    except IntegrityError:
        raise LoginTaken(
            _("The account ID %(login)s is taken: choose another one.", login=account.login)
        ) from None
    given = give(account.id, role=role, place=place, first_day=first_day, reason=words)
    token = links.make(account, "activate")
    if isinstance(given, Post):
        return Issued(account, token, given, None)
    return Issued(account, token, None, given)


def suspend(account_id: int, *, reason: str) -> None:
    """Stop an account at once; posts stay for the day it is enabled again."""
    account = account_within(account_id, "core.account.suspend", "active")
    because(reason)
    account.state, account.suspended_because = "suspended", "officer"
    db.session.flush()
    notices.tell(account.id, "account.suspended", place=account.region_no)


def enable(account_id: int, *, reason: str) -> None:
    """Let a suspended account in again, also one suspended for disuse: only district or city (S1-225)."""
    account = account_within(account_id, "core.account.enable", "suspended")
    because(reason)
    account.state, account.suspended_because = "active", ""
    account.active_since = datetime.now(UTC)  # else the next day's check would suspend it again
    db.session.flush()
    notices.tell(account.id, "account.enabled", place=account.region_no)


def unlock(account_id: int, *, reason: str) -> None:
    """End the waiting time after failures before it ends by itself (S1-223)."""
    account = account_within(account_id, "core.account.unlock", "active")
    because(reason)
    account.failed_logins, account.locked_until = 0, None
    db.session.flush()


def leave(account_id: int, *, reason: str) -> None:
    """Close the account of a person who has left, and end all posts here; nobody else ever gets it (S1-206).

    Its contacts go with it: the database does that (core_0008).
    """
    account = account_within(account_id, "core.account.suspend", "active", "suspended")
    because(reason)
    today = scopes.current().on_date
    for post in db.session.scalars(sa.select(Post).where(Post.account_id == account.id)):
        if post.last_day is None or post.last_day >= today:
            end(post.id, reason=reason)
    account.state, account.suspended_because = "left", ""
    db.session.flush()


def new_link(account_id: int, *, reason: str) -> str | approvals.Approval:
    """A new link to choose a password (S1-220).

    At once for a person who never had one, else after a second officer has agreed.
    """
    account = account_within(account_id, "core.account.unlock", "active")
    words = because(reason)
    if account.activated_at is None:
        return links.make(account, "activate")
    asked = approvals.ask("core.account.reset", at=account.region_no, subject=str(account.id), reason=words)
    notices.tell(account.id, "reset.started", place=account.region_no)
    return asked


@approvals.act("core.account.reset", permission="core.account.approve", title=_("New password"))
def _reset_agreed(request: approvals.Approval) -> str:
    """The second officer hands the link over; the old password stops with its use."""
    return links.make(account_within(int(request.subject), "core.account.approve", "active"), "reset")


def good_login(login: str) -> str:
    """The account ID as it is kept, or `BadLogin`."""
    wanted = login.strip().lower()
    if not 3 <= len(wanted) <= 40 or not _LOGIN.fullmatch(wanted):
        raise BadLogin(
            _("An account ID has 3 to 40 letters a–z, digits, dots or dashes, and begins with a letter.")
        )
    return wanted
