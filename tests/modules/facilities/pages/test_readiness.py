"""The register's answers to the packs' checklists, and what an import sets going (F-41, S2-42)."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.host import packs, readiness
from core.host.manifest import RegionFacts
from core.host.running import running
from core.regions.atlas import atlas
from core.testing import count_queries
from modules.facilities import jobs
from modules.facilities.models import ClosingDay, Facility, ImportRun, MergeProposal
from modules.facilities.readiness import answers
from modules.facilities.services import import_register

ROOT = Path(__file__).parents[4]
MAPPING = ROOT / "plugins/kr_incheon/data/demo_mapping.toml"
#: Steps of modules that are still to come, and those a person ticks.
LATER = {"manual", "terms.set", "terms.set_next_year"}


def test_an_empty_region_is_ready_for_nothing(system, world):
    found = answers(world.city)
    assert not any(found.values())
    assert found["facilities.kind:SUPPORT_CENTER>0"] is False


def test_each_answer_turns_with_what_it_asks(system, world, centre):
    centre(world.facilities[0], published=False, capacity=None, kind="SUPPORT_CENTER")
    found = answers(world.city)
    assert found["facilities.count>0"]
    assert found["facilities.kind:SUPPORT_CENTER>0"]
    assert not (
        found["facilities.published>0"] or found["capacities.set"] or found["facilities.register_fresh"]
    )
    facility = db.session.get(Facility, world.facilities[0])
    facility.published, facility.capacity = True, 20
    run = ImportRun(
        region_no=world.city, layout="x", file_name="x", sha256="x", dry_run=False, totals={}, warnings={}
    )
    db.session.add(run)
    db.session.add(ClosingDay(facility_id=facility.id, day=date(system.on_date.year + 1, 5, 1), reason="r"))
    db.session.commit()
    with count_queries(at_most=8):
        found = answers(world.city)
    for name in (
        "facilities.published>0",
        "capacities.set",
        "facilities.register_fresh",
        "closing_days.set_next_year",
    ):
        assert found[name], name
    run.at = sa.func.clock_timestamp() - timedelta(days=100)
    db.session.commit()
    assert not answers(world.city)["facilities.register_fresh"]


@pytest.mark.parametrize(
    ("today", "first"),
    [(date(2026, 2, 28), date(2026, 3, 1)), (date(2026, 3, 1), date(2027, 3, 1)), (date(2026, 11, 22), date(2027, 3, 1))],
)  # fmt: skip
def test_the_next_school_year(today, first):
    assert readiness.next_school_year(RegionFacts("KR", school_year="03-01"), today) == first


@pytest.fixture
def seoul(system):
    packs.open_with_modules(running().registry, "KR-11", "kr_seoul")
    db.session.commit()
    return atlas().find("KR-11")


def test_no_step_of_a_pack_asks_in_vain(seoul):
    registry = running().registry
    known = readiness.answers(registry, seoul, packs.pack_of(registry, "kr_seoul").region) | answers(seoul.no)
    for path in ROOT.glob("plugins/*/checklist.toml"):
        asked = {step["check"] for step in tomllib.loads(path.read_text("utf-8"))["step"]}
        assert asked - LATER <= set(known), path
    assert packs.checklist(registry, seoul, "new_school_year"), "the steps of a new school year are found"
    assert known["policies.next_year"]
    assert not known["roles.posted:director"]


def _register(folder, names):
    head = MAPPING.with_name("demo_facilities.csv").read_text("utf-8").splitlines()[0]
    columns = head.lstrip("\ufeff").split(",")
    rows = [
        {"register_no": str(no), "name": name, "kind": "PRIVATE", "status": "open", "region": "KR-11-440",
         "address": "서울특별시 마포구 1", "capacity": "20", "enrolled": "10", "source_on": "2026-07-01"}
        for no, name in names.items()
    ]  # fmt: skip
    path = folder / "register.csv"
    path.write_text("\n".join([head, *(",".join(row.get(c, "") for c in columns) for row in rows)]), "utf-8")
    return path


def test_an_import_is_told_and_its_doubles_are_looked_for(seoul, tmp_path):
    import_register(_register(tmp_path, {1: "나무어린이집"}), "generic-csv", "KR-11", mapping=MAPPING)
    first = db.session.query(Facility).filter_by(register_no="1").one()
    first.register = "older"
    db.session.commit()
    done = import_register(_register(tmp_path, {1: "나무어린이집"}), "generic-csv", "KR-11", mapping=MAPPING)
    db.session.commit()
    told = db.session.execute(
        sa.text("select distinct payload from core.outbox where name = 'facilities.RegisterImported' and payload->>'run_id' = :run"),
        {"run": str(done.run_id)},
    ).scalar_one()  # fmt: skip
    assert told == {"region_no": seoul.no, "run_id": done.run_id, "created": 1, "updated": 0}
    jobs.look_for_doubles(jobs.RegisterImported(**told))
    pair = db.session.query(MergeProposal).one()
    assert pair.state == "open"

    # Once merged, the dropped record does not come back with its register.
    from modules.facilities.services.merging import decide

    decide(pair, merge=True, reason="one house")
    db.session.commit()
    again = import_register(
        _register(tmp_path, {1: "나무 어린이집"}), "generic-csv", "KR-11", mapping=MAPPING
    )
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)


def test_a_dry_run_tells_nothing(seoul, tmp_path):
    import_register(_register(tmp_path, {1: "집"}), "generic-csv", "KR-11", mapping=MAPPING, dry_run=True)
    count = sa.text("select count(*) from core.outbox where name = 'facilities.RegisterImported'")
    assert db.session.scalar(count) == 0
