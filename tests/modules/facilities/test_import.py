"""Importing registers: only changes are written, nothing is deleted, each defect has its row (S2-42, S2-44)."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.errors import DolbomError, Forbidden
from core.host import packs
from core.host.running import running
from core.regions import activation
from core.regions.atlas import atlas
from core.security import access
from core.security import scope as scopes
from core.testing import count_queries
from modules.facilities.models import CapacityChange, Facility, ImportDefect, StatusChange
from modules.facilities.services import import_register
from modules.facilities.statistics import count_by

MAPPING = Path(__file__).parents[3] / "plugins/kr_incheon/data/demo_mapping.toml"
DEMO = MAPPING.with_name("demo_facilities.csv")


def _file(folder: Path, rows: list[dict]) -> Path:
    """A register in the layout of the packs' demo files: only what a test says differs from row to row."""
    path = folder / "register.csv"
    with DEMO.open(encoding="utf-8", newline="") as demo:
        head = csv.DictReader(demo).fieldnames
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, head, restval="")
        writer.writeheader()
        for row in rows:
            number = str(row["n"])
            writer.writerow({
                "register_no": number, "name": row["name"], "kind": "PRIVATE", "status": row.get("status", "open"), "region": "KR-11-440",
                "address": f"서울특별시 마포구 {number}", "lat": "37.55", "lon": "126.92", "licensed_on": "2020-01-01",
                "closed_on": row.get("closed", ""), "capacity": "20", "enrolled": "10", "services": "general|night", "source_on": "2026-07-01",
            })  # fmt: skip
    return path


@pytest.fixture
def seoul(app):
    with access.asking(), scopes.system("import in a test"):
        packs.open_with_modules(running().registry, "KR-11", "kr_seoul")
        db.session.commit()
        yield atlas().find("KR-11")


def test_second_import_changes_nothing(seoul, tmp_path):
    path = _file(tmp_path, [{"n": n, "name": f"나무{n}어린이집"} for n in range(1001, 1021)])
    first = import_register(path, "generic-csv", "KR-11", mapping=MAPPING)
    db.session.commit()
    before = db.session.execute(sa.select(Facility.id, Facility.changed_at).order_by(Facility.id)).all()
    again = import_register(path, "generic-csv", "KR-11", mapping=MAPPING)
    db.session.commit()
    assert (first.created, first.updated, first.unchanged) == (20, 0, 0)
    assert (again.created, again.updated, again.unchanged, again.vanished) == (0, 0, 20, 0)
    assert (
        db.session.execute(sa.select(Facility.id, Facility.changed_at).order_by(Facility.id)).all() == before
    )


def test_only_changed_rows_are_written_and_vanished_ones_stay(seoul, tmp_path):
    rows = [{"n": n, "name": f"나무{n}어린이집"} for n in range(1001, 1006)]
    import_register(_file(tmp_path, rows), "generic-csv", "KR-11", mapping=MAPPING)
    db.session.commit()
    rows[0]["name"] = "새이름어린이집"
    rows[1] |= {"status": "closed", "closed": "2026-06-30"}
    done = import_register(_file(tmp_path, rows[:4]), "generic-csv", "KR-11", mapping=MAPPING)
    db.session.commit()
    assert (done.created, done.updated, done.unchanged, done.closed, done.vanished) == (0, 2, 2, 1, 1)
    assert (
        db.session.scalar(
            sa.select(sa.func.count()).select_from(Facility).where(Facility.register == "custom")
        )
        == 5
    )
    gone = db.session.scalars(sa.select(ImportDefect).where(ImportDefect.code == "vanished")).all()
    assert [defect.register_no for defect in gone] == ["1005"]
    closed = db.session.scalar(sa.select(Facility).where(Facility.register_no == "1002"))
    steps = db.session.scalars(
        sa.select(StatusChange.status).where(StatusChange.facility_id == closed.id).order_by(StatusChange.id)
    )
    assert list(steps) == ["open", "closed"]


def test_a_dry_run_shows_the_difference_and_writes_nothing(seoul, tmp_path):
    rows = [{"n": 1001, "name": "나무어린이집"}]
    import_register(_file(tmp_path, rows), "generic-csv", "KR-11", mapping=MAPPING)
    db.session.commit()
    shown = import_register(
        _file(tmp_path, [{"n": 1001, "name": "숲어린이집"}]),
        "generic-csv",
        "KR-11",
        dry_run=True,
        mapping=MAPPING,
    )
    assert shown.diff[0]["fields"]["name"] == ["나무어린이집", "숲어린이집"]
    assert db.session.scalar(sa.select(Facility.name).where(Facility.register_no == "1001")) == "나무어린이집"


def test_an_agreed_capacity_outlives_an_older_register(seoul, tmp_path):
    import_register(
        _file(tmp_path, [{"n": 1001, "name": "나무어린이집"}]), "generic-csv", "KR-11", mapping=MAPPING
    )
    facility = db.session.scalar(sa.select(Facility).where(Facility.register_no == "1001"))
    db.session.add(
        CapacityChange(
            facility_id=facility.id,
            state="in_force",
            before=20,
            wanted=25,
            effective_on=date(2026, 7, 15),
            reason="r",
        )
    )
    facility.capacity = 25
    db.session.commit()
    import_register(
        _file(tmp_path, [{"n": 1001, "name": "나무어린이집 2"}]), "generic-csv", "KR-11", mapping=MAPPING
    )
    db.session.commit()
    db.session.refresh(facility)
    assert (facility.name, facility.capacity) == ("나무어린이집 2", 25)


def test_the_number_of_queries_does_not_grow_with_the_file(seoul, tmp_path):
    counts = []
    for size in (5, 60):
        path = _file(tmp_path, [{"n": 1000 + size * 10 + n, "name": f"집{n}"} for n in range(size)])
        with count_queries() as seen:
            import_register(path, "generic-csv", "KR-11", mapping=MAPPING)
        counts.append(len(seen))
        db.session.commit()
    assert counts[1] <= counts[0] + 6  # a stage or two more when there are defects, never one a row


def test_an_officer_imports_only_into_the_own_district(seoul, tmp_path, acting):
    path = _file(tmp_path, [{"n": 1001, "name": "나무어린이집"}])
    other = atlas().find("KR-11-110")
    with acting("district_officer", other.no), pytest.raises(DolbomError):
        import_register(path, "generic-csv", "KR-11-440", mapping=MAPPING)
    with acting("director", other.no), pytest.raises((Forbidden, DolbomError)):
        import_register(path, "generic-csv", "KR-11-110", mapping=MAPPING)


def test_where_the_module_is_off_nothing_is_imported_or_counted(seoul, tmp_path):
    activation.switch("facilities", seoul.no, on=False, first_day=date(2026, 1, 1), reason="test")
    with pytest.raises(activation.ModuleOff, match="off in KR-11: switch it on first; its data is kept"):
        count_by("KR-11", "kind")
    with pytest.raises(activation.ModuleOff, match="off in KR-11"):
        import_register(_file(tmp_path, [{"n": 1, "name": "x"}]), "generic-csv", "KR-11", mapping=MAPPING)
