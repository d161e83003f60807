"""Children who may be one: two records side by side for the officer who knows whom to ask."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_wtf.csrf import generate_csrf

from core.sdk import PageView, _, attempting, expose, naming, require
from modules.families import words
from modules.families.services.likeness import MOST, pairs, they_are_two


class LikenessPage(PageView):
    """The pairs that wait for a decision."""

    slug = "likeness"
    title = _("Children who may be one")
    permission = "families.likeness"
    listed = False

    @expose("/")
    def index(self) -> Any:
        """Both records of each pair, the likeliest first."""
        require("families.likeness.read")
        return self._page()

    def _page(self, wrong: int = 0, refused: str = "") -> Any:
        found = pairs()
        places = naming.places({side.child.region_no for pair in found for side in pair.sides})
        return self.render(
            "families/office/likeness.html", pairs=found, places=places, words=words, csrf=generate_csrf(), most=MOST,
            wrong=wrong, refused=refused,
        )  # fmt: skip

    @expose("/<int:number>/two", methods=("POST",))
    def two(self, number: int) -> Any:
        """They are two children."""
        with attempting() as attempt:
            they_are_two(number, reason=request.form.get("reason", ""))
        if attempt.refused:
            return self._page(number, str(attempt.refused)), 422
        flash(_("Remembered. Nobody is asked about these two again."), "success")
        return redirect(self.get_url(".index"))
