"""Several old sources, one register: propose doubles with evidence, merge only by a person's decision (S2-42)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

import sqlalchemy as sa

from core.sdk import Refusal, _, atlas, because, db, require, scope
from modules.facilities.models import Facility, MergeProposal, Service, StatusChange

#: Below this likeness (0–100) a pair is not worth a person's time.
LEAST_SCORE = 60
#: New pairs a look finds at most; the next look goes on from there.
MAX_PROPOSALS = 500

#: What speaks for one centre, and how much.
WEIGHTS = {"same_name": 40, "same_phone": 30, "same_address": 30, "same_point": 20}
_SCORE = " + ".join(f"{weight} * coalesce({name}, false)::int" for name, weight in WEIGHTS.items())
_PAIRS = sa.text(
    f"""
    select *, least(100, {_SCORE}) as score from (
      select a.id as one, b.id as other, a.region_no, a.name = b.name as same_name,
             a.phone = b.phone and a.phone <> '' as same_phone, a.address = b.address and a.address <> '' as same_address,
             abs(a.lat - b.lat) < 0.0005 and abs(a.lon - b.lon) < 0.0006 as same_point
        from facilities.facility a join facilities.facility b
          on a.region_no = b.region_no and a.id < b.id and a.register <> b.register
         and (a.name = b.name or (a.phone = b.phone and a.phone <> '') or (a.address = b.address and a.address <> ''))
       where a.id between :low and :high and a.status <> 'closed' and b.status <> 'closed'
         and not exists (select from facilities.merge_proposal p
                          where (p.keep_id, p.drop_id) in ((a.id, b.id), (b.id, a.id)))
    ) pair
    where {_SCORE} >= :least order by score desc, one, other limit :most
    """
)


class MergeRefused(Refusal):
    """Two records that cannot be merged (any more)."""

    code: ClassVar[str] = "facility.merge"


def propose(region_code: str) -> int:
    """Compare centres of different registers in the same district by name, telephone, address and point; returns how many
    new pairs wait for a person."""
    return propose_in(atlas().find(region_code).no)


def propose_in(region_no: int) -> int:
    """The same by the region's number; every pair is filed under its district, whose officers decide it."""
    require("facilities.facility.merge", at=region_no)
    node = atlas().nodes[region_no]
    values = {"low": node.no, "high": node.hi, "least": LEAST_SCORE, "most": MAX_PROPOSALS}
    rows = db.session.execute(_PAIRS, values).all()
    db.session.add_all(
        MergeProposal(
            region_no=row.region_no, keep_id=row.one, drop_id=row.other, score=row.score,
            evidence={name: True for name in WEIGHTS if getattr(row, name)},
        )
        for row in rows
    )  # fmt: skip
    db.session.flush()
    return len(rows)


def decide(proposal: MergeProposal, *, merge: bool, reason: str, keep: int | None = None) -> None:
    """Merge the two (the one not kept is closed and unpublished, its number stays), or note that they are two.

    `keep` is the number of the record that stays, by default the older one.
    """
    require("facilities.facility.merge", at=proposal.region_no)
    db.session.refresh(proposal, with_for_update=True)
    if proposal.state != "open":
        raise MergeRefused(_("This pair was decided already."))
    if keep not in (None, proposal.keep_id, proposal.drop_id):
        raise MergeRefused(_("Choose one of the two records to keep."))
    because(reason)
    if merge:
        if keep == proposal.drop_id:
            proposal.keep_id, proposal.drop_id = proposal.drop_id, proposal.keep_id
        _merge(proposal)
    proposal.state = "merged" if merge else "distinct"
    proposal.decided_by, proposal.decided_at = scope.current().account_id, datetime.now(UTC)
    db.session.flush()


def pair_of(proposal: MergeProposal) -> list[Facility | None]:
    """The record kept and the one merged into it, None where one is gone; internal to the page, which has asked."""
    query = sa.select(Facility).where(Facility.id.in_((proposal.keep_id, proposal.drop_id)))
    found = {facility.id: facility for facility in db.session.scalars(query)}
    return [found.get(proposal.keep_id), found.get(proposal.drop_id)]


def _merge(proposal: MergeProposal) -> None:
    kept, dropped = pair_of(proposal)
    if kept is None or dropped is None:
        raise MergeRefused(_("One of the two centres is not here any more."))
    if "closed" in (kept.status, dropped.status):
        raise MergeRefused(_("One of the two centres is closed meanwhile: only centres that run are merged."))
    for column in MENDED:
        if _empty(getattr(kept, column)) and not _empty(getattr(dropped, column)):
            setattr(kept, column, getattr(dropped, column))
    offered = {service.service for service in kept.services}
    db.session.add_all(
        Service(facility_id=kept.id, service=s.service, standing=s.standing)
        for s in dropped.services
        if s.service not in offered
    )
    kept.changed_at = dropped.changed_at = sa.func.clock_timestamp()
    dropped.published, dropped.status, dropped.closed_on = False, "closed", scope.current().on_date
    note = f"merged into {kept.code}"
    db.session.add(
        StatusChange(
            facility_id=dropped.id, status="closed", from_day=dropped.closed_on, source="merge", reason=note
        )
    )


#: What the kept record takes over where it has nothing.
MENDED = (
    "address", "postcode", "phone", "fax", "homepage", "lat", "lon", "licensed_on", "capacity", "enrolled", "rooms",
    "room_area_m2", "total_area_m2", "playgrounds", "cctv", "staff_count", "bus", "operator",
)  # fmt: skip


def _empty(value: Any) -> bool:
    return value is None or value == ""
