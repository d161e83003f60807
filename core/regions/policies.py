"""Rules as dated data: read from modules and packs, overridden per region and facility, resolved with their origin.

Every value names its legal basis and whether it was confirmed; two values of one key never hold on the same day.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import db
from core.errors import DolbomError
from core.regions.atlas import atlas
from core.security import scope as scopes
from core.security.access import require
from core.security.rows import PlaceScoped

STATUSES = ("confirmed", "unverified", "seed")
_KEYS = {"key", "kind", "valid_from", "valid_to", "value", "legal_basis", "status", "note"}


class BadPolicy(DolbomError):
    """A policy file or override is wrong; the text names file, key and the mend."""

    code: ClassVar[str] = "policy.bad"


class NoPolicy(DolbomError):
    """No value of this key holds at the place on the day."""

    code: ClassVar[str] = "policy.missing"
    http: ClassVar[int] = 409


@dataclass(frozen=True)
class Policy:
    """A parameter in force: what, since when, by which law, how sure, and where it was set."""

    id: str
    key: str
    value: Any
    origin: str
    valid_from: date
    valid_to: date | None
    legal_basis: str
    status: str
    kinds: tuple[str, ...] = ()
    note: str = ""

    def holds(self, on: date, kind: str | None) -> bool:
        """Tell whether the policy is in force on a day for a facility kind."""
        return (
            self.valid_from <= on
            and (self.valid_to is None or on <= self.valid_to)
            and (not self.kinds or kind in self.kinds)
        )


class PolicyOverride(PlaceScoped, db.Model):
    """A value a region or facility sets for itself, with its legal basis."""

    __tablename__ = "policy_override"
    __read__ = "all"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(index=True)
    kinds: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    value: Mapped[Any] = mapped_column(JSONB)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    legal_basis: Mapped[str]
    status: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")

    def as_policy(self) -> Policy:
        """The override in the form calculations use."""
        return Policy(
            f"override:{self.id}", self.key, self.value, str(self.place_no), self.valid_from, self.valid_to,
            self.legal_basis, self.status, tuple(self.kinds), self.note,
        )  # fmt: skip


#: module or pack → its shipped policies.
SHIPPED: dict[str, list[Policy]] = {}


def load(owner: str, folder: Path) -> list[Policy]:
    """Read `folder/*.toml` of a module or pack; overlapping values of one key are refused with both files' lines."""
    found: list[Policy] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadPolicy(f"{path}: {error}") from None
        for number, entry in enumerate(tables.get("policy", ()), 1):
            found.append(_read(owner, path, number, entry))
    _refuse_overlaps(found)
    SHIPPED[owner] = found
    return found


def _read(owner: str, path: Path, number: int, entry: dict[str, Any]) -> Policy:
    where = f"{path}: policy {number} ({entry.get('key', 'without key')})"
    unknown = set(entry) - _KEYS
    missing = {"key", "valid_from", "value", "legal_basis", "status"} - set(entry)
    if unknown or missing:
        raise BadPolicy(
            f"{where}: " + (f"unknown {sorted(unknown)}" if unknown else f"missing {sorted(missing)}")
        )
    if entry["status"] not in STATUSES:
        raise BadPolicy(f"{where}: status must be one of {', '.join(STATUSES)}")
    kinds = tuple(entry.get("kind", ()))
    return Policy(
        f"{owner}:{entry['key']}:{'+'.join(kinds) or '*'}:{entry['valid_from']}", entry["key"], entry["value"], owner,
        entry["valid_from"], entry.get("valid_to"), entry["legal_basis"], entry["status"], kinds, entry.get("note", ""),
    )  # fmt: skip


def overlap(one: Policy, other: Policy) -> bool:
    """Tell whether two policies of the same key could both hold on some day for some kind."""
    days = one.valid_from <= (other.valid_to or date.max) and other.valid_from <= (one.valid_to or date.max)
    kinds = (not one.kinds and not other.kinds) or bool(set(one.kinds) & set(other.kinds))
    return one.key == other.key and days and kinds


