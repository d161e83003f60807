"""Answers of the register to the host's questions."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.sdk import Card, NavItem, Scope, _, allowed, answers, db
from modules.facilities import readiness
from modules.facilities.models import CapacityChange, Facility


@answers
def navigation(scope: Scope) -> list[NavItem]:
    """The register, capacity requests and imports, each for those who may; search and map for everybody else."""
    section = _("Facilities")
    if scope.kind == "public" or not allowed("facilities.facility.read"):
        return [
            NavItem(section, _("Find a centre"), "facilities.index", "search", 10),
            NavItem(section, _("Map"), "facilities.map_", "map", 20),
        ]
    offers = (
        (
            "facilities.facility.read",
            NavItem(section, _("Centres"), "facilities-register.index_view", "home", 10),
        ),
        (
            "facilities.offer.meals",
            NavItem(section, _("What the centre offers"), "facilities-offer.index", "list", 15),
        ),
        (
            "facilities.capacity_change.read",
            NavItem(section, _("Capacity requests"), "facilities-capacity.index_view", "scale", 20),
        ),
        (
            "facilities.facility.import",
            NavItem(section, _("Import a register"), "facilities-import.index", "upload", 30),
        ),
        (
            "facilities.import_run.read",
            NavItem(section, _("Imports"), "facilities-runs.index_view", "list", 40),
        ),
        (
            "facilities.facility.merge",
            NavItem(section, _("Possible doubles"), "facilities-doubles.index_view", "copy", 50),
        ),
    )
    return [item for permission, item in offers if allowed(permission)]


@answers
def dashboard(scope: Scope) -> list[Card]:
    """How many centres the post looks after, and which requests wait."""
    cards = []
    if allowed("facilities.facility.read"):
        query = sa.select(
            sa.func.count(), sa.func.sum(Facility.capacity), sa.func.sum(Facility.enrolled)
        ).where(Facility.status != "closed")
        count, places, children = db.session.execute(query).one()
        cards.append(
            Card(
                _("Centres"),
                str(count),
                _(
                    "%(children)s children on %(places)s places",
                    children=int(children or 0),
                    places=int(places or 0),
                ),
                "facilities-register.index_view",
            )
        )
    if allowed("facilities.capacity_change.approve"):
        waiting = (
            db.session.scalar(
                sa.select(sa.func.count())
                .select_from(CapacityChange)
                .where(CapacityChange.state == "requested")
            )
            or 0
        )
        cards.append(
            Card(
                _("Capacity requests waiting"),
                str(waiting),
                "",
                "facilities-capacity.index_view",
                "attention" if waiting else "ok",
            )
        )
    return cards


@answers
def checks(region_no: int) -> dict[str, bool]:
    """Whether the register is there, published, fresh and complete (F-41)."""
    return readiness.answers(region_no)


@answers
def demo(region_code: str, folder: Any, on: date) -> None:
    """Load the pack's demonstration registers."""
    from modules.facilities.demo import load

    load(region_code, Path(folder))


@answers
def facility_names(numbers: list[int]) -> dict[int, str]:
    """Names by place number."""
    query = sa.select(Facility.id, Facility.name).where(Facility.id.in_(numbers))
    return dict(db.session.execute(query).all())


@answers
def facility_phones(numbers: list[int]) -> dict[int, str]:
    """Telephone numbers by place number, without those that have none."""
    query = sa.select(Facility.id, Facility.phone).where(Facility.id.in_(numbers), Facility.phone != "")
    return dict(db.session.execute(query).all())


@answers
def facility_number(reference: str) -> int | None:
    """The place number behind F-…, stcode:… or rspo:…."""
    scheme, colon, number = reference.partition(":")
    if not colon:
        return db.session.scalar(sa.select(Facility.id).where(Facility.code == reference))
    register = {"stcode": "kr-stcode", "rspo": "rspo", "rz": "pl-rz"}.get(scheme, scheme)
    return db.session.scalar(
        sa.select(Facility.id).where(Facility.register == register, Facility.register_no == number)
    )
