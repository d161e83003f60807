"""Facts families publish; other modules may subscribe to them."""

from __future__ import annotations

from datetime import date

from core.sdk import event


@event
class ChildEntered:
    """A child was entered, online or at a counter, or its name or birthday was corrected."""

    child_id: int
    family_id: int


@event
class ChildBorn:
    """A child that was expected is born; its waiting entries go on under the same time (rulebook 1b.6)."""

    child_id: int
    family_id: int
    born_on: date


@event
class GuardianBarred:
    """A court took a guardian's rights away."""

    family_id: int
    guardian_id: int


@event
class ConsentWithdrawn:
    """A family no longer consents to something."""

    child_id: int
    purpose: str


@event
class DocumentDecided:
    """A paper of a family was looked at: it counts, or not and why."""

    document_id: int
    child_id: int
    family_id: int
    kind: str
    accepted: bool
    note: str


@event
class GuardianJoined:
    """A guardian's own account joined the family."""

    family_id: int
    guardian_id: int


@event
class RequestAnswered:
    """The authority answered what a family asked about its data."""

    request_id: int
    family_id: int
    done: bool
    answer: str
