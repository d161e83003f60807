"""Answers of messaging to the host's questions."""

from __future__ import annotations

import sqlalchemy as sa

from core.sdk import Card, Finding, NavItem, Scope, _, allowed, answers, db
from modules.messaging import catalogue
from modules.messaging.models import Message
from modules.messaging.services.reading import unread

#: So many are counted; beyond, the card says "more than".
MOST = 999


@answers
def navigation(scope: Scope) -> list[NavItem]:
    """One's own messages for everybody; messages, letters, texts and costs for those who work with them."""
    if scope.kind == "public":
        return []
    section, own = _("Messages"), 4 if scope.own_only else 60
    offers = (
        ("messaging.message.list", NavItem(section, _("My messages"), "messaging.mine", "mail", own)),
        ("messaging.message.read", NavItem(section, _("Messages sent"), "messaging-messages.index_view", "list", 61)),
        ("messaging.letter.read", NavItem(section, _("Letters to print"), "messaging-letters.index", "printer", 62)),
        ("messaging.wording.read", NavItem(section, _("Texts of messages"), "messaging-wordings.index", "pencil", 63)),
        ("messaging.cost.read", NavItem(section, _("Costs of messages"), "messaging-costs.index", "coin", 64)),
    )
    return [item for permission, item in offers if allowed(permission)]


@answers
def dashboard(scope: Scope) -> list[Card]:
    """What one has not read yet; what did not arrive and waits for a better contact; letters to print."""
    if scope.kind == "public":
        return []
    return [*_mine(), *(_work() if allowed("messaging.message.correct") else [])]


def _mine() -> list[Card]:
    count = unread()
    return [Card(_("Unread messages"), str(count), "", "messaging.mine", "attention", weight=4)] if count else []


def _work() -> list[Card]:
    failed, letters = _waiting("failed"), _waiting("letter")
    cards = []
    if failed:
        note = _("Correct the contact and send again.")
        cards.append(Card(
                _("Messages that did not arrive"), _figure(failed), note, "messaging-messages.index_view", "attention", 12,
                values={"flt0_state_equals": "failed"},
            )
        )
    if letters and allowed("messaging.letter.read"):
        cards.append(Card(_("Letters to print"), _figure(letters), "", "messaging-letters.index", "attention", 13))
    return cards


def _waiting(state: str) -> int:
    some = sa.select(Message.id).where(Message.state == state).limit(MOST + 1).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def _figure(count: int) -> str:
    return str(count) if count <= MOST else _("more than %(most)s", most=MOST)


@answers
def findings() -> list[Finding]:
    """What is wrong in the modules' message files."""
    return [
        Finding(
            "message-templates", "Every message has a key, its fields, a sample and three languages.",
            "Correct the messages.toml named.", tuple(catalogue.problems()),
        )
    ]  # fmt: skip
