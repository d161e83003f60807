"""Several old sources, one register: pairs are proposed with their reasons, a person decides each with a reason (S2-42)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.errors import Forbidden, NotFound
from core.security import audit
from core.security.reasons import NoReason
from core.testing import count_queries
from modules.facilities.models import Facility, MergeProposal, Service, StatusChange
from modules.facilities.services import merging
from modules.facilities.services.merging import MergeRefused, decide, propose


@pytest.fixture
def twins(world, centre, system):
    """One centre in two registers in the north; two others that only share a street."""
    one = centre(world.facilities[0], name="Sunflower", register="old", phone="1", homepage="")
    two = centre(
        world.facilities[1], name="Sunflower", register="new", phone="1", homepage="https://sun.example"
    )
    centre(world.neighbors[0], name="Moon", register="old", phone="")
    centre(world.neighbors[1], name="Star", register="new", phone="")
    db.session.add(Service(facility_id=world.facilities[1], service="night"))
    db.session.commit()
    return one, two


@pytest.fixture
def pair(twins, system):
    propose("XA-1")
    db.session.commit()
    return db.session.query(MergeProposal).one().id


@pytest.mark.rule("S2-42")
def test_a_look_proposes_with_reasons_in_the_district_and_only_once(twins, system, world):
    with count_queries() as seen:
        assert propose("XA-1") == 1
    db.session.commit()
    assert len(seen) <= 5
    found = db.session.query(MergeProposal).one()
    assert (found.region_no, found.score) == (world.district, 100)
    assert found.evidence == {"same_name": True, "same_phone": True, "same_address": True}
    assert propose("XA-1") == 0
    assert {f.status for f in db.session.query(Facility)} == {"open"}


def test_weak_pairs_take_no_strong_ones_place(twins, system, monkeypatch):
    monkeypatch.setattr(merging, "MAX_PROPOSALS", 1)
    assert propose("XA-1") == 1
    assert db.session.query(MergeProposal).one().score == 100


def test_merging_fills_gaps_and_keeps_the_other_closed(pair, acting, world, system):
    with acting("district_officer", world.district):
        decide(db.session.get(MergeProposal, pair), merge=True, reason="same house, seen on 3 May")
        db.session.commit()
        kept, dropped = (db.session.get(Facility, no) for no in world.facilities)
        assert kept.homepage == "https://sun.example"
        assert [s.service for s in kept.services] == ["night"]
        assert (dropped.status, dropped.published) == ("closed", False)
        step = db.session.scalars(sa.select(StatusChange).where(StatusChange.facility_id == dropped.id)).one()
        assert kept.code in step.reason
    reasons = {c.reason for c in audit.history("facilities.merge_proposal", pair) if c.op == "U"}
    assert reasons == {"same house, seen on 3 May"}


def test_the_other_record_may_be_kept(pair, acting, world):
    with acting("district_officer", world.district):
        decide(
            db.session.get(MergeProposal, pair), merge=True, reason="the new one", keep=world.facilities[1]
        )
        db.session.commit()
        assert [db.session.get(Facility, no).status for no in world.facilities] == ["closed", "open"]
        assert propose("XA-1-1") == 0


def test_refusals(pair, acting, world):
    with acting("district_officer", world.district):
        found = db.session.get(MergeProposal, pair)
        with pytest.raises(NoReason, match="Say why"):
            decide(found, merge=True, reason=" ")
        with pytest.raises(MergeRefused, match="one of the two"):
            decide(found, merge=True, reason="r", keep=world.neighbors[0])
        db.session.rollback()
        db.session.get(Facility, world.facilities[1]).status = "closed"
        with pytest.raises(MergeRefused, match="closed meanwhile"):
            decide(found, merge=True, reason="r")
        db.session.rollback()
        decide(found, merge=False, reason="two houses")
        db.session.commit()
        with pytest.raises(MergeRefused, match="already"):
            decide(found, merge=True, reason="r")
    with acting("director", world.facilities[0]), pytest.raises(Forbidden):
        propose("XA-1-1")
    with acting("district_officer", world.other_district), pytest.raises(NotFound):
        propose("XA-1-1")


@pytest.mark.rule("S2-42")
def test_the_page_looks_shows_and_decides(twins, entered, world, system):
    officer = entered("district_officer", world.district)
    url = "/office/facilities/doubles/"
    assert "Look for doubles" in officer.get(url).text
    assert officer.post(f"{url}look", data={"region": "XA-1-1"}).status_code == 302
    page = officer.get(url).text
    assert "same name, same telephone, same address" in page
    pair = db.session.query(MergeProposal).one().id
    details = officer.get(f"{url}details/?id={pair}").text
    for words in (
        "fills a gap of the first",
        "differs",
        "Sunflower",
        "same telephone",
        "https://sun.example",
    ):
        assert words in details
    officer.post(f"{url}{pair}/decide", data={"act": "merge", "reason": ""})
    db.session.expire_all()
    assert db.session.get(MergeProposal, pair).state == "open"
    answer = officer.post(
        f"{url}{pair}/decide", data={"act": "merge", "reason": "seen", "keep": world.facilities[1]}
    )
    assert answer.status_code == 302
    db.session.expire_all()
    assert db.session.get(MergeProposal, pair).state == "merged"
    assert "seen" in officer.get(f"{url}details/?id={pair}").text


def test_others_districts_pairs_are_not_there(pair, entered, world):
    url = "/office/facilities/doubles/"
    other = entered("district_officer", world.other_district)
    assert "same name" not in other.get(url).text
    assert other.get(f"{url}details/?id={pair}").status_code == 404
    assert other.post(f"{url}{pair}/decide", data={"act": "merge", "reason": "r"}).status_code == 404
    assert other.post(f"{url}look", data={"region": "XA-1-1"}).status_code == 404
    assert other.post(f"{url}look", data={"region": "nowhere"}).status_code == 404
    director = entered("director", world.facilities[0])
    assert director.post(f"{url}look", data={"region": "XA-1-1"}).status_code in (403, 404)
