"""The receipt of an application: the same for those who applied online and those who came in person (F-57, S1-122)."""

from __future__ import annotations

import sqlalchemy as sa

from core.sdk import _, atlas, db, documents, i18n, require
from modules.enrollment import words
from modules.enrollment.models import Claim, Entry
from modules.enrollment.services.ending import application_of
from modules.facilities import api as facilities
from modules.families import api as families


def receipt(number: int) -> bytes:
    """A PDF: when the application came, under which sign and order of arrival it stands, and what was claimed."""
    return documents.write_pdf(receipt_html(number))


def receipt_html(number: int) -> str:
    """The same before it is set. Whoever may see the application may have its receipt."""
    require("enrollment.application.read")
    found = application_of(number)
    entry = db.session.scalars(sa.select(Entry).where(Entry.application_id == number)).one()
    claims = db.session.scalars(
        sa.select(Claim).where(Claim.child_id == found.child_id, Claim.status != "withdrawn").order_by(Claim.id).limit(50)
    ).all()
    child = families.children([found.child_id]).get(found.child_id)
    region = atlas().region_of(found.facility_id)
    centre = facilities.names([found.facility_id])[found.facility_id]
    facts = {
        _("Application"): number, _("Centre"): centre, _("Child"): child.called if child else "—",
        _("Applied"): i18n.moment(found.applied_at, region.timezone if region else "UTC"), _("How"): words.CHANNELS[found.channel],
        _("From"): found.wanted_from, _("Order of arrival"): entry.arrival, _("Sign in the public list"): entry.pseudonym,
        _("State"): words.STATES[found.state][1],
    }  # fmt: skip
    columns = [documents.Column(_("Circumstance")), documents.Column(_("Evidence"))]
    rows = [(str(words.circumstance(one.code)), str(words.CLAIMS[one.status][1])) for one in claims]
    return documents.paper(
        _("Receipt of an application"), documents.table(columns, rows, _("What you claimed")), sender=centre, facts=facts
    )
