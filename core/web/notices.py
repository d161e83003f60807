"""Notices of core on their way out: one event through the outbox, and the letters a receiver makes of it.

A module that sends messages receives `NoticeRaised` and keeps `compose(happened, instead=…)`, the words with something in
place of the code or link, and `reference(happened)`; when it sends, `secret_behind` gives what belongs there, the same
however often it asks.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask

from core.db.base import db
from core.host.running import running
from core.jobs import handlers
from core.jobs.events import event, publish
from core.security import codes, contacts, links, notices
from core.security.accounts import Account
from core.security.addresses import Address
from core.security.registering import Registration
from core.web import i18n, notice_texts
from core.web.outside import site


@event
class NoticeRaised:
    """Somebody is to be told something about their account; `kind` is one of `core.security.notices.KINDS`.

    `account_id` is None for who has none yet; facts are ids and plain words, never a secret.
    """

    account_id: int | None
    kind: str
    facts: tuple[tuple[str, str], ...]

    def fact(self, name: str) -> str | None:
        """One of the facts."""
        return dict(self.facts).get(name)


@dataclass(frozen=True, repr=False)
class NoticeLetter:
    """A notice as one address is to get it, in the person's language; never log it: `text` may hold a secret."""

    address: Address
    name: str
    language: str
    subject: str
    text: str
    secret: bool


def install(app: Flask) -> None:
    """Let core's notices leave by the outbox; where no real people are, into a letter box on disk."""
    notices.sent_by(_publish)
    if running(app).settings.env != "prod":
        handlers.also(app, "core.web.post_box")


def _publish(account_id: int | None, kind: str, facts: notices.Facts, place: int | None) -> None:
    publish(NoticeRaised(account_id, kind, facts), place=place)


def compose(happened: NoticeRaised, *, instead: str | None = None) -> list[NoticeLetter]:
    """The letters of a notice, one for each address it goes to; none when it is too late or nobody is left.

    In the system's session. Without `instead` the code or link itself stands in the text: send it at once and keep it
    nowhere. `instead` stands in its place in words that are kept.
    """
    secret = secret_of(happened) if instead is None else instead
    if secret is None:
        return []
    if happened.account_id is None:
        return _to_stranger(happened, secret)
    account = db.session.execute(
        sa.select(Account.name, Account.language, Account.login).where(Account.id == happened.account_id)
    ).one_or_none()
    if account is None:
        return []
    only, but = happened.fact("contact"), happened.fact("but")
    known = contacts.confirmed(happened.account_id)
    wanted = [one.address for one in (_one(happened, only) if only else known) if str(one.id) != but]
    # Who registered never chose the account ID and knows the account by the address.
    called = next((one.masked for one in known if one.signs_in), account.login)
    facts = dict(happened.facts) | {"name": account.name, "login": called}
    return [_letter(happened.kind, to, account.name, account.language, facts, secret) for to in wanted]


def secret_of(happened: NoticeRaised) -> str | None:
    """The code or the link that belongs into this notice, "" if it needs none, None if it is too late for it."""
    known = reference(happened)
    return secret_behind(known) if known else ""


def reference(happened: NoticeRaised) -> str:
    """What a receiver may keep in place of the secret: `account-code:12` or `account-link:34`; "" if there is none."""
    if happened.kind not in notices.SECRET:
        return ""
    name = "code" if happened.kind.endswith(".code") else "link"
    return f"account-{name}:{int(happened.fact(name) or 0)}"


def secret_behind(known: str) -> str | None:
    """The code or link a `reference` stands for, to be sent now; None when it is too late, or for anything else.

    In the system's session.
    """
    kind, _colon, number = known.partition(":")
    if not number.isdecimal() or len(number) > 18:
        return None
    if kind == "account-code":
        return codes.text_of(int(number))
    token = links.token_of(int(number)) if kind == "account-link" else None
    if token is None:
        return None
    return f"{site()}/{'unlock' if links.purpose_of(int(number)) == 'unlock' else 'activate'}/{token}"


def _one(happened: NoticeRaised, number: str) -> list[contacts.Contact]:
    found = db.session.get(contacts.Contact, int(number))
    return [found] if found is not None and found.account_id == happened.account_id else []


def _to_stranger(happened: NoticeRaised, secret: str) -> list[NoticeLetter]:
    row = db.session.get(Registration, int(happened.fact("registration") or 0))
    if row is None:
        return []
    facts = dict(happened.facts) | {"name": row.name}
    return [_letter(happened.kind, row.address, row.name, row.language, facts, secret)]


def _letter(
    kind: str, to: Address, name: str, language: str, facts: dict[str, str], secret: str
) -> NoticeLetter:
    with i18n.speaking(language):
        subject, text = notice_texts.of(kind, facts, secret)
        return NoticeLetter(to, name, language, str(subject), str(text), kind in notices.SECRET)
