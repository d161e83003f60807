"""A family's data: taken along whole, as a calendar, corrected or erased on request (E-18, rulebook D24)."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, send_file, url_for

from core.sdk import _, attempting, db, i18n, scope
from modules.families import words
from modules.families.services import ask_about_data, erase
from modules.families.services.asking import KINDS, requests_of
from modules.families.services.children import child_of
from modules.families.services.erasing import holds
from modules.families.services.takeout import calendar, days_of, tables_of, write_takeout
from modules.families.web.blueprint import bp
from modules.families.web.family import our_family


@bp.get("/my/family/data")
def data() -> Any:
    """What one can do with one's data."""
    return _page()


def _page(refused: str = "") -> Any:
    ours = our_family()
    page = render_template(
        "families/data.html", family=ours, words=words, rows=requests_of(ours.id), kinds=KINDS, refused=refused,
        typed=request.form, days=days_of(ours),
    )  # fmt: skip
    return (page, 422) if refused else page


@bp.post("/my/family/data/requests")
def ask() -> Any:
    """Ask for a correction, an erasure, or that something is no longer used."""
    ours = our_family()
    child = request.form.get("child", type=int)
    with attempting() as attempt:
        ask_about_data(
            ours, request.form.get("kind", ""), request.form.get("text", ""), child=child_of(child) if child else None
        )
    if attempt.refused:
        return _page(str(attempt.refused))
    flash(_("Your request is filed. The answer comes here and to your contacts."), "success")
    return redirect(url_for("families.data"))


@bp.post("/my/family/data/takeout")
def takeout() -> Any:
    """Everything in one file."""
    ours = our_family()
    readme = render_template("families/takeout.html", tables=tables_of(ours), today=scope.current().on_date, cell=_cell)
    made = write_takeout(ours, readme)
    db.session.rollback()  # nothing is held while the file goes out
    name = f"dolbom-{scope.current().on_date.isoformat()}.zip"
    answer = send_file(made, mimetype="application/zip", as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/my/family/calendar.ics")
def days() -> Any:
    """The family's days for a calendar."""
    content = calendar(days_of(our_family()))
    answer = Response(content, mimetype="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = "attachment; filename=dolbom.ics"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/my/family/children/<int:number>/erase")
def ask_erase(number: int) -> Any:
    """What would go, or what keeps it."""
    one = child_of(number)
    return render_template("families/erase.html", child=one, holds=holds(one))


@bp.post("/my/family/children/<int:number>/erase")
def erased(number: int) -> Any:
    """Erase a child's data for good."""
    with attempting() as attempt:
        erase(child_of(number))
    if attempt.refused:
        one = child_of(number)
        return render_template("families/erase.html", child=one, holds=holds(one), refused=str(attempt.refused)), 422
    flash(_("The child's data is erased."), "success")
    return redirect(url_for("families.family"))


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return i18n.day(value) if hasattr(value, "isoformat") else str(value)
