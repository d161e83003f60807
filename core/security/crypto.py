"""Sealed fields: national numbers and health data that nobody reads without a key, a place and a reason.

Off by default: a module adds a sealed column only where a law allows the data (rulebook D2, D3). A value is
sealed by AES-256-GCM-SIV and bound to its table, column, row and place: copied elsewhere it does not open.
Explicit functions, not a column type: a column type cannot know the row it belongs to.

    class Person(FacilityScoped, db.Model):
        national_no: Mapped[bytes | None] = sealed_column()
        national_no_index: Mapped[bytes | None] = sealed_column(index=True)

    db.session.add(person); db.session.flush()               # the row needs its id first
    seal(person, "national_no", "900101-1234567", index="national_no_index")
    reveal(person, "national_no", "identity check for the admission of …")      # the look is recorded
    sa.select(Person).where(has(Person.national_no_index, "9001011234567"))

List both columns under `secret=` of `walls.protect`, so that the history does not copy them. Moving a row to
another place: reveal, move, flush, seal again.
"""

from __future__ import annotations

import hmac
import json
import secrets
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from flask import current_app
from sqlalchemy.orm import InstrumentedAttribute, MappedColumn, mapped_column, undefer

from core.db.base import db
from core.errors import DolbomError
from core.security import audit
from core.security import scope as scopes
from core.security.keyring import ID_BYTES, Key, KeyRing
from core.security.rows import Scoped

_VERSION = b"\x01"
_NONCE_BYTES = 12
_HEAD = len(_VERSION) + ID_BYTES


class NotSealable(DolbomError):
    """The row has no id or no place yet, so nothing could bind the value to it."""

    code: ClassVar[str] = "crypto.not-sealable"
    http: ClassVar[int] = 500


class WrongPlace(DolbomError):
    """The ciphertext was not made for this row, or was altered."""

    code: ClassVar[str] = "crypto.wrong-place"
    http: ClassVar[int] = 500


class NotSealed(DolbomError):
    """The bytes were never sealed by us."""

    code: ClassVar[str] = "crypto.not-sealed"
    http: ClassVar[int] = 500


class NoReason(DolbomError):
    """A sealed value was asked for without saying why."""

    code: ClassVar[str] = "crypto.no-reason"


@dataclass(frozen=True)
class Place:
    """What a sealed value is bound to."""

    table: str
    column: str
    row: tuple[str, ...]
    tenant: str

    @property
    def bound(self) -> bytes:
        """The associated data; a JSON list, so that no two places can read alike."""
        return json.dumps([self.table, self.column, list(self.row), self.tenant]).encode()


def sealed_column(*, index: bool = False) -> MappedColumn[Any]:
    """A column for sealed values, loaded only when asked for; with `index` one for the blind index."""
    return mapped_column(sa.LargeBinary, index=index, deferred=not index)


def keyring() -> KeyRing:
    """The keys of the running installation."""
    extensions = current_app.extensions
    if "dolbom.keys" not in extensions:
        extensions["dolbom.keys"] = KeyRing(extensions["dolbom"].settings.home / "keys")
    found: KeyRing = extensions["dolbom.keys"]
    return found


def place_of(record: Any, column: str) -> Place:
    """Where a record's column is. Raises `NotSealable` for a row that has no id or no place yet."""
    table = record.__table__
    row = tuple(str(getattr(record, column.name)) for column in table.primary_key.columns)
    # a table of the system may name another column that no value may be carried across, such as the account
    bound = record.__scope_column__ if isinstance(record, Scoped) else getattr(record, "__sealed_to__", None)
    tenant = getattr(record, bound) if bound else None
    if "None" in row or tenant is None:
        raise NotSealable(f"{table.fullname}: flush the row before sealing {column}; it needs id and place")
    return Place(table.fullname, column, row, str(tenant))


def seal_text(ring: KeyRing, place: Place, text: str) -> bytes:
    """Encrypt `text` for one place; twice the same text gives two different values."""
    return seal_bytes(ring, place.bound, text.encode())


def seal_bytes(ring: KeyRing, bound: bytes, content: bytes) -> bytes:
    """Encrypt `content` so that it opens only with the same `bound`."""
    key, nonce = ring.current(), secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + key.id + nonce + key.cipher.encrypt(nonce, content, bound)


