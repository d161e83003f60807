"""Four eyes: an act one person asks for and another agrees to, in another session, before it is done (V2.3.5).

A module registers what agreeing does, services ask for it:

    @approvals.act("facilities.capacity.change", permission="facilities.capacity.approve")
    def _change(approval): ...

    approvals.ask("facilities.capacity.change", at=facility_no, subject="F-1", facts={...}, reason="…")
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import db
from core.errors import DolbomError, NotFound, Refusal
from core.security import scope as scopes
from core.security import sign_ins
from core.security.access import require
from core.security.reasons import because
from core.security.rows import PlaceScoped
from core.text import _

#: An old request was made in another situation: ask again.
OPEN_FOR = timedelta(days=14)


class UnknownAct(DolbomError):
    """Code asked for an approval of a kind that nobody registered."""

    code: ClassVar[str] = "approval.unknown-act"
    http: ClassVar[int] = 500


class AskedAlready(Refusal):
    """The same act waits for its second person already."""

    code: ClassVar[str] = "approval.asked-already"


class SamePerson(Refusal):
    """Who asked wanted to agree, or agreed from the same session, or nobody in person did."""

    code: ClassVar[str] = "approval.same-person"
    http: ClassVar[int] = 403


class NotWaiting(Refusal):
    """The request was decided, withdrawn or is too old."""

    code: ClassVar[str] = "approval.not-waiting"


class Approval(PlaceScoped, db.Model):
    """A request and what became of it; the database too refuses one person or session as both."""

    __tablename__ = "approval"
    __own__ = "requested_by"
    __table_args__ = (
        sa.Index("ix_approval_waiting", "place_no", "id", postgresql_where=sa.text("state = 'waiting'")),
        sa.Index(
            "uq_approval_one_waiting",
            "kind",
            "place_no",
            "subject",
            unique=True,
            postgresql_where=sa.text("state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="waiting")
    requested_by: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    requested_sign_in: Mapped[int | None] = mapped_column(sa.BigInteger)
    requested_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    decided_by: Mapped[int | None] = mapped_column(sa.BigInteger)
    decided_sign_in: Mapped[int | None] = mapped_column(sa.BigInteger)
    decided_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    decision_reason: Mapped[str] = mapped_column(server_default="")


Act = Callable[[Approval], Any]


@dataclass(frozen=True)
class Kind:
    """What agreeing to a kind of request needs and does; `title` is what people read."""

    name: str
    permission: str
    do: Act
    title: Any = ""


_kinds: dict[str, Kind] = {}


def act(name: str, *, permission: str, title: Any = "") -> Callable[[Act], Act]:
    """Register the function that is called, in the second person's transaction, once they agree."""

    def register(do: Act) -> Act:
        _kinds[name] = Kind(name, permission, do, title)
        return do

    return register


def find(name: str) -> Kind | None:
    """The registered kind, if its module is there."""
    return _kinds.get(name)


def kind_of(name: str) -> Kind:
    """The registered kind, or `UnknownAct`."""
    if name not in _kinds:
        raise UnknownAct(
            f"Nobody registered the act {name!r}: mark a function @approvals.act({name!r}, permission=…)."
        )
    return _kinds[name]


def ask(kind: str, *, at: int, subject: str, reason: str, facts: dict[str, Any] | None = None) -> Approval:
    """Put an act before a second person. The caller has asked for its own permission and commits.

    Raises `NoReason`, `AskedAlready`, and `SamePerson` when no person asks.
    """
    kind_of(kind)
    words = because(reason)
    me = scopes.current()
    if me.account_id is None:
        raise SamePerson(_("Four eyes need two people: sign in to ask for this."))
    now = datetime.now(UTC)
    same = (
        Approval.kind == kind,
        Approval.place_no == at,
        Approval.subject == subject,
        Approval.state == "waiting",
    )
    found = db.session.scalar(sa.select(Approval).where(*same).with_for_update())
    if found is not None and found.expires_at > now:
        raise AskedAlready(
            _("This waits for a second person already, since %(at)s.", at=found.requested_at.date())
        )
    if found is not None:
        _decide(found, "withdrawn", str(_("too old")))
        db.session.flush()
    request = Approval(
        kind=kind,
        place_no=at,
        subject=subject,
        facts=facts or {},
        reason=words,
        requested_by=me.account_id,
        requested_sign_in=sign_ins.current(),
        requested_at=now,
        expires_at=now + OPEN_FOR,
        state="waiting",
    )
    db.session.add(request)
    db.session.flush()
    return request


def waiting(kinds: tuple[str, ...] = (), *, limit: int = 100, after: int | None = None) -> list[Approval]:
    """Requests in one's scope that wait for a second person, oldest first; one's own are among them.

    At most `limit`; `after` continues from an id.
    """
    query = sa.select(Approval).where(Approval.state == "waiting", Approval.expires_at > datetime.now(UTC))
    if kinds:
        query = query.where(Approval.kind.in_(kinds))
    if after is not None:
        query = query.where(Approval.id > after)
    return list(db.session.scalars(query.order_by(Approval.id).limit(limit)))


def waits(request: Approval) -> bool:
    """Whether the request can still be decided."""
    return request.state == "waiting" and request.expires_at > datetime.now(UTC)


def approve(approval_id: int, reason: str) -> Any:
    """Agree, and do what was asked for; gives what the act gives. The caller commits."""
    request = _open(approval_id)
    kind = kind_of(request.kind)
    require(kind.permission, at=request.place_no)
    words = because(reason)
    me, session = scopes.current(), sign_ins.current()
    if me.kind != "user" or me.account_id is None:
        raise SamePerson(_("Four eyes need two people: sign in to agree to this."))
    if me.account_id == request.requested_by or (
        session is not None and session == request.requested_sign_in
    ):
        raise SamePerson(
            _("You asked for this yourself: another person has to agree, signed in on their own.")
        )
    _decide(request, "approved", words)
    db.session.flush()
    return kind.do(request)


def refuse(approval_id: int, reason: str) -> None:
    """Say no; nothing is done. The caller commits."""
    request = _open(approval_id)
    require(kind_of(request.kind).permission, at=request.place_no)
    _decide(request, "refused", because(reason))
    db.session.flush()


def withdraw(approval_id: int, reason: str) -> None:
    """Take one's own request back. The caller commits."""
    request = _open(approval_id)
    require("core.approval.withdraw", at=request.place_no)
    if scopes.current().account_id != request.requested_by:
        raise SamePerson(_("Only who asked can take a request back; you can refuse it."))
    _decide(request, "withdrawn", because(reason))
    db.session.flush()


def _open(approval_id: int) -> Approval:
    """The request, locked so that two people cannot decide at once."""
    found: Approval | None = db.session.scalar(
        sa.select(Approval).where(Approval.id == approval_id).with_for_update()
    )
    if found is None:
        raise NotFound(_("There is no such request here."))
    if not waits(found):
        raise NotWaiting(
            _("This request does not wait any more: it was decided or is older than 14 days. Ask again.")
        )
    return found


def _decide(request: Approval, state: str, reason: str) -> None:
    request.state = state
    request.decided_by = scopes.current().account_id
    request.decided_sign_in = sign_ins.current()
    request.decided_at = datetime.now(UTC)
    request.decision_reason = reason
