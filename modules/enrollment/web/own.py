"""One's applications: the place, why, what moved it, the receipt, and the way out (S2-08, S1-214, S1-215)."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Response, flash, redirect, render_template, request, url_for

from core.sdk import _, attempting, db, require
from modules.enrollment import words
from modules.enrollment.models import OPEN, Application, Claim, Entry
from modules.enrollment.services import (
    accept,
    decline,
    drafting,
    explaining,
    notices,
    receipts,
    standing,
    take_back,
    withdraw,
)
from modules.enrollment.services.admitting import missing_papers
from modules.enrollment.services.ending import application_of
from modules.enrollment.services.order import places
from modules.enrollment.web.blueprint import MANY, SHORT, bp, zone_of
from modules.facilities import api as facilities
from modules.families import api as families
from modules.messaging import api as messaging
from modules.transparency import api as log


@bp.get("/my/applications")
def mine() -> Any:
    """All applications of one's children, the waiting ones first."""
    require("enrollment.application.create")
    rows = db.session.scalars(
        sa.select(Application).order_by(Application.state.not_in(OPEN), Application.id.desc()).limit(MANY)
    ).all()
    entries = places([row.id for row in rows if row.state == "waiting"])
    begun = drafting.drafts()
    return render_template(
        "enrollment/mine.html", begun=begun, codes=facilities.codes(one.facility_id for one in begun),
        rows=rows, words=words, entries=entries, names=facilities.names({*(row.facility_id for row in rows), *(one.facility_id for one in begun)}),
        children=families.children({row.child_id for row in rows}),
    )  # fmt: skip


@bp.get("/my/applications/<int:number>")
def application(number: int) -> Any:
    """One application: the place, why, what moved it, and the way out of it."""
    found = application_of(number)
    entry = db.session.scalars(sa.select(Entry).where(Entry.application_id == number)).one()
    claims = db.session.scalars(
        sa.select(Claim).where(Claim.child_id == found.child_id, Claim.status != "withdrawn").order_by(Claim.id).limit(MANY)
    ).all()
    since = log.index_of(entry.leaf_hash)
    steps = log.steps(found.facility_id, list_name=entry.list_name, since=since or 0, limit=MANY)
    stands = standing(found)
    return render_template(
        "enrollment/application.html", one=found, entry=entry, standing=stands, claims=claims, steps=steps, words=words,
        history=[
            move | {"on": date.fromisoformat(move["at"])} for move in log.rank_history(entry.list_name, entry.pseudonym)[-MANY:]
        ],
        ahead=explaining.ahead_of(
            tier for tier, _points, count in (stands.ahead if stands else ()) for _one in range(count)
        ),
        missing=missing_papers(found) if found.state == "accepted" else [], title_of=families.paper_title,
        proof=receipts.proof_of(entry.pseudonym), short=SHORT, zone=zone_of(found.facility_id),
        name=facilities.names([found.facility_id])[found.facility_id],
        child=families.children([found.child_id]).get(found.child_id), code=facilities.code_of(found.facility_id),
        told=messaging.for_records([notices.about(number)]), messages=messaging.words,
    )  # fmt: skip


@bp.post("/my/applications/<int:number>/withdraw")
def take_out(number: int) -> Any:
    """Withdraw, as easily as one applied."""
    with attempting() as attempt:
        withdraw(number)
    flash(str(attempt.refused) if attempt.refused else _("Withdrawn. You can apply again at any time."),
          "error" if attempt.refused else "success")  # fmt: skip
    return redirect(url_for("enrollment.mine"))


@bp.post("/my/applications/<int:number>/answer")
def answer(number: int) -> Any:
    """Accept the offered place, or decline it."""
    yes = request.form.get("answer") == "accept"
    with attempting() as attempt:
        (accept if yes else decline)(number)
    said = _("You have the place. Bring the papers next.") if yes else _("Declined. The place goes to the next family.")
    flash(str(attempt.refused or said), "error" if attempt.refused else "success")
    return redirect(url_for("enrollment.application", number=number))


@bp.post("/my/applications/<int:number>/claims/<int:claimed>/take-back")
def unclaim(number: int, claimed: int) -> Any:
    """No longer claim a circumstance."""
    take_back(claimed)
    flash(_("Taken back. Your place is worked out anew."), "success")
    return redirect(url_for("enrollment.application", number=number))


@bp.get("/my/applications/<int:number>/receipt.tlog-proof")
def sealed_receipt(number: int) -> Any:
    """The sealed receipt, which verifies without us."""
    answer = Response(receipts.sealed_receipt(number), mimetype="text/plain")
    answer.headers["Content-Disposition"] = f"attachment; filename=receipt-{number}.tlog-proof"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/my/applications/<int:number>/receipt.pdf")
def receipt(number: int) -> Any:
    """The receipt of an application, for the family's own file."""
    answer = Response(receipts.receipt(number), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f"attachment; filename=receipt-{number}.pdf"
    answer.headers["Cache-Control"] = "no-store"
    return answer
