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
