"""Recovery codes: ten, shown once to be printed, each good once in the place of a second step."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from argon2.low_level import Type, hash_secret_raw

from core.db.base import db
from core.security import hashing
from core.security.factors.models import RecoveryCode

NUMBER = 10
#: 12 characters of 32 are 60 bits: too few for a plain digest, so they are hashed as passwords are (ASVS V6.5.2).
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH, _GROUP = 12, 4
_SALT_BYTES = 16
_ALIKE = str.maketrans("OIL", "011")


def make(account_id: int) -> list[str]:
    """Ten new codes; all earlier ones stop working. As the system; the caller commits and shows them once."""
    salt, now = secrets.token_bytes(_SALT_BYTES), datetime.now(UTC)
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(NUMBER)]
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    db.session.execute(
        sa.insert(RecoveryCode),
        [
            {"account_id": account_id, "salt": salt, "code_hash": _hashed(code, salt), "made_at": now}
            for code in codes
        ],
    )
    return [written(code) for code in codes]


def matches(account_id: int, code: str) -> bool:
    """Tell whether a code is one of the person's, and use it up. As the system; the caller commits.

    One hash whatever the number of codes: those of one set share a salt.
    """
    plain = normalized(code)
    salt = db.session.scalar(
        sa.select(RecoveryCode.salt).where(RecoveryCode.account_id == account_id).limit(1)
    )
    if salt is None or len(plain) != _LENGTH:
        return False
    used = db.session.execute(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_hash == _hashed(plain, salt),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=datetime.now(UTC))
        .execution_options(synchronize_session=False)
    )
    return bool(used.rowcount == 1)  # type: ignore[attr-defined]


def left(account_id: int) -> int:
    """How many codes a person has not used yet."""
    count = sa.select(sa.func.count()).select_from(RecoveryCode)
    return db.session.scalar(
        count.where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    ) or 0  # fmt: skip


def written(code: str) -> str:
    """The code in groups of four, as it is read from paper."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def normalized(code: str) -> str:
    """What was typed, without spaces and dashes, letters that are taken for digits put right."""
    kept = "".join(sign for sign in code.upper().translate(_ALIKE) if sign in _LETTERS)
    return kept[: _LENGTH + 1]


def _hashed(code: str, salt: bytes) -> bytes:
    cost = hashing.ARGON2
    with hashing.slot():
        return hash_secret_raw(
            code.encode(), salt, cost["argon2__time_cost"], cost["argon2__memory_cost"], cost["argon2__parallelism"],
            32, Type.ID,
        )  # fmt: skip
