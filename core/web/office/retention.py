"""How long data is kept: the rules, the plan of what a purge would take, the purge itself with its certificate (D10, D23)."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request
from flask_admin import expose
from flask_wtf.csrf import generate_csrf

from core.errors import NotFound
from core.host import retention
from core.host.retention import RULES, Due
from core.jobs import purging
from core.regions.atlas import atlas
from core.security import access
from core.security import scope as scopes
from core.security.accounts import EVERYWHERE
from core.text import _
from core.web import i18n, papers
from core.web.admin.guarded import PageView, attempting
from core.web.office import asked, naming

SIZE = 50


class RetentionPage(PageView):
    """See what is due, purge it with proof."""

    slug = "retention"
    title = _("Retention")
    section = _("Administration")
    icon = "hourglass"
    weight = 70
    permission = "core.retention"

    @expose("/")
    def index(self) -> Any:
        """Every rule with what is due at a place, and the certificates of what went."""
        place, mark = self._place(), request.args.get("before")
        found = retention.certificates(limit=SIZE + 1, before=asked.number(mark) if mark else None)
        rows = found[:SIZE]
        return self.render(
            "office/retention.html", place=place, code=_code(place), places=naming.places([place, *(r.place_no for r in rows)]),
            plan=retention.plan(place), certificates=rows, regions=naming.regions(), zone=i18n.zone(),
            may_purge=access.allowed("core.retention.purge", at=place),
            first=self.get_url(".index", place=_code(place)) if mark else None,
            next=self.get_url(".index", place=_code(place), before=rows[-1].id) if len(found) > SIZE else None,
        )  # fmt: skip

    def _place(self) -> int:
        """The place in the address: a region of the post, else the post's own place."""
        me, code = scopes.current(), request.values.get("place", "")
        if not code:
            return EVERYWHERE if me.place is None else me.place
        node = atlas().by_code.get(code)
        if node is None or not me.covers(node.no):
            raise NotFound(_("There is no such region here: choose one of the list."))
        return node.no

    @expose("/purge", methods=("GET", "POST"))
    def purge(self) -> Any:
        """Say what goes, then do it: it cannot be undone, so the number of rows is typed."""
        place = self._place()
        access.require("core.retention.purge", at=place)
        line = self._line(place)
        if request.method == "POST":
            if request.form.get("confirm_word", "").strip() != str(line.goes):
                flash(_("Type the number of rows to purge them: they cannot be brought back."), "error")
            elif self._begin(line, place):
                return redirect(self.get_url(".index", place=_code(place)))
        return self.render(
            "office/retention_purge.html", line=line, code=_code(place), place=naming.places([place])[place], csrf=generate_csrf(),
        )  # fmt: skip

    def _line(self, place: int) -> Due:
        wanted = request.values.get("rule", "")
        if wanted not in RULES.by_name:
            raise NotFound(_("There is no such rule: choose one of the plan."))
        return next(line for line in retention.plan(place) if line.rule == wanted)

    def _begin(self, line: Due, place: int) -> bool:
        with attempting() as attempt:
            purging.ask_for(line.rule, place, asked.reason(), line.goes)
        said = _("The purge has begun. Its certificate appears below; see Background work for its progress.")
        flash(str(attempt.refused or said), "error" if attempt.refused else "success")
        return attempt.refused is None

    @expose("/certificates/<number>")
    def certificate(self, number: str) -> Any:
        """One certificate: what went, by which rule and law, by whom and why."""
        found = retention.read_certificate(asked.number(number))
        return self.render(
            "office/certificate.html", one=found, zone=i18n.zone(), place=naming.places([found.place_no])[found.place_no],
            who=naming.people([found.account_id])[found.account_id],
        )  # fmt: skip

    @expose("/certificates/<number>/pdf")
    def certificate_pdf(self, number: str) -> Any:
        """The certificate as a paper to sign and file."""
        found = retention.read_certificate(asked.number(number))
        paper = papers.certificate_pdf(found, zone=i18n.zone())
        name = f"certificate-{found.id}.pdf"
        return Response(
            paper, mimetype="application/pdf", headers={"Content-Disposition": f"attachment; filename={name}"}
        )


def _code(place: int) -> str | None:
    node = atlas().nodes.get(place)
    return node.code if node else None
