"""The words people read for codes of messaging: where a message stands, why it did not arrive, and what mends that."""

from __future__ import annotations

from typing import Any, Final

from core.sdk import _

#: State → (how it looks, its word).
STATES: Final[dict[str, tuple[str, Any]]] = {
    "queued": ("waiting", _("on its way")),
    "sent": ("waiting", _("sent, no receipt yet")),
    "delivered": ("ok", _("delivered")),
    "failed": ("stop", _("did not arrive")),
    "letter": ("attention", _("letter to print")),
    "posted": ("ok", _("posted as a letter")),
    "withheld": ("neutral", _("not sent: no promotion wanted")),
}
ATTEMPTS: Final[dict[str, tuple[str, Any]]] = {
    "sent": ("waiting", _("sent, no receipt yet")),
    "delivered": ("ok", _("delivered")),
    "failed": ("stop", _("did not arrive")),
    "expired": ("stop", _("no receipt in time")),
    "skipped": ("neutral", _("passed over")),
}
CHANNELS: Final[dict[str, Any]] = {
    "alimtalk": _("Alimtalk"),
    "sms": _("Text message"),
    "lms": _("Long text message"),
    "email": _("E-mail"),
    "letter": _("Letter"),
}
KINDS: Final[dict[str, Any]] = {"service": _("service"), "promotional": _("promotional")}
#: Reason → (what happened, what mends it).
REASONS: Final[dict[str, tuple[Any, Any]]] = {
    "no_contact": (
        _("There is no telephone number, e-mail or postal address."),
        _("Ask the family for one and enter it below."),
    ),
    "wrong_number": (_("The telephone number is wrong."), _("Ask the family for the right one and enter it below.")),
    "wrong_address": (_("The e-mail address is wrong."), _("Ask the family for the right one and enter it below.")),
    "unreachable": (
        _("The telephone cannot be reached."),
        _("Try again later, or enter another number."),
    ),
    "blocked": (
        _("The reader blocks our messages."),
        _("Call the family, or enter another contact."),
    ),
    "no_gateway": (
        _("No gateway is switched on for this way."),
        _("An administrator switches on a gateway for the region."),
    ),
    "no_sender": (
        _("The region has registered no sender number."),
        _("An officer enters the registered number under Rules, then send again."),
    ),
    "too_long": (_("The text is too long."), _("An officer shortens the text of this message, then send again.")),
    "template_not_approved": (
        _("The provider has not approved this text for Alimtalk."),
        _("An officer has the text approved under “Texts of messages”."),
    ),
    "gateway_down": (_("The gateway did not answer for too long."), _("Send again when the gateway is back.")),
    "refused": (_("The gateway refused the message."), _("Check the contact, then send again.")),
    "no_receipt": (
        _("Nobody knows whether it arrived: no receipt came."),
        _("Call the family, or send again."),
    ),
    "opted_out": (_("The person wants no promotional messages."), _("Nothing needs to be done.")),
    "secret_gone": (
        _("The link or code in it has expired."),
        _("Do the act that made the message once more: it makes a new link."),
    ),
}
WORDINGS: Final[dict[str, tuple[str, Any]]] = {
    "draft": ("neutral", _("draft")),
    "submitted": ("waiting", _("waits for a second officer")),
    "approved": ("ok", _("in use")),
    "rejected": ("stop", _("sent back")),
    "replaced": ("neutral", _("no longer used")),
}
PROVIDER: Final[dict[str, tuple[str, Any]]] = {
    "": ("neutral", _("not submitted for Alimtalk")),
    "submitted": ("waiting", _("at the Alimtalk provider")),
    "approved": ("ok", _("approved for Alimtalk")),
    "rejected": ("stop", _("rejected for Alimtalk")),
}


def reason(code: str) -> Any:
    """What happened, in a sentence."""
    return REASONS[code][0] if code in REASONS else code


def fix(code: str) -> Any:
    """What mends it, in a sentence."""
    return REASONS[code][1] if code in REASONS else ""


#: Reasons the reader mends by looking at the own contacts; the others are for those at work.
MENDED_BY_OWNER: Final = frozenset({"no_contact", "wrong_number", "wrong_address", "unreachable", "blocked", "no_receipt"})


def mine(code: str) -> Any:
    """What the reader of a message that did not arrive can do."""
    if code in MENDED_BY_OWNER:
        return _("It did not reach you outside this page. Check your telephone number and e-mail address.")
    if code == "secret_gone":
        return _("The link or code in it has expired. Ask for a new one.")
    return _("It did not reach you outside this page. Those who sent it see that and take care of it.")
