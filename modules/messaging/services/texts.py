"""The texts of a region's messages: what goes out today in each language, and what waits to replace it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from core.sdk import NotFound, _, atlas, db, require
from modules.messaging import catalogue
from modules.messaging.catalogue import LANGUAGES, Template
from modules.messaging.models import Wording

#: Wordings read at once: every template in every language, of a region and those above it, with one change each.
MOST = 2000
_SEEN = ("draft", "submitted", "approved", "rejected")


@dataclass(frozen=True)
class Text:
    """One template in one language: what goes out, and the region's own change on its way."""

    template: Template
    language: str
    #: The approved wording, the region's own or that of a region above it; None for what the module ships.
    used: Wording | None
    #: The region's own draft, submitted or rejected text; None when nothing is on its way.
    changing: Wording | None

    @property
    def subject(self) -> str:
        """The subject that goes out, with its fields."""
        return self.used.subject if self.used else self.template.subject[self.language]

    @property
    def text(self) -> str:
        """The text that goes out, with its fields."""
        return self.used.text if self.used else self.template.text[self.language]


def texts(region: int) -> list[tuple[Template, list[Text]]]:
    """Every template of the running modules by key, in every language, as one region says it; one query."""
    require("messaging.wording.read")
    found = _wordings(region)
    return [
        (one, [_text(one, language, region, found) for language in LANGUAGES])
        for _key, one in sorted(catalogue.templates().items())
    ]


def text_of(key: str, language: str, region: int) -> Text:
    """One template in one language. Raises `NotFound`."""
    require("messaging.wording.read")
    one = catalogue.templates().get(key)
    if one is None or language not in LANGUAGES:
        raise NotFound(_("There is no such text here."))
    return _text(one, language, region, _wordings(region, key))


def _wordings(region: int, key: str = "") -> list[Wording]:
    """Those of the region and of the regions above it, the nearest and newest first."""
    chain = atlas().chain(region)
    query = sa.select(Wording).where(Wording.region_no.in_(chain), Wording.state.in_(_SEEN)).limit(MOST)
    if key:
        query = query.where(Wording.template == key)
    found = db.session.scalars(query.order_by(Wording.id.desc())).all()
    return sorted(found, key=lambda wording: chain.index(wording.region_no))


def _text(one: Template, language: str, region: int, found: list[Wording]) -> Text:
    mine = [row for row in found if row.template == one.key and row.language == language]
    used = next((row for row in mine if row.state == "approved"), None)
    changing = next((row for row in mine if row.region_no == region and row.state != "approved"), None)
    return Text(one, language, used, changing)
