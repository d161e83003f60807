"""Write a message by hand; texts used before are offered from their first letters (S1-083, S0-18)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField, TextAreaField, validators

from core.sdk import NotFound, PageView, _, atlas, attempting, expose, i18n, require, scope
from modules.messaging.admin.measuring import measure
from modules.messaging.catalogue import LANGUAGES
from modules.messaging.services.phrases import phrase_of, suggestions, write_to
from modules.messaging.services.sending import Recipient


class LetterForm(FlaskForm):
    """To whom, and what."""

    name = StringField(_("Full name"), [validators.InputRequired(_("Enter the name of the person."))])
    phone = StringField(_("Telephone"), render_kw={"inputmode": "tel", "autocomplete": "off"})
    email = StringField(_("E-mail"), render_kw={"inputmode": "email", "autocomplete": "off"})
    postal = StringField(_("Postal address"), render_kw={"autocomplete": "off"})
    language = RadioField(_("Language"), choices=[])
    subject = StringField(_("Subject"), [validators.InputRequired(_("Enter a subject."))])
    text = TextAreaField(_("Text"), [validators.InputRequired(_("Enter a text."))])
    promotional = BooleanField(
        _("This is an advertisement"),
        description=_("It is marked as one, waits for the morning, and is not sent to people who want none."),
    )


class WritingPage(PageView):
    """One message to one person, for the place of the post."""

    slug = "writing"
    title = _("Write a message")
    permission = "messaging.message"
    listed = False

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        """Write and send; or take a text used before."""
        here = self._here()
        form, refused = LetterForm(), ""
        form.language.choices = i18n.names(LANGUAGES)
        if form.language.data not in LANGUAGES:
            form.language.data = self._spoken(here)
        chosen = request.form.get("phrase", type=int)
        if chosen is not None:
            one = phrase_of(chosen, here)
            form.subject.data, form.text.data = one.subject, one.text
        elif form.validate_on_submit():
            with attempting() as attempt:
                number = write_to(
                    self._recipient(form), place=here, subject=form.subject.data or "", text=form.text.data or "",
                    promotional=bool(form.promotional.data),
                )  # fmt: skip
            if not attempt.refused:
                flash(_("The message goes out. Here stands what became of it."), "success")
                return redirect(url_for("messaging-messages.details_view", id=number))
            refused = str(attempt.refused)
        page = self.render(
            "messaging/office/writing.html", form=form, refused=refused, **self._help(form.text.data or "", here)
        )
        return page, 422 if form.errors or refused else 200

    @expose("/help", methods=("POST",))
    def help_view(self) -> Any:
        """While one types: how long it is, and texts that begin like it."""
        return self.render("messaging/office/_help.html", **self._help(request.form.get("text", ""), self._here()))

    @staticmethod
    def _here() -> int:
        """The place of the post: the message is sent in its name and at its cost."""
        place = scope.current().place
        if place is None:
            raise NotFound(_("Your post belongs to no place that sends messages."))
        require("messaging.message.send", at=place)
        return place

    @staticmethod
    def _spoken(here: int) -> str:
        region = atlas().region_of(here)
        return next((code for code in (region.languages if region else ()) if code in LANGUAGES), "en")

    @staticmethod
    def _help(typed: str, here: int) -> dict[str, Any]:
        return {"size": measure(typed, here), "phrases": suggestions(typed, here)}

    @staticmethod
    def _recipient(form: LetterForm) -> Recipient:
        def given(field: StringField) -> str | None:
            return (field.data or "").strip() or None

        return Recipient(
            (form.name.data or "").strip(), form.language.data, phone=given(form.phone), email=given(form.email),
            postal=given(form.postal),
        )  # fmt: skip
