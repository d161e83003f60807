"""What second steps a person holds, adding and removing them: each change ends the other sessions and is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

import sqlalchemy as sa

from core.db.base import db
from core.errors import NotFound, Refusal
from core.security import notices, sign_ins
from core.security import scope as scopes
from core.security.factors import apps, passkeys, recovery
from core.security.factors.models import Authenticator, Passkey, RecoveryCode
from core.text import _


class LastFactor(Refusal):
    """Somebody whose role needs a second step wanted to remove the only one."""

    code: ClassVar[str] = "factor.last"


class NoFactor(Refusal):
    """Recovery codes were wanted by somebody without a second step: there is nothing to recover."""

    code: ClassVar[str] = "factor.none"


@dataclass(frozen=True)
class Held:
    """A person's second steps: the app's confirmation, the passkeys, recovery codes left of those made."""

    app_since: datetime | None
    app_used: datetime | None
    passkeys: tuple[Passkey, ...]
    codes_left: int
    codes_made: datetime | None

    @property
    def any(self) -> bool:
        """Whether signing in asks for a second step."""
        return self.app_since is not None or bool(self.passkeys)


def held(account_id: int) -> Held:
    """What the person holds; for the person's own pages and for signing in."""
    with scopes.system("see which second steps an account has", actor=f"account:{account_id}"):
        app = db.session.scalar(
            sa.select(Authenticator).where(
                Authenticator.account_id == account_id, Authenticator.confirmed_at.is_not(None)
            )
        )
        keys = db.session.scalars(
            sa.select(Passkey)
            .where(Passkey.account_id == account_id)
            .order_by(Passkey.id)
            .limit(passkeys.MOST)
        ).all()
        codes = db.session.execute(
            sa.select(
                sa.func.count().filter(RecoveryCode.used_at.is_(None)), sa.func.min(RecoveryCode.made_at)
            ).where(RecoveryCode.account_id == account_id)
        ).one()
        db.session.expunge_all()
    return Held(
        app.confirmed_at if app else None, app.last_used_at if app else None, tuple(keys), codes[0], codes[1]
    )


def add_app(account_id: int, code: str, sign_in_id: int) -> None:
    """Take the app that was set up into use by its first code. Raises `WrongAppCode`, `NoAppBegun`."""
    with scopes.system("confirm an authenticator app", actor=f"account:{account_id}"):
        apps.confirm(account_id, code)
        _changed(account_id, "app-added", sign_in_id, second="app")
        db.session.commit()


def add_passkey(
    site: passkeys.Site, account_id: int, answer: str, challenge: bytes, name: str, sign_in_id: int
) -> None:
    """Keep a new passkey. Raises `PasskeyRefused`, `TooManyPasskeys`."""
    with scopes.system("enroll a passkey", actor=f"account:{account_id}"):
        passkeys.enroll(site, account_id, answer, challenge, name)
        _changed(account_id, "passkey-added", sign_in_id, second="passkey")
        db.session.commit()


def new_codes(account_id: int) -> list[str]:
    """Ten recovery codes, to be shown once; earlier ones stop working. Raises `NoFactor` without a second step."""
    with scopes.system("make recovery codes", actor=f"account:{account_id}"):
        _lock(account_id)
        if not _number(account_id):
            raise NoFactor(_("Recovery codes stand in for a second step: set up an app or a passkey first."))
        codes = recovery.make(account_id)
        notices.tell_owner(account_id, "credential-changed", what="codes-made")
        db.session.commit()
    return codes


def remove_app(account_id: int, sign_in_id: int, *, needed: bool) -> None:
    """Remove the app; `needed` says that the person's role needs a second step. Raises `LastFactor`."""
    with scopes.system("remove an authenticator app", actor=f"account:{account_id}"):
        _lock(account_id)
        gone = db.session.execute(sa.delete(Authenticator).where(Authenticator.account_id == account_id))
        _removed(account_id, gone, "app-removed", sign_in_id, needed=needed)


def remove_passkey(account_id: int, passkey_id: int, sign_in_id: int, *, needed: bool) -> None:
    """Remove one of the person's passkeys. Raises `LastFactor`, `NotFound`."""
    with scopes.system("remove a passkey", actor=f"account:{account_id}"):
        _lock(account_id)
        gone = db.session.execute(
            sa.delete(Passkey).where(Passkey.account_id == account_id, Passkey.id == passkey_id)
        )
        _removed(account_id, gone, "passkey-removed", sign_in_id, needed=needed)


def _removed(account_id: int, gone: object, what: str, sign_in_id: int, *, needed: bool) -> None:
    if getattr(gone, "rowcount", 0) == 0:
        raise NotFound(_("This second step is not there any more: load the page again."))
    if not _number(account_id):
        if needed:
            raise LastFactor(
                _("Your role needs a second step: set up another one first, then remove this one.")
            )
        db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    _changed(account_id, what, sign_in_id)
    db.session.commit()


def _number(account_id: int) -> int:
    """How many second steps a person has, recovery codes aside."""
    app = sa.select(sa.func.count()).select_from(Authenticator)
    keys = sa.select(sa.func.count()).select_from(Passkey)
    both = sa.select(
        app.where(
            Authenticator.account_id == account_id, Authenticator.confirmed_at.is_not(None)
        ).scalar_subquery()
        + keys.where(Passkey.account_id == account_id).scalar_subquery()
    )
    return db.session.scalar(both) or 0


def _lock(account_id: int) -> None:
    """One change at a time: two tabs must not each remove «the other one»."""
    db.session.execute(sa.text("select 1 from core.account where id = :id for update"), {"id": account_id})


def _changed(account_id: int, what: str, sign_in_id: int, *, second: str | None = None) -> None:
    """After a change of second steps every other session ends (ASVS V7.4.3); this one has just proved the new one."""
    sign_ins.end_within(account_id, keep=sign_in_id, because="second steps changed")
    if second is not None:
        sign_ins.proved(sign_in_id, second=second, at=datetime.now(UTC))
    notices.tell_owner(account_id, "credential-changed", what=what)
