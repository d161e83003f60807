"""What core tells people about their accounts: raised here, sent by whoever listens to `NoticeRaised` (core/web/notices.py).

A notice names records by their ids. No code, token or password ever stands in it: who sends it asks for those then.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from core.db.base import db
from core.errors import DolbomError

#: What core says: name of the notice → what it is about.
KINDS = {
    "contact.code": "the code that confirms a new contact; to that contact only",
    "contact.added": "another contact was confirmed; to the others",
    "contact.removed": "a contact was removed; to those left",
    "register.code": "the code that finishes a registration; to the address given",
    "register.known": "somebody registers with an address that has an account; to its owner",
    "reset.link": "the link to choose a new password; to one contact",
    "unlock.link": "the link that ends a waiting time; to one contact",
    "reset.asked": "a link to choose a new password went out; to the other contacts",
    "unlock.asked": "a link to unlock went out; to the other contacts",
    "reset.started": "an officer started a reset; to every contact",
    "credential-changed": "password or another credential was changed",
    "sign-in-elsewhere": "a sign-in from a new browser and network",
    "sign-in-after-failures": "a sign-in after several attempts that failed",
    "sign-in-half-done": "a sign-in after somebody elsewhere gave the right password and no second step",
    "account.suspended": "an officer suspended the account",
    "account.enabled": "an officer let the account in again",
    "roles.handed_over": "a post went to another person; to both",
}
#: What a changed credential was: the fact `what` of `credential-changed`.
CHANGES = frozenset({
    "password-changed", "app-added", "app-removed", "passkey-added", "passkey-removed", "codes-made", "code-used",
    "factors-forgotten",
})  # fmt: skip
#: Whose text holds a secret: a code or a link.
SECRET = frozenset({"contact.code", "register.code", "reset.link", "unlock.link"})

Facts = tuple[tuple[str, str], ...]
Outlet = Callable[[int | None, str, Facts, int | None], None]


class UnknownNotice(DolbomError):
    """Code raised a notice of a kind that nobody describes."""

    code = "notice.unknown-kind"
    http = 500


_outlets: list[Outlet] = []


def sent_by(outlet: Outlet) -> None:
    """Say by which way notices leave: the floor above has the outbox, this one must not know it."""
    _outlets[:] = [outlet]


def tell(account_id: int | None, kind: str, *, place: int | None, **facts: object) -> None:
    """Raise a notice in the caller's transaction: it goes out if and only if that commits.

    `place` is the region or facility it happened at, None for the whole installation. Facts are ids and plain words.
    """
    if kind not in KINDS:
        raise UnknownNotice(f"There is no notice {kind!r}: describe it in core/security/notices.py.")
    if kind == "credential-changed" and facts.get("what") not in CHANGES:
        raise UnknownNotice(f"There is no change {facts.get('what')!r}: describe it in core/security/notices.py.")
    plain = tuple((name, str(value)) for name, value in sorted(facts.items()))
    for outlet in _outlets:
        outlet(account_id, kind, plain, place or None)


def tell_owner(account_id: int, kind: str, **facts: object) -> None:
    """Raise a notice to the owner of an account, at the account's own region; in the system's session."""
    region = db.session.scalar(sa.text("select region_no from core.account where id = :id"), {"id": account_id})
    tell(account_id, kind, place=region, **facts)