def open_text(ring: KeyRing, place: Place, sealed: bytes) -> str:
    """Decrypt what was sealed for exactly this place. Raises `WrongPlace`, `UnknownKey`."""
    try:
        return open_bytes(ring, place.bound, sealed).decode()
    except NotSealed:
        raise WrongPlace(f"{place.table}.{place.column} of row {place.row}: this is not a sealed value") from None
    except InvalidTag:
        raise WrongPlace(
            f"{place.table}.{place.column} of row {place.row}: the value was altered or belongs "
            "to another row; look into the row's history and restore the value from a backup"
        ) from None


def open_bytes(ring: KeyRing, bound: bytes, sealed: bytes) -> bytes:
    """Decrypt what `seal_bytes` made for the same `bound`. Raises `NotSealed`, `InvalidTag`, `UnknownKey`."""
    nonce = sealed[_HEAD : _HEAD + _NONCE_BYTES]
    if sealed[:1] != _VERSION or len(nonce) < _NONCE_BYTES:
        raise NotSealed("this is not a sealed value")
    return ring.get(sealed[1:_HEAD]).cipher.decrypt(nonce, sealed[_HEAD + _NONCE_BYTES :], bound)


def seal(record: Any, column: str, text: str | None, *, index: str | None = None) -> None:
    """Put `text` into a record's sealed column and, where a search needs it, its blind index into another."""
    ring, place = keyring(), place_of(record, column)
    setattr(record, column, None if text is None else seal_text(ring, place, text))
    if index:
        setattr(record, index, None if text is None else _blind(ring.current(), place.table, index, text))


def reveal(record: Any, column: str, reason: str) -> str | None:
    """Read a sealed value; who looked and why is recorded first, in the same transaction (ASVS V16.3.2)."""
    if not reason.strip():
        raise NoReason(f"Say why {column} is needed: the reason is kept with your name and the time.")
    audit.note_reading(record, [column], reason)
    return opened(record, column)


def opened(record: Any, column: str) -> str | None:
    """Open a sealed value without recording a look: for work that shows it to nobody, as rotation and checking codes are."""
    sealed = getattr(record, column)
    return None if sealed is None else open_text(keyring(), place_of(record, column), sealed)


def has(index: InstrumentedAttribute[Any], text: str) -> sa.ColumnElement[bool]:
    """The condition «the sealed value is `text`», spaces and hyphens aside, under every key of the ring."""
    table = index.class_.__table__.fullname
    return index.in_([_blind(key, table, index.key, text) for key in keyring()])


def _blind(key: Key, table: str, column: str, text: str) -> bytes:
    """A keyed digest: equal texts of one column look alike, and only to who holds the key."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum())
    digest = hmac.new(key.index_secret, json.dumps([table, column, plain]).encode(), sha256).digest()
    return key.id + digest[:16]


def mask(text: str, shown: int = 6) -> str:
    """What screens and papers show: the first `shown` characters, the rest as dots (`900101-•••••••`)."""
    return text[:shown] + "".join("•" if sign.isalnum() else sign for sign in text[shown:])


def reseal(model: type[Any], column: str, *, index: str | None = None, batch: int = 500) -> int:
    """Seal with the current key what an older key sealed; returns how many. The body of the rotation job.

    Commits each batch, so it may be killed and started again; done rows are known by their key id. Rows that
    somebody is editing are left for the next run: when it returns 0, the old key file may leave the home.
    """
    attribute, done = getattr(model, column), 0
    with scopes.system(f"key rotation of {model.__table__.fullname}.{column}"):
        head = _VERSION + keyring().current().id
        old = (
            sa.select(model)
            .options(undefer(attribute))
            .where(attribute.is_not(None), sa.func.substring(attribute, 1, _HEAD) != head)
            .order_by(*model.__table__.primary_key.columns)
            .limit(batch)
            .with_for_update(skip_locked=True)
        )
        while records := db.session.scalars(old).all():
            for record in records:
                seal(record, column, opened(record, column), index=index)
            db.session.commit()
            done += len(records)
    return done
