"""How long the register is kept: what goes, what stays, and that all about a centre goes with it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import sqlalchemy as sa

from core.db.base import db
from core.host.retention import RULES, plan, purge
from core.security import scope as scopes
from modules.facilities.models import (
    CENTRES,
    IMPORTS,
    AgeGroup,
    ClosingDay,
    Facility,
    ImportDefect,
    ImportRun,
    StatusChange,
)

TODAY, LONG_AGO, LATELY = date(2036, 11, 21), date(2026, 11, 21), date(2026, 11, 22)



def about(place):
    """Something in the tables that hang on a centre."""
    with scopes.system("test"):
        db.session.add_all([
            AgeGroup(facility_id=place, age="3", classes=1, children=9),
            ClosingDay(facility_id=place, day=LONG_AGO, reason="holiday"),
            StatusChange(facility_id=place, status="closed", from_day=LONG_AGO, source="staff"),
        ])  # fmt: skip
        db.session.commit()


def left(model):
    with scopes.system("test"):
        return set(db.session.scalars(sa.select(model.id)))


def purged(acting, rule):
    with acting("administrator", 0, account_id=None):
        lines = {line.rule: line.goes for line in plan(on=TODAY)}
        purge(rule.name, 0, "yearly purge 2036", on=TODAY)
    return lines[rule.name]


def test_a_centre_goes_ten_years_after_it_closed_with_all_about_it(centre, world, acting):
    (gone, lately), again = world.facilities, world.far[0]
    centre(gone, status="closed", closed_on=LONG_AGO, operator="Kim Minsu")
    centre(lately, status="closed", closed_on=LATELY)
    centre(again, status="reopened", closed_on=LONG_AGO)
    for place in (gone, lately):
        about(place)
    assert purged(acting, CENTRES) == 1
    assert left(Facility) == {lately, again}
    with scopes.system("test"):
        for model in (AgeGroup, ClosingDay, StatusChange):
            assert set(db.session.scalars(sa.select(model.facility_id))) == {lately}
        traces = sa.text("select count(*) from core.change where diff::text like '%Minsu%'")
        assert db.session.scalar(traces) == 0


def test_a_report_of_an_import_goes_after_two_years_with_its_rows(world, acting):
    with scopes.system("test"):
        for day in (date(2034, 11, 21), date(2034, 11, 23)):
            moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            run = ImportRun(region_no=world.district, layout="x", file_name="x.csv", sha256="", dry_run=False, totals={},
                            warnings={}, at=moment)  # fmt: skip
            db.session.add(run)
            db.session.flush()
            db.session.add(ImportDefect(region_no=world.district, run_id=run.id, line=2, code="x", severity="warning",
                                        value="minsu@example.test"))  # fmt: skip
        db.session.commit()
    young = max(left(ImportRun))
    assert purged(acting, IMPORTS) == 1
    assert left(ImportRun) == {young}
    assert len(left(ImportDefect)) == 1


def test_both_are_declared():
    assert {CENTRES.name, IMPORTS.name} <= set(RULES.by_name)
