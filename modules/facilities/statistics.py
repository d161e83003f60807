"""Counts of the register by district, kind or status (S1-084); each figure names what it counts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.sdk import activation, atlas, db, require
from modules.facilities.models import Facility


def count_by(region_code: str, by: str) -> list[dict[str, Any]]:
    """Centres, agreed places and enrolled children of a region; closed centres only in the view by status.

    Raises `UnknownRegion`, `ModuleOff`.
    """
    region = atlas().find(region_code)
    require("facilities.facility.read", at=region.no)
    activation.require_within("facilities", region)
    column = {"district": Facility.region_no, "kind": Facility.kind, "status": Facility.status}[by]
    query = (
        sa.select(column, sa.func.count(), sa.func.sum(Facility.capacity), sa.func.sum(Facility.enrolled))
        .where(Facility.id.between(region.no, region.hi))
        .group_by(column)
        .order_by(column)
    )
    if by != "status":
        query = query.where(Facility.status != "closed")
    nodes = atlas().nodes
    return [
        {
            by: nodes[int(str(key))].code if by == "district" else key,
            "facilities": count,
            "places": int(places or 0),
            "children": int(children or 0),
        }
        for key, count, places, children in db.session.execute(query)
    ]
