"""Letters for those no gateway reaches: a list to print, each on its own sheet, and marked as posted by a person."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from markupsafe import Markup

from core.sdk import _, atlas, db, documents, i18n, require
from modules.messaging import rules
from modules.messaging.models import Attempt, Message
from modules.messaging.settings import ways

#: So many letters in one print: each sheet takes time to set.
MOST = 100
_STYLE = (
    "section { break-after: page } section:last-child { break-after: auto } "
    ".to { margin: 2cm 0 2cm 9cm; white-space: pre-line } .text { white-space: pre-line }"
)


def waiting(limit: int = MOST) -> list[Message]:
    """Letters not yet posted, the oldest first."""
    require("messaging.letter.read")
    query = sa.select(Message).where(Message.state == "letter").order_by(Message.id).limit(limit)
    return list(db.session.scalars(query))


def letters_pdf(messages: Sequence[Message]) -> bytes:
    """Each letter on a sheet of its own, in the language of its reader. A letter carries no secret: whoever opens it reads it."""
    require("messaging.letter.read")
    parts = []
    for message in messages:
        region = atlas().region_of(message.place_no)
        with i18n.speaking(message.language):
            parts.append(
                Markup('<section><p class="to">{}\n{}</p><h2>{}</h2><p class="text">{}</p><p>{}, {}</p></section>').format(
                    message.name, message.postal, message.subject, rules.shown(message.text),
                    region.name(message.language) if region else "", i18n.day(message.written_at.date()),
                )
            )  # fmt: skip
    return documents.write_pdf(documents.paper(_("Letters"), *parts), style=_STYLE)


def print_letters(numbers: Sequence[int]) -> int:
    """Mark letters as posted: their price counts from now on; gives how many were."""
    query = sa.select(Message).where(Message.id.in_(list(numbers)[:MOST]), Message.state == "letter").with_for_update()
    found = list(db.session.scalars(query))
    for place in {message.place_no for message in found}:
        require("messaging.letter.print", at=place)
    here = {place: ways(place) for place in {message.place_no for message in found}}
    for message in found:
        way = here[message.place_no]
        price = way.cost.get("letter", 0)
        db.session.add(
            Attempt(
                place_no=message.place_no, message_id=message.id, round=message.round, step=message.step, channel="letter",
                state="delivered", cost_minor=price, currency=way.currency, policy_ids=list(way.policy_ids),
            )
        )  # fmt: skip
        message.state, message.cost_minor = "posted", message.cost_minor + price
    db.session.flush()
    return len(found)
