"""What the host itself can answer of a pack's checklist: modules, posts, and whether the rules are confirmed and go on (F-41)."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from core.db.base import db
from core.host.discovery import Registry
from core.host.manifest import RegionFacts
from core.regions import activation, policies
from core.regions.atlas import Node
from core.regions.policies import Policy
from core.security import roles
from core.security import scope as scopes
from core.security.accounts import Post


def answers(registry: Registry, node: Node, facts: RegionFacts | None) -> dict[str, bool]:
    """The host's answers for a region; `facts` are those of its pack."""
    found = {f"modules.enabled:{m.name}": activation.is_active(m.name, node.no) for m in registry}
    query = sa.select(Post.role).where(Post.place_no.between(node.no, node.hi)).distinct()
    held = set(db.session.scalars(query))
    found |= {f"roles.posted:{name}": name in held for name in held.union(role.name for role in roles.book)}
    catalogue = policies.catalogue(node.no)
    found["policies.confirmed"] = _confirmed(node, catalogue)
    if facts is not None:
        today = scopes.current().on_date
        found["policies.next_year"] = _go_on(catalogue, today, next_school_year(facts, today))
    return found


def next_school_year(facts: RegionFacts, today: date) -> date:
    """The first day of the school year after the one in which `today` lies."""
    month, day = map(int, facts.school_year.split("-"))
    this = date(today.year, month, day)
    return this if today < this else date(today.year + 1, month, day)


def _confirmed(node: Node, catalogue: dict[str, list[Policy]]) -> bool:
    """Whether the region has its own value for every rule that its pack could not confirm."""
    unsure = {p.key for p in policies.SHIPPED.get(node.pack or "", ()) if p.status == "unverified"}
    own = {policy.key for values in catalogue.values() for policy in values if policy.origin == str(node.no)}
    return unsure <= own


def _go_on(catalogue: dict[str, list[Policy]], today: date, then: date) -> bool:
    """Whether every rule in force today has a value on the first day of the new year, for the same kinds."""
    for values in catalogue.values():
        now = {kind for policy in values if _holds(policy, today) for kind in policy.kinds or ("",)}
        later = {kind for policy in values if _holds(policy, then) for kind in policy.kinds or ("",)}
        if not now <= later and "" not in later:
            return False
    return True


def _holds(policy: Policy, day: date) -> bool:
    return policy.valid_from <= day and (policy.valid_to is None or day <= policy.valid_to)
