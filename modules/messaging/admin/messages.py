"""Messages of the places of the post: where each stands, why it did not arrive, and sending it again (S1-233, S1-234, E-20)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, request
from flask_wtf.csrf import generate_csrf

from core.sdk import SafeView, _, allowed, atlas, attempting, db, expose, i18n, require
from modules.messaging import rules, words
from modules.messaging.catalogue import LANGUAGES
from modules.messaging.models import Attempt, Message
from modules.messaging.services import correct
from modules.messaging.services.ladder import contacts, reached
from modules.messaging.settings import ways

#: Attempts on one page; a message corrected more often shows its newest.
MOST = 60


class MessagesView(SafeView):
    """What was sent, to whom, and what became of it."""

    of = Message
    slug = "messages"
    title = _("Messages sent")
    permission = "messaging.message"
    listed = False
    list_template = "messaging/office/list.html"
    details_template = "messaging/office/message.html"
    column_list = ("subject", "name", "state", "channel", "reason", "cost_minor", "written_at")
    column_labels = {
        "subject": _("Subject"), "name": _("Recipient"), "state": _("State"), "channel": _("Way"), "reason": _("Reason and what mends it"),
        "cost_minor": _("Cost"), "written_at": _("Written"), "template": _("Message"),
    }  # fmt: skip
    column_numbers = ("cost_minor",)
    column_words = {
        "state": lambda: {code: word for code, (_look, word) in words.STATES.items()},
        "channel": lambda: {"": "—", **words.CHANNELS},
        "reason": lambda: {"": "—", **{code: f"{what} {mend}" for code, (what, mend) in words.REASONS.items()}},
    }
    column_filters = ("state", "reason")
    column_sortable_list = ("written_at",)
    order = ("id", True)
    column_formatters = {
        "name": lambda view, context, row, name: rules.masked_name(row.name),
        "cost_minor": lambda view, context, row, name: price(row.cost_minor, row.place_no),
    }
    empty_hint = _("Messages appear here when a module or a person sends one. Write one with the button above.")

    def render(self, template: str, **facts: Any) -> Any:
        """The list offers to write a message."""
        return super().render(template, may_write=allowed("messaging.message.send"), **facts)

    @expose("/details/")
    def details_view(self) -> Any:
        """One message with its attempts, the reason and the fix."""
        require("messaging.message.read")
        return self._shown(self.get_one(request.args.get("id", "")))

    def _shown(self, one: Message, refused: str = "") -> Any:
        tries = db.session.scalars(
            sa.select(Attempt).where(Attempt.message_id == one.id).order_by(Attempt.round.desc(), Attempt.step.desc()).limit(MOST)
        ).all()
        known = contacts(one, ways(one.place_no), reached([one]))
        return self.render(
            self.details_template, one=one, tries=tries, words=words, languages=dict(i18n.names(LANGUAGES)), refused=refused,
            typed=request.form, csrf=generate_csrf(),
            zone=i18n.zone(), name=rules.masked_name(one.name), phone=rules.masked(known.written_phone),
            email=rules.masked(known.written_email), text=rules.shown(one.text), price=price,
            may_correct=one.state in ("failed", "letter") and allowed("messaging.message.correct", at=one.place_no),
        )  # fmt: skip

    @expose("/<int:number>/again", methods=("POST",))
    def again_view(self, number: int) -> Any:
        """Send it again, to the corrected contact."""
        given = {part: request.form.get(part, "").strip() or None for part in ("phone", "email", "postal")}
        with attempting() as attempt:
            correct(number, **given)
        if attempt.refused:
            return self._shown(self.get_one(str(number)), str(attempt.refused)), 422
        flash(_("The message goes out again."), "success")
        return redirect(self.get_url(".details_view", id=number))


def price(minor: int, place: int) -> str:
    """What something cost, in the currency of its region."""
    region = atlas().region_of(place)
    return i18n.money(minor, region.currency) if region and region.currency else str(minor)
