"""The account everything begins with: an administrator of the whole installation, issued from the server's own command line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar
from uuid import uuid4

import sqlalchemy as sa

from core.db.base import db
from core.errors import Refusal
from core.security import account_services, links
from core.security import scope as scopes
from core.security.accounts import EVERYWHERE, Account, Post

ROLE = "administrator"


class NotTheFirst(Refusal):
    """Somebody administers this installation already."""

    code: ClassVar[str] = "account.not-the-first"


def first_administrator(login: str, name: str, language: str) -> str:
    """Issue the account with its post everywhere; gives the token of the link with which its owner chooses a password.

    Only while there is no other: later administrators are issued by two officers on the accounts page. A first one whose
    link grew old gets a new link by asking again with the same login.
    """
    with scopes.system("the first administrator"):
        known = db.session.scalar(
            sa.select(Account).join(Post, Post.account_id == Account.id)
            .where(Post.role == ROLE, Post.place_no == EVERYWHERE).limit(1)
        )  # fmt: skip
        wanted = account_services.good_login(login)
        if known is not None and (known.login != wanted or known.activated_at is not None):
            raise NotTheFirst(
                f"{known.login} administers this installation already and can issue accounts in the office."
            )
        account = known or _issued(wanted, name, language)
        token = links.make(account, "activate")
        db.session.commit()
    return token


def _issued(login: str, name: str, language: str) -> Account:
    account = Account(
        login=login, name=" ".join(name.split()) or login, language=language, fs_uniquifier=uuid4().hex,
        region_no=EVERYWHERE,
    )  # fmt: skip
    db.session.add(account)
    db.session.flush()
    today = datetime.now(UTC).date()
    db.session.add(
        Post(account_id=account.id, role=ROLE, place_no=EVERYWHERE, first_day=today, reason="first administrator")
    )
    return account
