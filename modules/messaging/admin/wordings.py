"""The texts of messages: what goes out, a region's own words, and the second officer who approves them (S1-083, A5-1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request
from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf
from wtforms import StringField, TextAreaField, validators

from core.sdk import NotFound, PageView, _, allowed, atlas, attempting, expose, i18n, require, scope
from modules.messaging import words
from modules.messaging.admin.measuring import measure
from modules.messaging.catalogue import LANGUAGES
from modules.messaging.models import Wording
from modules.messaging.services.texts import Text, text_of, texts
from modules.messaging.services.wording import (
    approve,
    decide_provider,
    draft,
    reject,
    sample,
    submit,
    wording_of,
)

DONE = {
    "submit": _("Submitted. A second officer decides."),
    "approve": _("Approved. Messages use this text from now on."),
    "reject": _("Sent back with your reason."),
    "provider": _("The provider's answer is noted."),
}


class WordingForm(FlaskForm):
    """A region's own words for one message."""

    subject = StringField(_("Subject"), [validators.InputRequired(_("Enter a subject."))])
    text = TextAreaField(_("Text"), [validators.InputRequired(_("Enter a text."))])


class WordingsPage(PageView):
    """All templates of one region; each text on its own page."""

    slug = "wordings"
    title = _("Texts of messages")
    permission = "messaging.wording"
    listed = False

    @expose("/")
    def index(self) -> Any:
        """Which text goes out in which language, and what waits for a decision."""
        require("messaging.wording.read")
        here = self._region()
        return self.render(
            "messaging/office/wordings.html", node=here, rows=texts(here.no), words=words, languages=dict(i18n.names(LANGUAGES)),
            speaks=self._speaks(), sample=sample, regions=self._regions(here), name=here.name(scope.current().language),
        )  # fmt: skip

    @expose("/<key>/<language>", methods=("GET", "POST"))
    def text_view(self, key: str, language: str) -> Any:
        """One text: what goes out, how it looks filled in, and the change on its way."""
        require("messaging.wording.read")
        here = self._region()
        one = text_of(key, language, here.no)
        form = WordingForm(obj=one.changing or one)
        if form.validate_on_submit():
            with attempting() as attempt:
                draft(
                    key, language=language, region=here.no, subject=form.subject.data or "", text=form.text.data or ""
                )
            if not attempt.refused:
                flash(_("Kept as a draft. Nothing is used before a second officer approved it."), "success")
                return redirect(self._address(one, here.code))
            return self._shown(one, form, str(attempt.refused)), 422
        return self._shown(one, form), 422 if form.errors else 200

    @expose("/count", methods=("POST",))
    def count_view(self) -> Any:
        """How long a text is while it is typed, and how it looks with the sample (S0-18)."""
        require("messaging.wording.read")
        here, typed = self._region(), request.form.get("text", "")
        one = text_of(request.args.get("key", ""), request.args.get("language", ""), here.no)
        return self.render("messaging/office/_measure.html", size=measure(sample(one.template, typed), here.no))

    @expose("/<int:number>/<act>", methods=("POST",))
    def step_view(self, number: int, act: str) -> Any:
        """One step of a wording: put before a second officer, decided, or what the Alimtalk provider answered."""
        one, given = wording_of(number), request.form
        steps: dict[str, Callable[[Wording], None]] = {
            "submit": submit,
            "approve": approve,
            "reject": lambda wording: reject(wording, given.get("reason", "")),
            "provider": lambda wording: decide_provider(
                wording, given.get("state", ""), code=given.get("code", ""), reason=given.get("reason", "")
            ),
        }
        if act not in steps:
            raise NotFound(_("There is no such step."))
        node = atlas().nodes[one.region_no]
        with attempting() as attempt:
            steps[act](one)
        shown = text_of(one.template, one.language, node.no)
        if attempt.refused:
            return self._shown(shown, None, str(attempt.refused)), 422
        flash(DONE[act], "success")
        return redirect(self._address(shown, node.code))

    def _shown(self, one: Text, form: WordingForm | None, refused: str = "") -> Any:
        node = self._region(one.changing.region_no if one.changing else None)
        form = form or WordingForm(formdata=None, obj=one.changing or one)
        may = {act: allowed(f"messaging.wording.{act}", at=node.no) for act in ("create", "submit", "approve", "update")}
        me = scope.current().account_id
        proposed = one.changing
        return self.render(
            "messaging/office/wording.html", one=one, node=node, form=form, refused=refused, words=words, may=may,
            name=node.name(scope.current().language), language=dict(i18n.names(LANGUAGES))[one.language], csrf=generate_csrf(),
            called=sample(one.template, one.template.subject[self._speaks()]),
            mine=proposed is not None and me in (proposed.written_by, proposed.submitted_by), typed=request.form,
            sample_in_use=sample(one.template, one.text), own=one.used is not None and one.used.region_no == node.no,
            proposed=sample(one.template, proposed.text) if proposed else "", speaks=self._speaks(),
            size=measure(sample(one.template, form.text.data or ""), node.no),
        )  # fmt: skip

    def _address(self, one: Text, code: str) -> str:
        return str(self.get_url(".text_view", key=one.template.key, language=one.language, region=code))

    @staticmethod
    def _speaks() -> str:
        """The language in which the subjects of the list are read."""
        language = scope.current().language
        return language if language in LANGUAGES else "en"

    @staticmethod
    def _region(number: int | None = None) -> Any:
        """The region asked for, else the one of the post."""
        tree, me = atlas(), scope.current()
        if number is not None:
            return tree.nodes[number]
        asked = request.args.get("region", "")
        found = tree.by_code.get(asked) if asked else tree.region_of(me.place or 0)
        if found is None or not (me.covers(found.no) or found.no in tree.chain(me.place or 0)):
            raise NotFound(_("There is no such region in your post."))
        return found

    @staticmethod
    def _regions(here: Any) -> list[tuple[str, str]]:
        """Code and name of the regions beside which one may look: that above, this one, and those inside, as far as the post goes."""
        tree, me = atlas(), scope.current()
        above = [tree.nodes[here.parent_no]] if here.parent_no is not None else []
        near = [*above, here, *tree.children(here.no)]
        mine = [one for one in near if one is here or me.covers(one.no) or one.no in tree.chain(me.place or 0)]
        return [(one.code, one.name(me.language)) for one in mine]
