"""How messages travel at a place today: the policies in one reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.sdk import atlas, policies, scope

KEYS = ("ladder", "quiet_hours", "length", "cost", "sender")


@dataclass(frozen=True)
class Step:
    """One rung of the ladder and how long its receipt is waited for."""

    channel: str
    wait_minutes: int


@dataclass(frozen=True)
class Ways:
    """What holds at one place on one day, with the policies it came from."""

    ladder: tuple[Step, ...]
    patience_minutes: int
    quiet: dict[str, str]
    length: dict[str, Any]
    cost: dict[str, int]
    sender: dict[str, str]
    policy_ids: tuple[str, ...]
    zone: str
    currency: str
    #: Two letters, by which telephone numbers are read.
    country: str

    def allows(self, channel: str) -> bool:
        """Whether the ladder has this channel."""
        return any(step.channel == channel for step in self.ladder)


def ways(place: int) -> Ways:
    """What holds at a place today; one query for all policies."""
    known, day = policies.catalogue(place), scope.current().on_date
    found: dict[str, policies.Policy] = {}
    for part in KEYS:
        key = f"messaging.delivery.{part}"
        holding = [policy for policy in known.get(key, ()) if policy.holds(day, None)]
        if not holding:
            raise policies.NoPolicy(f"No rule {key} holds here on {day}: add one under Policies.")
        found[part] = holding[0]
    region = atlas().region_of(place)
    ladder = found["ladder"].value
    return Ways(
        tuple(Step(step["channel"], int(step.get("wait_minutes", 0))) for step in ladder["steps"]),
        int(ladder.get("patience_minutes", 120)),
        found["quiet_hours"].value, found["length"].value, found["cost"].value, found["sender"].value,
        tuple(found[part].id for part in KEYS),
        region.timezone if region else "UTC",
        region.currency if region else "",
        country(place),
    )  # fmt: skip


def country(place: int) -> str:
    """The two letters of the country a place lies in, by which telephone numbers are read there."""
    region = atlas().region_of(place)
    return _letters(region.code) if region else ""


def _letters(code: str) -> str:
    return code.partition("-")[0]
