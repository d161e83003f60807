"""The receipt of an application: the same for those who applied online and those who came in person (F-57, S1-122)."""

from __future__ import annotations

from typing import ClassVar

import sqlalchemy as sa
from markupsafe import Markup

from core.sdk import Refusal, _, atlas, db, documents, i18n, require, scope
from modules.enrollment import words
from modules.enrollment.models import Claim, Entry
from modules.enrollment.services.ending import application_of
from modules.facilities import api as facilities
from modules.families import api as families
from modules.transparency import api as log


class NotSealed(Refusal):
    """The leaf is in the log, its signature is on the way."""

    code: ClassVar[str] = "enrollment.not-sealed"
    http: ClassVar[int] = 409


def receipt(number: int) -> bytes:
    """A PDF: when the application came, under which sign and order of arrival it stands, and what was claimed."""
    return documents.write_pdf(receipt_html(number))


def proof_of(pseudonym: str) -> log.Receipt | None:
    """The proof of an entry out of the public log; internal to pages whose application one may see."""
    with scope.system("a family's receipt"):
        return log.receipt_of(pseudonym)


def sealed_receipt(number: int) -> str:
    """The sealed proof as a file that verifies without us. Raises `NotSealed` while the log's signature is on its way."""
    require("enrollment.application.read")
    entry = db.session.scalars(sa.select(Entry).where(Entry.application_id == application_of(number).id)).one()
    proof = proof_of(entry.pseudonym)
    if proof is None or not proof.text:
        raise NotSealed(_("Your application is in. The log seals it within minutes: come back for the sealed receipt."))
    return proof.text


def _sealed(proof: log.Receipt | None) -> Markup:
    if proof is None or not proof.text:
        return Markup("<p>{}</p>").format(_("Waiting for the seal of the public log. The sealed receipt is on the page of the application."))
    return Markup("<h2>{}</h2><p>{}</p>{}").format(
        _("Sealed receipt"), _("Scan it at the page that verifies receipts, on any device, also without network."),
        documents.draw_qr(proof.text, _("QR code of the sealed receipt"), scale=3),
    )


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
    proof = proof_of(entry.pseudonym)
    if proof is not None:
        facts |= {_("Leaf in the public log"): proof.index, _("Hash of the leaf"): proof.leaf_hash}
    columns = [documents.Column(_("Circumstance")), documents.Column(_("Evidence"))]
    rows = [(str(words.circumstance(one.code)), str(words.CLAIMS[one.status][1])) for one in claims]
    return documents.paper(
        _("Receipt of an application"), documents.table(columns, rows, _("What you claimed")), _sealed(proof), sender=centre, facts=facts
    )
