"""What a family is told about itself, and when: a paper was looked at, a request answered, a guardian joined (F-54)."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from flask import url_for

from core.sdk import db, page_address, require
from modules.families import words
from modules.families.events import DocumentDecided, GuardianJoined, RequestAnswered
from modules.families.models import Child, Document, Family, Guardian
from modules.families.services.telling import tell_family


def about(kind: str, number: int) -> str:
    """How messages name a record of a family: `document`, `request` or `family`."""
    return f"families.{kind}:{number}"


def page_of(name: str) -> str | None:
    """The family's own page of the record a message is about, None for the name of anything else; internal, pages ask."""
    kind, _colon, number = name.partition(":")
    if not number.isdecimal():
        return None
    if kind == "families.document":
        child = db.session.scalar(sa.select(Document.child_id).where(Document.id == int(number)))
        return url_for("families.child", number=child) if child is not None else None
    pages = {"families.request": "families.data", "families.family": "families.family"}
    return url_for(pages[kind]) if kind in pages else None


def paper_decided(happened: DocumentDecided) -> None:
    """A paper counts, or why not and what to do."""
    require("messaging.message.send")
    child = db.session.get(Child, happened.child_id)
    if child is None:
        return

    def facts() -> Mapping[str, str]:
        said = {"child": words.called(child.name), "paper": str(words.paper(happened.kind)),
                "link": page_address("families.child", number=child.id)}  # fmt: skip
        return said if happened.accepted else said | {"note": happened.note}

    name = "families.paper_accepted" if happened.accepted else "families.paper_refused"
    tell_family(
        name, happened.family_id, facts, place=child.region_no, about=about("document", happened.document_id),
        key=f"{name}:{happened.document_id}",
    )  # fmt: skip


def request_answered(happened: RequestAnswered) -> None:
    """What the authority answered to a request about data."""
    require("messaging.message.send")
    family = db.session.get_one(Family, happened.family_id)
    tell_family(
        "families.request_answered", family.id, lambda: {"answer": happened.answer, "link": page_address("families.data")},
        place=family.region_no, about=about("request", happened.request_id),
        key=f"families.request_answered:{happened.request_id}",
    )  # fmt: skip


def guardian_joined(happened: GuardianJoined) -> None:
    """The others hear that a guardian's own account acts for the family from now on."""
    require("messaging.message.send")
    joined = db.session.get_one(Guardian, happened.guardian_id)
    tell_family(
        "families.guardian_joined", joined.family_id, lambda: {"who": joined.name, "link": page_address("families.family")},
        place=joined.region_no, about=about("family", joined.family_id),
        key=f"families.guardian_joined:{joined.id}", but=joined.id,
    )  # fmt: skip
