"""Children as a centre or an office sees them: those of its district, or those shared with it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_wtf.csrf import generate_csrf

from core.sdk import SafeView, _, allowed, attempting, audit, expose, histories, i18n, require
from modules.families import words
from modules.families.models import Child
from modules.families.services import bar
from modules.families.services.collecting import collectors
from modules.families.services.consenting import standing
from modules.families.services.guarding import guardian_of, guardians


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
        may_see = {part: allowed(f"families.{part}.read") for part in ("guardian", "collector", "consent")}
        changes = audit.history("families.child", child.id) if allowed("core.change.read") else []
        return self.render(
            self.details_template, child=child, words=words, csrf=generate_csrf(), refused=refused,
            guardians=guardians(child.family_id) if may_see["guardian"] else [],
            people=collectors(child.id) if may_see["collector"] else [],
            given=standing(child.id) if may_see["consent"] else {},
            may_bar=allowed("families.guardian.bar", at=child.region_no),
            history=histories.entries(changes, words.FIELDS, lambda _field, value: value),
        )  # fmt: skip

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
