"""What became of messages, for other modules' pages; and one's own messages with their unread mark (F-54)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from core.sdk import NotFound, _, allowed, db, keyset, require, scope
from modules.messaging import rules
from modules.messaging.models import Message

#: So many at most on another module's page.
MOST = 50
#: Of one's own messages, so many on a page.
PAGE = 20


@dataclass(frozen=True)
class Delivery:
    """What another module's page shows of a message; `state` and `reason` are said by `modules.messaging.words`."""

    id: int
    template: str
    subject: str
    state: str
    reason: str
    channel: str
    #: Whom it is to, masked: these pages are seen by many.
    name: str
    written_at: datetime


_COLUMNS = (
    Message.id, Message.template, Message.subject, Message.state, Message.reason, Message.channel, Message.name,
    Message.written_at,
)  # fmt: skip


def for_records(about: Iterable[str], limit: int = MOST) -> list[Delivery]:
    """Messages about some records (`enrollment.application:12`), the newest first, as far as the scope may see them; none for
    roles without the right."""
    return _read(Message.about.in_(list(about)), limit)


def for_account(account_id: int, limit: int = MOST) -> list[Delivery]:
    """Messages to one account, the newest first, as far as the scope may see them."""
    return _read(Message.account_id == account_id, limit)


def _read(condition: sa.ColumnElement[bool], limit: int) -> list[Delivery]:
    if not (allowed("messaging.message.read") or allowed("messaging.message.list")):
        return []
    query = sa.select(*_COLUMNS).where(condition).order_by(Message.id.desc()).limit(min(limit, MOST))
    return [Delivery(**{**row._mapping, "name": rules.masked_name(row.name)}) for row in db.session.execute(query)]


def unread() -> int:
    """How many of one's own messages are unread, up to a hundred."""
    if not allowed("messaging.message.list"):
        return 0
    me = scope.current().account_id
    query = sa.select(Message.id).where(Message.account_id == me, Message.read_at.is_(None)).limit(100)
    return len(db.session.scalars(query).all())


def mine(mark: str | None) -> keyset.Page:
    """A page of one's own messages, the newest first."""
    require("messaging.message.list")
    query = sa.select(Message).where(Message.account_id == scope.current().account_id)
    return keyset.page(query, Message.id, Message.id, descending=True, size=PAGE, mark=mark)


@dataclass(frozen=True)
class OwnText:
    """One of one's own messages, as its reader may keep it."""

    written_at: datetime
    subject: str
    text: str
    read_at: datetime | None


def own_texts(limit: int = 2000) -> list[OwnText]:
    """One's own messages with their texts, the newest first; codes and links in them are dots (E-18)."""
    if not allowed("messaging.message.list"):
        return []
    columns = (Message.written_at, Message.subject, Message.text, Message.read_at)
    query = sa.select(*columns).where(Message.account_id == scope.current().account_id).order_by(Message.id.desc()).limit(limit)
    return [OwnText(at, subject, rules.shown(text), read_at) for at, subject, text, read_at in db.session.execute(query)]


def own(number: int) -> Message:
    """A message to oneself. Raises `NotFound`."""
    require("messaging.message.list")
    me = scope.current().account_id
    found: Message | None = db.session.scalar(
        sa.select(Message).where(Message.id == number, Message.account_id == me, Message.account_id.is_not(None))
    )
    if found is None:
        raise NotFound(_("There is no such message for you."))
    return found


def read(number: int) -> Message:
    """Mark one's own message as read; once read it stays read."""
    require("messaging.message.list")
    message = own(number)
    message.read_at = message.read_at or sa.func.clock_timestamp()
    db.session.flush()
    return message