def _refuse_overlaps(policies: list[Policy]) -> None:
    by_key: dict[str, list[Policy]] = {}
    for policy in policies:
        for other in by_key.setdefault(policy.key, []):
            if overlap(policy, other):
                raise BadPolicy(
                    f"{policy.id} and {other.id} hold on the same day: end one before the other begins."
                )
        by_key[policy.key].append(policy)


def _overrides(at: int, *conditions: Any) -> list[Policy]:
    chain = atlas().chain(at)
    rows = db.session.scalars(
        sa.select(PolicyOverride).where(PolicyOverride.place_no.in_(chain), *conditions)
    ).all()
    return [row.as_policy() for row in sorted(rows, key=lambda row: chain.index(row.place_no))]


def _packs(at: int) -> list[str]:
    return list(dict.fromkeys(node.pack for node in reversed(atlas().path(at)) if node.pack))


def candidates(key: str, at: int) -> list[Policy]:
    """All values of `key` that could hold at a place, the nearest first: own, district, …, pack, module."""
    owners = [*_packs(at), key.split(".", maxsplit=1)[0]]  # a module ships the defaults of its own keys
    shipped = [policy for owner in owners for policy in SHIPPED.get(owner, ()) if policy.key == key]
    return _overrides(at, PolicyOverride.key == key) + shipped


def catalogue(at: int) -> dict[str, list[Policy]]:
    """Every key that could hold at a place with its values, the nearest first; one query for all of them."""
    found: dict[str, list[Policy]] = {}
    packs = _packs(at)
    shipped = [p for owner in packs for p in SHIPPED.get(owner, ())]
    shipped += [p for owner, known in SHIPPED.items() for p in known if p.key.split(".")[0] == owner]
    for policy in (*_overrides(at), *shipped):
        found.setdefault(policy.key, []).append(policy)
    return dict(sorted(found.items()))


def resolve(key: str, *, place: int, on: date | None = None, kind: str | None = None) -> Policy:
    """The value of `key` in force at a place on a day for a facility kind; a value for the kind beats a general one of
    the same origin. Raises `NoPolicy`."""
    day = on or scopes.current().on_date
    holding = [policy for policy in candidates(key, place) if policy.holds(day, kind)]
    if not holding:
        raise NoPolicy(f"No rule {key} holds here on {day}: add one under Policies, or choose another day.")
    nearest = [policy for policy in holding if policy.origin == holding[0].origin]
    return next((policy for policy in nearest if policy.kinds), nearest[0])


def override(key: str, *, place: int, value: Any, valid_from: date, legal_basis: str, status: str = "confirmed",
             valid_to: date | None = None, kinds: tuple[str, ...] = (), note: str = "") -> PolicyOverride:  # fmt: skip
    """Set a value of one's own for a region or facility; refused when it overlaps another own value."""
    require("core.policy.update", at=place)
    if not legal_basis.strip() or status not in STATUSES:
        raise BadPolicy("A rule needs its legal basis and a status: " + ", ".join(STATUSES))
    if valid_to is not None and valid_to < valid_from:
        raise BadPolicy(f"The rule would end ({valid_to}) before it begins ({valid_from}).")
    row = PolicyOverride(
        key=key, place_no=place, value=value, valid_from=valid_from, valid_to=valid_to, kinds=list(kinds),
        legal_basis=legal_basis, status=status, note=note,
    )  # fmt: skip
    same = sa.select(PolicyOverride).where(PolicyOverride.key == key, PolicyOverride.place_no == place)
    for other in db.session.scalars(same):
        if overlap(row.as_policy(), other.as_policy()):
            raise BadPolicy(f"{key} has a value from {other.valid_from} here already: end it first.")
    db.session.add(row)
    db.session.flush()
    return row
