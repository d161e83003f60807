"""Telling a person what happened to their account, in the same transaction as what happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.errors import DolbomError
from core.security.events import NoticeRaised

#: A way to sign in was added, removed or used up · a sign-in from a new browser and network · one after failures · one after
#: somebody elsewhere gave the right password and did not pass the second step.
KINDS = frozenset({"credential-changed", "sign-in-elsewhere", "sign-in-after-failures", "sign-in-half-done"})

_ways: list[Callable[[NoticeRaised], object]] = []


def carry(way: Callable[[NoticeRaised], object]) -> None:
    """Hand every notice to this function from now on; `core.jobs` puts them into the outbox."""
    _ways[:] = [way]


def tell(account_id: int, kind: str, facts: Mapping[str, str] | None = None) -> None:
    """Raise a notice to the owner of an account; it leaves with the caller's commit.

    Units: `facts` are short words (browser family, shortened address, which credential), never a secret.
    Errors: `DolbomError` for a kind nobody knows. Source: S1-241, ASVS V6.3.5 and V6.3.7.
    """
    if kind not in KINDS:
        raise DolbomError(f"There is no notice {kind!r}: take one of {', '.join(sorted(KINDS))}, or add it there.")
    for way in _ways:
        way(NoticeRaised(account_id, kind, tuple(sorted((facts or {}).items()))))
