"""What every back-office page shares: it asks before it answers, and says which right is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import g, redirect, request, url_for
from flask_admin import BaseView

from core.db.base import db
from core.errors import DolbomError, Forbidden, NotFound
from core.security import access
from core.security.rows import Scoped


class BadView(DolbomError):
    """A view was declared unsafely; start-up refuses it."""

    code: ClassVar[str] = "admin.bad-view"


class Guarded(BaseView):  # type: ignore[misc]
    """What all back-office pages share: they ask before they answer."""

    #: `<module>.<model>`; `.read` is asked for the page itself.
    permission: ClassVar[str] = ""
    section: ClassVar[Any] = ""
    icon: ClassVar[str] = "point"
    weight: ClassVar[int] = 50
    #: Shown in the navigation; pages reached from others set False.
    listed: ClassVar[bool] = True

    def is_accessible(self) -> bool:
        """Whether the current post may read here; puts the question on record.

        The office is for people with a post: what visitors may read has public pages.
        """
        return access.allowed(f"{self.permission}.read") and g.get("identity") is not None

    def is_visible(self) -> bool:
        """Our own navigation lists the pages."""
        return False

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        """Strangers sign in first; people without the right are told which one it is."""
        if g.get("identity") is None:
            return sign_in_first()
        return access.require(f"{self.permission}.read")

    def may(self, operation: str, record: Any = None) -> bool:
        """Whether the current post may do `operation` here (to `record`)."""
        permission = f"{self.permission}.{operation}"
        return permission in access.book.permissions and access.allowed(permission, place_of(record))


def sign_in_first() -> Any:
    """Lead a stranger to sign in, and from there to the very page that was asked for."""
    wanted = request.full_path.removesuffix("?") if request.method == "GET" else request.path
    return redirect(url_for("security.login", next=wanted))


def place_of(record: Any) -> int | None:
    """The place a record belongs to; None for what belongs to no place."""
    return getattr(record, record.__scope_column__) if isinstance(record, Scoped) else None


class PageView(Guarded):
    """A back-office page of its own, with the same guard."""


@dataclass
class Attempt:
    """How an act went: `refused` holds what the person is told, None when it was done."""

    refused: DolbomError | None = None


@contextmanager
def attempting() -> Iterator[Attempt]:
    """Commit what the block did. A refusal undoes all of it and is handed back for the page to say.

    What is not there or not allowed ends on its own error page, and so does what is no refusal but a fault.
    """
    attempt = Attempt()
    try:
        yield attempt
        db.session.commit()
    except DolbomError as refused:
        db.session.rollback()
        if isinstance(refused, NotFound | Forbidden) or refused.http >= 500:
            raise
        attempt.refused = refused
