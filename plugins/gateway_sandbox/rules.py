"""How the practice gateway answers: the last four digits of a number (or the name of an address) choose it."""

from __future__ import annotations

from dataclasses import dataclass

#: Bytes the gateway takes by channel; Alimtalk counts letters.
MOST = {"sms": 140, "lms": 2_000, "alimtalk": 4_000, "email": 1_000_000}


@dataclass(frozen=True)
class Manner:
    """What happens to one message: refused at once, or taken and told of later."""

    refused: str = ""
    outcome: str = "delivered"
    reason: str = ""
    #: Seconds until the receipt; None = there never is one.
    told_after: int | None = 2
    #: Seconds the gateway takes to answer.
    slow: int = 0


#: The numbers of a training sheet: 010-0000-0001 and so on; wrong1@…, and so on for addresses.
MANNERS = {
    "0001": Manner(refused="wrong_number"),
    "0002": Manner(outcome="failed", reason="unreachable"),
    "0003": Manner(slow=3),
    "0004": Manner(told_after=0),  # told twice
    "0005": Manner(told_after=None),
    "0006": Manner(outcome="failed", reason="blocked"),
    "0007": Manner(outcome="expired", reason="no_receipt"),
    "0008": Manner(told_after=0),  # told together with a receipt for a message nobody sent
    "0009": Manner(told_after=3_600),
}
TWICE, WITH_A_STRANGER = "0004", "0008"
_PLAIN = Manner()


def ending(recipient: str) -> str:
    """The part of a contact that chooses the manner: `…0004`, or `0004` of `somebody.0004@example.org`."""
    return recipient.partition("@")[0][-4:]


def manner(recipient: str, channel: str, size: int, template_code: str) -> Manner:
    """How one message is answered: what no gateway takes is refused first."""
    if channel == "alimtalk" and not template_code:
        return Manner(refused="template_not_approved")
    if size > MOST[channel]:
        return Manner(refused="too_long")
    chosen = MANNERS.get(ending(recipient), _PLAIN)
    if channel == "email" and chosen.refused == "wrong_number":
        return Manner(refused="wrong_address")
    return chosen
