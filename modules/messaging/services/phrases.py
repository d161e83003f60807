"""Write a message by hand, with texts offered from their first letters, the most used first (S0-18, A5-1)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from core.sdk import NotFound, _, db, require
from modules.messaging import rules
from modules.messaging.catalogue import template
from modules.messaging.models import Phrase
from modules.messaging.refusals import BadContact, BadWording
from modules.messaging.services.correcting import check_contacts
from modules.messaging.services.sending import Recipient, send
from modules.messaging.settings import ways

#: So many suggestions at once, and so many letters that are compared.
MOST, START = 8, 80


@dataclass(frozen=True)
class Suggestion:
    """A text that begins like what was typed."""

    id: int
    subject: str
    text: str
    uses: int


def suggestions(typed: str, place: int) -> list[Suggestion]:
    """Texts of the place that begin with what was typed so far, the most used first; all of them for nothing typed."""
    require("messaging.message.send", at=place)
    start = _start(typed)
    pattern = start.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    query = (
        sa.select(Phrase.id, Phrase.subject, Phrase.text, Phrase.uses)
        .where(Phrase.place_no == place, Phrase.start.like(pattern))
        .order_by(Phrase.uses.desc(), Phrase.used_at.desc())
        .limit(MOST)
    )
    return [Suggestion(*row) for row in db.session.execute(query)]


def phrase_of(number: int, place: int) -> Suggestion:
    """A text used before at the place. Raises `NotFound`, also for another place's."""
    require("messaging.message.send", at=place)
    found = db.session.execute(
        sa.select(Phrase.id, Phrase.subject, Phrase.text, Phrase.uses).where(Phrase.id == number, Phrase.place_no == place)
    ).first()
    if found is None:
        raise NotFound(_("There is no such text here."))
    return Suggestion(*found)


def write_to(to: Recipient, *, place: int, subject: str, text: str, promotional: bool = False) -> int:
    """Send a text written by hand, and offer it again next time (S1-083)."""
    require("messaging.message.send", at=place)
    subject, text = " ".join(subject.split()), text.strip()
    if not subject or not text:
        raise BadWording(_("A message needs a subject and a text."))
    if not to.name.strip() or not (to.phone or to.email or to.postal):
        raise BadContact(_("Enter the name and a telephone number, an e-mail address or a postal address."))
    check_contacts(place, to.phone, to.email)
    key = "messaging.news" if promotional else "messaging.notice"
    here = ways(place)
    outgoing = rules.fill(template(key).text["ko" if to.language == "ko" else "en"], {"subject": subject, "text": text})
    if rules.size(outgoing, here.length["charset"]) > here.length["lms"]:
        raise BadWording(
            _("The text has more than %(most)s bytes: shorten it, or send two messages.", most=here.length["lms"])
        )
    number = send(key, to=to, place=place, facts={"subject": subject, "text": text}, key=f"hand:{uuid4().hex}")
    _remember(place, subject, text)
    return number


def _remember(place: int, subject: str, text: str) -> None:
    """Count the use of a text; names and numbers typed into it stay at the place that typed them."""
    digest = sha256(f"{subject}\n{text}".encode()).hexdigest()
    row = insert(Phrase).values(place_no=place, start=_start(text), digest=digest, subject=subject, text=text)
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["place_no", "digest"],
            set_={"uses": Phrase.uses + 1, "used_at": sa.func.clock_timestamp()},
        )
    )


def _start(text: str) -> str:
    return " ".join(text.lower().split())[:START]
