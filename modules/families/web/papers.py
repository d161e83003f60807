"""Papers of a child: handed in, seen again, taken back."""

from __future__ import annotations

import io
from typing import Any

from flask import Response, flash, redirect, request, url_for

from core.sdk import _, attempting, db
from modules.families.models import Document
from modules.families.services import hand_in, take_back
from modules.families.services.children import child_of
from modules.families.services.papers import content_of, discard, paper
from modules.families.web.blueprint import bp
from modules.families.web.family import child_page

_KINDS = {"jpeg": ("image/jpeg", "jpg"), "pdf": ("application/pdf", "pdf")}


@bp.post("/my/family/children/<int:number>/papers")
def add_paper(number: int) -> Any:
    """Hand in a photograph of a paper, or a PDF."""
    one = child_of(number)
    upload = request.files.get("paper")
    with attempting() as attempt:
        hand_in(one, request.form.get("kind", ""), upload.stream if upload else io.BytesIO())  # type: ignore[arg-type]
    if attempt.refused:
        return child_page(child_of(number), "paper", str(attempt.refused))
    flash(_("The paper is here. It counts once somebody has looked at it."), "success")
    return redirect(url_for("families.child", number=number, _anchor="papers"))


@bp.get("/my/family/papers/<int:number>")
def see_paper(number: int) -> Any:
    """One's own paper as it lies here."""
    return as_file(paper(number))


@bp.post("/my/family/papers/<int:number>/take-back")
def remove_paper(number: int) -> Any:
    """Take a paper back that does not count yet."""
    found = paper(number)
    child_id, gone = found.child_id, None
    with attempting() as attempt:
        gone = take_back(found)
    if attempt.refused:
        return child_page(child_of(child_id), "paper", str(attempt.refused))
    if gone:
        discard(*gone)
    flash(_("The paper is gone."), "success")
    return redirect(url_for("families.child", number=child_id, _anchor="papers"))


def as_file(found: Document) -> Response:
    """A paper as a download: a browser never runs or shows it as a page of ours."""
    number, form = found.id, found.form
    content = content_of(found)
    db.session.rollback()  # nothing is held while the file goes out
    kind, ending = _KINDS[form]
    answer = Response(content, mimetype=kind)
    answer.headers["Content-Disposition"] = f"attachment; filename=paper-{number}.{ending}"
    answer.headers["Cache-Control"] = "no-store"
    return answer
