"""Children as a centre or an office sees them: those of its district, or those shared with it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_wtf.csrf import generate_csrf

from core.sdk import (
    SafeView,
    _,
    allowed,
    attempting,
    audit,
    expose,
    extension,
    histories,
    i18n,
    require,
    scope,
)
from modules.families import words
from modules.families.models import Child
from modules.families.services import bar, notices, record_paper_consent
from modules.families.services.collecting import collectors
from modules.families.services.consenting import purposes, standing
from modules.families.services.guarding import guardian_of, guardians
from modules.families.services.papers import kinds, papers_of
from modules.messaging import api as messaging

#: What other modules let one do with a child one looks after.
ACTS = extension.offer(extension.Slot("families.office.child", ("child_id",)))


class ChildrenView(SafeView):
    """Children the post may see."""

    of = Child
    slug = "children"
    title = _("Registered children")
    permission = "families.child"
    listed = False
    column_list = ("name", "born_on", "expected_on", "registered_by", "registered_at")
    column_labels = words.FIELDS
    column_words = {"registered_by": lambda: words.REGISTERED}
    column_searchable_list = ("name",)
    column_sortable_list = (("name", "name_sort"), "registered_at")
    order = ("name_sort", False)
    rows_alone = True
    details_template = "families/office/child.html"
    empty_hint = _("Children appear here when their family applies to the centre, or when you register them at the counter.")

    def search(self, query: Any, text: str) -> Any:
        """By name in any script, initial consonants, no accents."""
        for pattern in i18n.search_patterns(text):
            query = query.filter(Child.search_text.like(pattern))
        return query

    @expose("/details/")
    def details_view(self) -> Any:
        """One child with its guardians, collectors and consents."""
        require("families.child.read")
        return self._shown(self.get_one(request.args.get("id", "")))

    def _shown(self, child: Child, refused: str = "") -> Any:
        may_see = {part: allowed(f"families.{part}.read") for part in ("guardian", "collector", "consent", "document")}
        changes = audit.history("families.child", child.id) if allowed("core.change.read") else []
        here = self._here()
        offered = extension.fillings(ACTS.name, at=here or child.region_no, child_id=child.id)
        papers = papers_of(child.id) if may_see["document"] else []
        abouts = [notices.about("family", child.family_id), *(notices.about("document", one.id) for one in papers)]
        return self.render(
            self.details_template, child=child, told=messaging.for_records(abouts), messages=messaging.words, zone=i18n.zone(),
            acts=[act for act in offered if act], words=words, csrf=generate_csrf(), refused=refused,
            guardians=guardians(child.family_id) if may_see["guardian"] else [],
            people=collectors(child.id) if may_see["collector"] else [],
            given=standing(child.id) if may_see["consent"] else {},
            papers=papers, kinds=kinds(child.region_no),
            may_decide=allowed("families.document.decide", at=here or child.region_no),
            asked=purposes(child.region_no), here=here, may_bar=allowed("families.guardian.bar", at=child.region_no),
            history=histories.entries(changes, words.FIELDS, lambda _field, value: value),
        )  # fmt: skip

    @staticmethod
    def _here() -> int | None:
        """The centre of the post, where consents on paper may be recorded."""
        mine = scope.current().facilities
        return mine[0] if mine and allowed("families.consent.record", at=mine[0]) else None

    @expose("/<int:number>/consents", methods=("POST",))
    def paper_view(self, number: int) -> Any:
        """Record a consent a guardian signed on paper."""
        child, here = self.get_one(str(number)), self._here()
        guardian = guardian_of(request.form.get("guardian", 0, type=int))
        with attempting() as attempt:
            record_paper_consent(child, guardian, request.form.get("purpose", ""), facility_id=here or 0)
        if attempt.refused:
            return self._shown(self.get_one(str(number)), str(attempt.refused)), 422
        flash(_("The consent on paper is recorded. Keep the paper."), "success")
        return redirect(self.get_url(".details_view", id=number))

    @expose("/guardians/<int:number>/bar", methods=("POST",))
    def bar_view(self, number: int) -> Any:
        """Take a guardian's rights away by a court's decision."""
        one = guardian_of(number)
        child = self.get_one(request.form.get("child", ""))
        with attempting() as attempt:
            bar(one, reason=request.form.get("reason", ""))
        if attempt.refused:
            return self._shown(self.get_one(request.form.get("child", "")), str(attempt.refused)), 422
        flash(_("The guardian's rights are taken away, from this moment."), "success")
        return redirect(self.get_url(".details_view", id=child.id))
