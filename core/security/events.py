"""Facts about accounts that somebody should hear of; `core.jobs` makes them events of the outbox."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NoticeRaised:
    """Something happened to an account that its owner should hear of at once (ASVS V6.3.5, V6.3.7).

    `kind` is one of `core.security.telling.KINDS`; `facts` are pairs of name and value, never a secret.
    """

    account_id: int
    kind: str
    facts: tuple[tuple[str, str], ...]
