"""What messaging refuses, each with advice."""

from __future__ import annotations

from typing import ClassVar

from core.sdk import DolbomError, Refusal


class BadMessage(DolbomError):
    """A module sends a message with facts its template does not know, or without those it needs."""

    code: ClassVar[str] = "messaging.bad-message"
    http: ClassVar[int] = 500


class KeyTaken(DolbomError):
    """A message of this key was written for somebody else: put the recipient into the key."""

    code: ClassVar[str] = "messaging.key-taken"
    http: ClassVar[int] = 500


class BadContact(Refusal):
    """A contact cannot be one, or there is none."""

    code: ClassVar[str] = "messaging.contact"


class NotFailed(Refusal):
    """Only a message that did not arrive is corrected and sent again."""

    code: ClassVar[str] = "messaging.not-failed"


class BadWording(Refusal):
    """A text names unknown fields, is empty or too long."""

    code: ClassVar[str] = "messaging.wording"


class WrongStep(Refusal):
    """A wording is not at the step this act belongs to."""

    code: ClassVar[str] = "messaging.wording-step"


class SamePerson(Refusal):
    """Whoever submitted a text cannot approve it."""

    code: ClassVar[str] = "messaging.same-person"
    http: ClassVar[int] = 403
