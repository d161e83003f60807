"""What happened to an account, in words: states, places, languages and moments instead of what the table holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.host.running import running
from core.security import access, audit
from core.security.accounts import Account
from core.security.audit import Change
from core.text import _
from core.web import i18n
from core.web.office import histories, naming

MOST = 20
_FIELDS: dict[str, Any] = {
    "login": _("Account ID"), "name": _("Name"), "email": _("E-mail"), "language": _("Language"), "state": _("State"),
    "suspended_because": _("Why suspended"), "failed_logins": _("Failed attempts to sign in"), "locked_until": _("Waits until"),
    "last_login_at": _("Last signed in"), "activated_at": _("Password chosen"), "region_no": _("Looked after by"),
}  # fmt: skip
_CODES: dict[str, dict[str, Any]] = {
    "state": {"active": _("working"), "suspended": _("suspended"), "left": _("left")},
    "suspended_because": {"officer": _("by an officer"), "disuse": _("not used for long")},
}
_MOMENTS = ("locked_until", "last_login_at", "activated_at")


def of(account: Account) -> list[dict[str, Any]]:
    """The latest acts on the account, for those who may read the history."""
    if not access.allowed("core.change.read"):
        return []
    changes = audit.history("core.account", account.id, limit=MOST)
    return histories.entries(changes, _FIELDS, _said, _what)


def _what(change: Change) -> Any:
    return _("Issued") if change.op == "I" else histories.act(change)


def _said(name: str, value: Any) -> Any:
    if value is None or value == "":
        return value
    if name in _CODES:
        return _CODES[name].get(value, value)
    if name in _MOMENTS:
        return i18n.moment(datetime.fromisoformat(value), i18n.zone())
    if name == "region_no":
        return naming.places([value])[value]
    return i18n.names(running().settings.languages).get(value, value) if name == "language" else value
