"""Authenticator apps (TOTP): a secret shared by a QR code, then a code of six digits every 30 seconds (RFC 6238)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa
from passlib.exc import TokenError  # type: ignore[import-untyped]
from passlib.totp import TOTP  # type: ignore[import-untyped]
from sqlalchemy.orm import undefer

from core.db.base import db
from core.errors import Refusal
from core.security import crypto
from core.security import scope as scopes
from core.security.factors.models import Authenticator
from core.text import _

ISSUER = "Dolbom"
#: Seconds a code is taken before and after its 30: none (ASVS V6.5.5). Telephones keep time to the second; who types past
#: the end enters the next one.
TOLERANCE = 0
#: An app somebody began to set up and never confirmed is forgotten.
OPEN_FOR = timedelta(minutes=30)


class NoAppBegun(Refusal):
    """A code came to confirm an app, but the set-up was not begun or is too old."""

    code: ClassVar[str] = "factor.no-app-begun"


class WrongAppCode(Refusal):
    """The first code of a new app does not fit its secret."""

    code: ClassVar[str] = "factor.wrong-code"
    http: ClassVar[int] = 422


@dataclass(frozen=True)
class Begun:
    """What the person brings into their app: as an address for a QR code, or by hand in groups of four."""

    uri: str
    key: str


def begin(account_id: int, login: str) -> Begun:
    """Make a new secret and keep it unconfirmed; an app in use goes on until the new one is confirmed.

    Begun again within half an hour, the same secret is shown, so that loading the page anew spoils nothing.
    """
    now = datetime.now(UTC)
    with scopes.system("set up an authenticator app", actor=f"account:{account_id}"):
        row = db.session.scalar(_begun(account_id, now).with_for_update())
        if row is None:
            _forget_unconfirmed(account_id)
            row = Authenticator(account_id=account_id, made_at=now)
            db.session.add(row)
            db.session.flush()
            crypto.seal(row, "secret", TOTP.new().base32_key)
        app = _app(row)
        db.session.commit()
    return Begun(app.to_uri(label=login, issuer=ISSUER), app.pretty_key(sep=" "))


def confirm(account_id: int, code: str) -> None:
    """Take the new app into use once its first code is right; the one before stops. The caller commits, as the system.

    Raises `NoAppBegun`, `WrongAppCode`.
    """
    row = db.session.scalar(_begun(account_id, datetime.now(UTC)).with_for_update())
    if row is None:
        raise NoAppBegun(_("The set-up of the app took too long. Please begin again with the new picture."))
    counter = _counter(row, code)
    if counter is None:
        raise WrongAppCode(
            _("This code does not fit. Check that the clock of your phone is right and enter the newest code.")
        )
    now = datetime.now(UTC)
    db.session.execute(
        sa.delete(Authenticator).where(
            Authenticator.account_id == account_id, Authenticator.confirmed_at.is_not(None)
        )
    )
    row.confirmed_at, row.last_counter, row.last_used_at = now, counter, now
    db.session.flush()


def matches(account_id: int, code: str) -> bool:
    """Tell whether a code of the person's app is right, and use it up: the same code never works twice.

    As the system; the caller commits.
    """
    row = db.session.scalar(
        sa.select(Authenticator)
        .options(undefer(Authenticator.secret))
        .where(Authenticator.account_id == account_id, Authenticator.confirmed_at.is_not(None))
        .with_for_update()  # two requests with one code come one after the other, and the second finds it used
    )
    counter = None if row is None else _counter(row, code)
    if row is None or counter is None:
        return False
    row.last_counter, row.last_used_at = counter, datetime.now(UTC)
    db.session.flush()
    return True


def _begun(account_id: int, now: datetime) -> sa.Select[Any]:
    return (
        sa.select(Authenticator)
        .options(undefer(Authenticator.secret))
        .where(
            Authenticator.account_id == account_id,
            Authenticator.confirmed_at.is_(None),
            Authenticator.made_at > now - OPEN_FOR,
        )
        .order_by(Authenticator.id.desc())
        .limit(1)
    )


def _forget_unconfirmed(account_id: int) -> None:
    db.session.execute(
        sa.delete(Authenticator).where(
            Authenticator.account_id == account_id, Authenticator.confirmed_at.is_(None)
        )
    )


def _app(row: Authenticator) -> Any:
    # No reading a person would have to justify: the secret serves its owner's own sign-in and is shown to nobody else.
    key = crypto.opened(row, "secret")
    return TOTP(key=key, format="base32", digits=6, period=30)


def _counter(row: Authenticator, code: str) -> int | None:
    """The number of the period whose code this is, if it is right, in time and later than the last one used."""
    try:
        match = _app(row).match(
            code, time=datetime.now(UTC), window=TOLERANCE, last_counter=row.last_counter
        )
    except (TokenError, ValueError, TypeError):
        return None
    return int(match.counter)
