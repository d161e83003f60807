"""Passkeys (WebAuthn): enrolled with the owner's fingerprint, face or PIN, then a way in that cannot be guessed or fished.

The library `webauthn`, which Flask-Security uses too, makes and checks all messages. Its owner always proves themselves to
the device (user verification), so that a passkey alone is two factors.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar

import sqlalchemy as sa
import webauthn
from sqlalchemy.dialects.postgresql import insert
from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from core.db.base import db
from core.errors import Refusal
from core.security import scope as scopes
from core.security.factors.models import Passkey, UsedChallenge
from core.text import _

NAME = "Dolbom"
MOST = 10
#: A challenge is answered within this time.
LASTS = timedelta(minutes=5)
_LONGEST_NAME = 60
_LONGEST_ANSWER = 20_000


class PasskeyRefused(Refusal):
    """The device's answer does not fit: another site, an old or used challenge, an unknown or copied key."""

    code: ClassVar[str] = "passkey.refused"
    http: ClassVar[int] = 422

    def __init__(self) -> None:
        super().__init__(_("The passkey did not work. Please try again, or use another way to sign in."))


class TooManyPasskeys(Refusal):
    """A person has as many passkeys as we keep."""

    code: ClassVar[str] = "passkey.too-many"


@dataclass(frozen=True)
class Site:
    """The site a passkey belongs to: its host name (`rp`) and the origin the browser signs (`https://host`)."""

    rp: str
    origin: str
    secret: str = ""

    def handle(self, account_id: int) -> bytes:
        """The number under which devices keep a person's passkeys; tells nothing about the person."""
        return hmac.new(self.secret.encode(), f"passkey {account_id}".encode(), sha256).digest()


def enrollment(site: Site, account_id: int, login: str, name: str) -> tuple[dict[str, Any], bytes]:
    """What the browser needs to make a passkey, and the challenge to remember. Raises `TooManyPasskeys`."""
    known = _of(account_id)
    if len(known) >= MOST:
        raise TooManyPasskeys(
            _("You have %(count)s passkeys: remove one you no longer use before adding another.", count=len(known))
        )
    options = webauthn.generate_registration_options(
        rp_id=site.rp,
        rp_name=NAME,
        user_id=site.handle(account_id),
        user_name=login,
        user_display_name=name,
        exclude_credentials=[_descriptor(one) for one in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return json.loads(webauthn.options_to_json(options)), options.challenge


def enroll(site: Site, account_id: int, answer: str, challenge: bytes, name: str) -> None:
    """Keep the passkey a device made. As the system; the caller commits. Raises `PasskeyRefused`, `TooManyPasskeys`."""
    try:
        found = webauthn.verify_registration_response(
            credential=answer[:_LONGEST_ANSWER],
            expected_challenge=challenge,
            expected_rp_id=site.rp,
            expected_origin=site.origin,
            require_user_verification=True,
        )
        transports = json.loads(answer).get("response", {}).get("transports") or []
    except (WebAuthnException, ValueError, AttributeError, TypeError):
        raise PasskeyRefused from None
    _use_up(challenge)
    if len(_of(account_id)) >= MOST:
        raise TooManyPasskeys(
            _("You have %(count)s passkeys: remove one you no longer use before adding another.", count=MOST)
        )
    added = db.session.scalar(
        insert(Passkey)
        .values(
            account_id=account_id,
            name=_named(name),
            credential=found.credential_id,
            public_key=found.credential_public_key,
            sign_count=found.sign_count,
            transports=[one for one in transports if one in _TRANSPORTS],
            made_at=datetime.now(UTC),
        )
        .on_conflict_do_nothing(index_elements=["credential"])
        .returning(Passkey.id)
    )
    if added is None:  # somebody has this very key: it would let both in
        raise PasskeyRefused


def question(site: Site, account_id: int | None = None) -> tuple[dict[str, Any], bytes]:
    """What the browser needs to ask for a passkey (of a person, else any it knows), and the challenge to remember."""
    options = webauthn.generate_authentication_options(
        rp_id=site.rp,
        allow_credentials=[_descriptor(one) for one in _of(account_id)] if account_id is not None else None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return json.loads(webauthn.options_to_json(options)), options.challenge


def answered(site: Site, answer: str, challenge: bytes, account_id: int | None = None) -> int:
    """The account whose passkey answered the challenge rightly; each challenge counts once.

    With `account_id` only that person's passkeys count. As the system; the caller commits. Raises `PasskeyRefused`.
    """
    try:
        credential = parse_authentication_credential_json(answer[:_LONGEST_ANSWER])
        key = db.session.scalar(
            sa.select(Passkey).where(Passkey.credential == credential.raw_id).with_for_update()
        )
        if key is None or account_id not in (None, key.account_id):
            raise PasskeyRefused
        found = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.rp,
            expected_origin=site.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, AttributeError, TypeError):
        raise PasskeyRefused from None
    _use_up(challenge)
    key.sign_count, key.last_used_at = found.new_sign_count, datetime.now(UTC)
    db.session.flush()
    owner: int = key.account_id
    return owner


def forget_challenges(now: datetime | None = None) -> int:
    """Forget answered challenges that are too old to be answered anyway."""
    with scopes.system("forget used challenges"):
        old = UsedChallenge.used_at < (now or datetime.now(UTC)) - 2 * LASTS
        gone = db.session.execute(sa.delete(UsedChallenge).where(old))
        db.session.commit()
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _of(account_id: int | None) -> list[Passkey]:
    with scopes.system("see which passkeys an account has"):
        found = db.session.scalars(
            sa.select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id).limit(MOST)
        ).all()
        db.session.expunge_all()
    return list(found)


def _use_up(challenge: bytes) -> None:
    """The browser keeps its session, challenge included: so the server remembers which were answered."""
    stored = db.session.scalar(
        insert(UsedChallenge)
        .values(challenge=sha256(challenge).digest(), used_at=datetime.now(UTC))
        .on_conflict_do_nothing()
        .returning(UsedChallenge.used_at)
    )
    if stored is None:
        raise PasskeyRefused


_TRANSPORTS = frozenset(one.value for one in AuthenticatorTransport)


def _descriptor(key: Passkey) -> PublicKeyCredentialDescriptor:
    transports = [AuthenticatorTransport(one) for one in key.transports if one in _TRANSPORTS]
    return PublicKeyCredentialDescriptor(id=key.credential, transports=transports or None)


def _named(name: str) -> str:
    plain = " ".join("".join(sign for sign in name if sign.isprintable()).split())[:_LONGEST_NAME]
    return plain or str(_("Passkey"))


def shown(challenge: bytes) -> str:
    """A challenge as text, to be carried in the browser's session."""
    return bytes_to_base64url(challenge)
