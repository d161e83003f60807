"""Facts of admission; other modules may subscribe to them."""

from __future__ import annotations

from core.sdk import event


@event
class ApplicationMade:
    """A family applied to a centre and waits in its list."""

    application_id: int
    facility_id: int
    child_id: int


@event
class ApplicationClosed:
    """An application ended: withdrawn, admitted elsewhere, expired, or refused."""

    application_id: int
    facility_id: int
    child_id: int
    reason: str


@event
class ChildAdmitted:
    """A centre admitted a child."""

    application_id: int
    facility_id: int
    child_id: int


@event
class ClaimDecided:
    """Somebody who saw the evidence of a claimed circumstance said whether it proves it."""

    claim_id: int
    child_id: int
    facility_id: int
    proven: bool
    note: str


@event
class PlaceOffered:
    """A family is offered a place and has some days to answer."""

    application_id: int
    facility_id: int
    child_id: int


@event
class OfferAccepted:
    """A family accepted an offered place; papers come next."""

    application_id: int
    facility_id: int
    child_id: int


@event
class OfferEnded:
    """An offer got a no or no answer, and the application waits on behind those of its points; how: "decline" or "expire"."""

    application_id: int
    facility_id: int
    child_id: int
    how: str


@event
class EntryPassedOver:
    """A centre left an entry out of one vacancy, with a coded reason."""

    application_id: int
    facility_id: int
    code: str
