"""The paper list of a centre: what was copied so far, and taking it over, once (S2-44)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect
from flask_wtf import FlaskForm

from core.sdk import PageView, _, attempting, expose, ngettext, scope
from modules.enrollment import words
from modules.enrollment.services import papering
from modules.families import api as families


class PaperPage(PageView):
    """The lines of the paper list of the centre of the post."""

    slug = "paper"
    title = _("Paper list")
    permission = "enrollment.place"
    listed = False

    @expose("/")
    def index(self) -> Any:
        """What was copied so far, in the order of its dates."""
        return self._shown(self._here())

    @expose("/take-over", methods=("POST",))
    def take_over_view(self) -> Any:
        """Put the whole list into the public log."""
        here = self._here()
        taken = papering.Taken(0, ())
        with attempting() as attempt:
            taken = papering.take_over(here)
        if attempt.refused:
            return self._shown(here, str(attempt.refused)), 422
        flash(
            ngettext(
                "%(num)s line was taken over and stands in the public log.", "%(num)s lines were taken over and stand in the public log.",
                taken.count,
            ), "success",
        )  # fmt: skip
        return self._shown(here, left=dict(taken.left)) if taken.left else redirect(self.get_url(".index"))

    @staticmethod
    def _here() -> int:
        mine = scope.current().facilities
        if not mine:
            abort(404)  # an office has no paper list
        return int(mine[0])

    def _shown(self, here: int, refused: str = "", left: dict[int, str] | None = None) -> Any:
        rows = papering.noted(here)
        return self.render(
            "enrollment/office/paper.html", rows=rows, children=families.children({row.child_id for row in rows}), refused=refused,
            words=words, left=left or {}, form=FlaskForm(),
        )  # fmt: skip
