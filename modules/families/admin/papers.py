"""Papers and invitations as a centre or an office handles them; what comes of it is seen on the child's page."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for

from core.sdk import PageView, _, attempting, expose, require, scope
from modules.families import words
from modules.families.services import decide, invite, show
from modules.families.services.children import child_of
from modules.families.services.guarding import guardian_of
from modules.families.services.inviting import LASTS
from modules.families.services.papers import MOST, paper, waiting_papers
from modules.families.web.papers import as_file


class PapersPage(PageView):
    """Look at a paper, say whether it counts, record one that was shown, hand a guardian a link."""

    slug = "papers"
    title = _("Papers")
    permission = "families.document"
    listed = False

    @expose("/")
    def index(self) -> Any:
        """Papers nobody has looked at, the longest waiting first; whoever works them off sees the next ones."""
        rows = waiting_papers()
        return self.render("families/office/papers.html", rows=rows, words=words, most=MOST)

    @expose("/<int:number>")
    def file(self, number: int) -> Any:
        """A paper's file; that one looked is recorded."""
        require("families.document.read")
        return as_file(paper(number))

    @expose("/<int:number>/decide", methods=("POST",))
    def decide_view(self, number: int) -> Any:
        """Say whether a paper counts."""
        found = paper(number)
        child_id, accepted = found.child_id, request.form.get("act") == "accept"
        with attempting() as attempt:
            decide(number, accepted=accepted, note=request.form.get("note", ""), facility_id=_here())
        return _back(child_id, attempt.refused, _("Saved. The family sees it."))

    @expose("/show/<int:child_id>", methods=("POST",))
    def show_view(self, child_id: int) -> Any:
        """Record a paper that was shown at the counter."""
        one = child_of(child_id)
        with attempting() as attempt:
            show(one, request.form.get("kind", ""), request.form.get("note", ""), facility_id=_here() or 0)
        return _back(child_id, attempt.refused, _("Recorded. It counts, and no copy is kept."))

    @expose("/invite/<int:child_id>/<int:number>", methods=("POST",))
    def invite_view(self, child_id: int, number: int) -> Any:
        """Make a link by which a guardian joins with an account of their own, shown this once."""
        with attempting() as attempt:
            token = invite(number, child_id=child_id, facility_id=_here() or 0)
        if attempt.refused:
            return _back(child_id, attempt.refused, "")
        link = url_for("families.join_family", token=token, _external=True)
        return self.render(
            "families/office/invited.html", guardian=guardian_of(number), link=link, days=LASTS.days, child_id=child_id
        )


def _here() -> int | None:
    """The centre of the post; None for an office."""
    mine = scope.current().facilities
    return int(mine[0]) if mine else None


def _back(child_id: int, refused: Any, done: Any) -> Any:
    flash(str(refused) if refused else done, "error" if refused else "success")
    return redirect(url_for("families-children.details_view", id=child_id))
