"""Kept as long as the law says, purged with proof, held while somebody says so."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Mapped, mapped_column

from core.checks import run
from core.db.base import db
from core.errors import Forbidden, NotFound
from core.host.retention import (
    RULES,
    RetentionRule,
    declare,
    digest_of,
    holds,
    lift_hold,
    place_hold,
    plan,
    purge,
    read_certificate,
    register_of_processing,
)
from core.host.retention.holds import HoldNeedsReason
from core.host.retention.purges import PeriodNotConfirmed, StillNeeded
from core.host.retention.rules import BadRule, Period, of_policy, written
from core.host.running import running
from core.regions import policies
from core.security import scope as scopes
from core.security import walls
from core.security.rows import FacilityScoped, Unscoped
from core.web import papers
from core.web.i18n import speaking
from modules.facilities.models import Facility

TODAY = date(2026, 11, 21)
OLD, YOUNG = date(2021, 11, 21), date(2021, 11, 22)


class Pupil(FacilityScoped, db.Model):
    __tablename__ = "pupil"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    name: Mapped[str]
    left_on: Mapped[date | None]
    open_case: Mapped[bool] = mapped_column(server_default="false")


class Lunch(FacilityScoped, db.Model):
    """Goes with its pupil."""

    __tablename__ = "lunch"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    pupil_id: Mapped[int] = mapped_column(sa.ForeignKey(Pupil.id, ondelete="CASCADE"), index=True)
    dish: Mapped[str]


class Debt(FacilityScoped, db.Model):
    """Keeps its pupil."""

    __tablename__ = "debt"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    pupil_id: Mapped[int] = mapped_column(sa.ForeignKey(Pupil.id), index=True)


class Noise(Unscoped("test"), db.Model):  # type: ignore[misc]
    __tablename__ = "noise"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


SCHEMA = Pupil.__table__.schema
TABLES = [model.__table__ for model in (Pupil, Lunch, Debt, Noise)]


class Op:
    def __init__(self, connection):
        self.connection = connection

    def execute(self, statement):
        self.connection.execute(sa.text(statement))


@pytest.fixture
def office(app, world, monkeypatch):
    """The tables behind their walls, one rule, an administrator's post everywhere."""
    with running().owner.begin() as connection:
        connection.execute(sa.schema.CreateSchema(SCHEMA, if_not_exists=True))
        connection.execute(sa.text(f"grant usage on schema {SCHEMA} to dolbom_app, dolbom_system"))
        for table in TABLES:
            table.create(connection)
            connection.execute(sa.text(f"grant all on {table.fullname} to dolbom_app, dolbom_system"))
            if table is not Noise.__table__:
                walls.protect(Op(connection), table.fullname)
    monkeypatch.setattr(RULES, "by_name", {})
    declare(RetentionRule("pupils", Pupil, Pupil.left_on, keep="5y", unless=Pupil.open_case, title="Pupils"))
    yield world
    db.session.remove()
    with running().owner.begin() as connection:
        for table in reversed(TABLES):
            table.drop(connection)


def pupils(place, *left, **facts):
    with scopes.system("test"):
        rows = [Pupil(facility_id=place, name=f"Kim {day}", left_on=day, **facts) for day in left]
        db.session.add_all(rows)
        db.session.commit()
        return [row.id for row in rows]


def left_over():
    with scopes.system("test"):
        return set(db.session.scalars(sa.select(Pupil.id)))


@pytest.mark.parametrize(
    ("text", "on", "cutoff"),
    [
        ("5y", date(2026, 11, 21), date(2021, 11, 21)),
        ("5y", date(2028, 2, 29), date(2023, 2, 28)),
        ("18m", date(2026, 1, 31), date(2024, 7, 31)),
        ("1m", date(2026, 3, 31), date(2026, 2, 28)),
        ("12m", date(2026, 12, 1), date(2025, 12, 1)),
        ("60d", date(2026, 3, 1), date(2025, 12, 31)),
    ],
)
def test_periods_count_back_by_the_calendar(text, on, cutoff):
    assert written(text).cutoff(on) == cutoff


def test_a_period_from_the_year_end_waits_for_it():
    """D23: five years from the end of the calendar year; Korean books from the end of February."""
    polish = Period(years=5, year_start="01-01")
    assert polish.cutoff(date(2026, 12, 30)) == date(2020, 12, 31)
    assert polish.cutoff(date(2026, 12, 31)) == date(2021, 12, 31)
    korean = of_policy("k", {"years": 5, "starts": "fiscal_year_end"}, "03-01")
    assert korean.cutoff(date(2026, 2, 27)) == date(2020, 2, 29)
    assert korean.cutoff(date(2026, 2, 28)) == date(2021, 2, 28)


@given(
    st.builds(Period, st.integers(0, 30), st.integers(0, 24), st.integers(0, 400), st.sampled_from(["", "01-01", "03-01"])),
    st.dates(date(2000, 1, 1), date(2060, 12, 31)),
)
def test_the_day_a_row_is_kept_until_is_the_first_on_which_a_purge_takes_it(period, anchor):
    last = period.until(anchor)
    assert period.cutoff(last) >= anchor
    assert last == anchor or period.cutoff(last - timedelta(days=1)) < anchor


@pytest.mark.parametrize("text", ["", "5", "0y", "five years", "-3y"])
def test_a_period_written_wrongly_is_refused(text):
    with pytest.raises(BadRule, match="5y, 18m or 60d"):
        written(text)


@pytest.mark.parametrize("value", [{}, {"years": "five"}, {"starts": "x"}, 5, {"years": 0}])
def test_a_policy_without_a_length_is_refused(value):
    with pytest.raises(BadRule, match="years, months or days"):
        of_policy("families.retention.child", value, "01-01")


def test_a_rule_needs_a_period_that_can_hold(office):
    with pytest.raises(BadRule, match="keep="):
        declare(RetentionRule("x", Pupil, Pupil.left_on))
    with pytest.raises(BadRule, match="belongs to no place"):
        declare(RetentionRule("x", Noise, Noise.at, policy="a.b.c"))
    with pytest.raises(BadRule, match="known are pupils"):
        RULES.find("y")


def test_the_plan_counts_and_changes_nothing(office, acting):
    gone = pupils(office.facilities[0], OLD, OLD)
    kept = [*pupils(office.facilities[0], YOUNG, None), *pupils(office.facilities[1], OLD, open_case=True)]
    far = pupils(office.far[0], OLD)
    with acting("administrator", 0):
        (line,) = plan(on=TODAY)
        assert (line.rule, line.due, line.held, line.goes, line.unsure) == ("pupils", 3, 0, 3, ())
        (line,) = plan(office.district, on=TODAY)
        assert line.goes == 2
        assert line.spans[0].cutoff == OLD
    assert left_over() == {*gone, *kept, *far}


def test_a_purge_takes_what_is_due_and_certifies_it(office, acting):
    gone = pupils(office.facilities[0], *[OLD] * 7)
    kept = [*pupils(office.facilities[0], YOUNG, None), *pupils(office.far[0], OLD)]
    with acting("administrator", 0, account_id=None):
        number = purge("pupils", office.city, "yearly purge 2026", on=TODAY, batch=3)
        found = read_certificate(number)
    assert left_over() == set(kept)
    assert (found.state, found.rows, found.table_name) == ("done", 7, f"{SCHEMA}.pupil")
    assert found.finished_at >= found.started_at
    assert found.digest == digest_of(found.table_name, ["pupils", *gone]), "anyone with the keys can check it"
    assert found.reason == "yearly purge 2026"
    assert found.periods[0]["up_to"] == OLD.isoformat()


def test_nothing_of_a_purged_row_stays_in_the_history(office, acting):
    (gone,) = pupils(office.facilities[0], OLD)
    (kept,) = pupils(office.facilities[0], YOUNG)
    with scopes.system("test"):
        db.session.execute(sa.update(Pupil).values(name=Pupil.name + " Minsu"))
        db.session.add_all(
            [
                Lunch(pupil_id=number, facility_id=office.facilities[0], dish="Kim's bibimbap")
                for number in (gone, kept)
            ]
        )
        db.session.commit()
    with acting("administrator", 0, account_id=None):
        number = purge("pupils", 0, "test", on=TODAY)
        assert read_certificate(number).forgotten == 5, (
            "insert, update and delete of the pupil, insert and delete of the lunch"
        )
    with scopes.system("test"):
        history = db.session.execute(
            sa.text(
                "select table_name, pk, op, diff, actor from core.change where table_name like :t order by id"
            ),
            {"t": f"{SCHEMA}.%"},
        ).all()
    purged = [row for row in history if row.diff == {"purged": number}]
    assert len(purged) == 5
    assert not any(
        "Kim" in str(row.diff) for row in history if row.pk == str(gone) and row.table_name.endswith("pupil")
    )
    assert len([row for row in history if "Kim" in str(row.diff)]) == 3, (
        "what was not purged keeps its history"
    )
    assert {row.actor for row in history if row.op == "D"} == {f"purge:{number}"}


def test_holds_stop_a_purge_at_their_place_until_they_are_lifted(office, acting):
    held, free = pupils(office.facilities[0], OLD), pupils(office.neighbors[0], OLD)
    with acting("administrator", 0, account_id=None):
        hold = place_hold(SCHEMA, office.district, "court case 12/26")
        place_hold("elsewhere", None, "another module's matter")
        (line,) = plan(on=TODAY)
        assert (line.due, line.held, line.goes) == (2, 1, 1)
        assert [h.reason for h in holds(office.facilities[0])] == [
            "another module's matter",
            "court case 12/26",
        ]
        assert [h.reason for h in holds(office.far_district, SCHEMA)] == []
        assert read_certificate(purge("pupils", 0, "test", on=TODAY)).rows == 1
        assert left_over() == set(held)
        lift_hold(hold, "case closed")
        with pytest.raises(NotFound):
            lift_hold(hold, "again")
        assert read_certificate(purge("pupils", 0, "test", on=TODAY)).rows == 1
    assert left_over() == set()
    assert free


def test_a_hold_everywhere_stops_everything(office, acting):
    pupils(office.facilities[0], OLD)
    with acting("administrator", 0, account_id=None):
        place_hold(SCHEMA, None, "audit")
        assert plan(on=TODAY)[0].goes == 0
        assert read_certificate(purge("pupils", 0, "test", on=TODAY)).rows == 0
    assert len(left_over()) == 1


def test_an_interrupted_purge_goes_on_with_its_certificate(office, acting, monkeypatch):
    gone = pupils(office.facilities[0], *[OLD] * 5)
    from core.host.retention import purges

    real, calls = purges._batch, []

    def broken(*args):
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(args)
        return real(*args)

    monkeypatch.setattr(purges, "_batch", broken)
    with acting("administrator", 0, account_id=None):
        with pytest.raises(KeyboardInterrupt):
            purge("pupils", 0, "test", on=TODAY, batch=2)
        assert len(left_over()) == 1
        monkeypatch.setattr(purges, "_batch", real)
        later = pupils(office.facilities[0], date(2021, 11, 25))
        number = purge("pupils", 0, "test", on=date(2026, 12, 1), batch=2)
        found = read_certificate(number)
    assert (found.rows, found.on_day, found.state) == (5, TODAY, "done"), "the same day as when it began"
    assert found.digest == digest_of(found.table_name, ["pupils", *gone])
    assert left_over() == set(later)


def test_rows_that_others_need_are_named_and_kept(office, acting):
    (number,) = pupils(office.facilities[0], OLD)
    with scopes.system("test"):
        db.session.add(Debt(pupil_id=number, facility_id=office.facilities[0]))
        db.session.commit()
    with acting("administrator", 0, account_id=None), pytest.raises(StillNeeded, match="records of debt"):
        purge("pupils", 0, "test", on=TODAY)
    assert left_over() == {number}


def test_periods_differ_by_region_and_facility_and_must_be_confirmed(office, acting):
    declare(RetentionRule("pupils", Pupil, Pupil.left_on, policy="families.retention.test"))
    six_years = date(2020, 11, 21)
    one, two = pupils(office.facilities[0], OLD), pupils(office.facilities[1], OLD, six_years)
    neighbor, far = pupils(office.neighbors[0], OLD), pupils(office.far[0], OLD)
    with acting("administrator", 0, account_id=None):
        assert plan(on=TODAY)[0].due == 0, "no law, no purge"
        for place, years, status in (
            (office.city, 5, "confirmed"), (office.facilities[1], 6, "confirmed"), (office.other_district, 99, "confirmed"),
            (office.far_district, 1, "unverified"),
        ):  # fmt: skip
            policies.override(
                "families.retention.test", place=place, value={"years": years}, valid_from=date(2020, 1, 1),
                legal_basis="§", status=status,
            )  # fmt: skip
        db.session.commit()
        (line,) = plan(on=TODAY)
        assert line.goes == 3
        assert len(line.unsure) == 1
        with pytest.raises(PeriodNotConfirmed, match="confirmed under Rules"):
            purge("pupils", 0, "test", on=TODAY)
        assert read_certificate(purge("pupils", office.city, "test", on=TODAY)).rows == 2
    assert left_over() == {two[0], neighbor[0], far[0]}
    assert one


def test_only_who_may_does(office, acting):
    with acting("administrator", office.district), pytest.raises(NotFound):
        purge("pupils", office.far_district, "test")
    with acting("administrator", office.district), pytest.raises(NotFound):
        place_hold(SCHEMA, None, "everywhere is more than my district")
    with acting("front_desk", office.facilities[0]), pytest.raises(Forbidden):
        plan(office.facilities[0])
    with acting("administrator", 0), pytest.raises(HoldNeedsReason):
        purge("pupils", 0, " ")
    with acting("administrator", 0), pytest.raises(HoldNeedsReason):
        place_hold(SCHEMA, None, "")


def test_nobody_writes_holds_or_certificates_by_hand(office, acting):
    for statement in (
        "insert into core.legal_hold (module, reason) values ('x', 'y')",
        "update core.legal_hold set lifted_at = now()",
        "delete from core.purge_certificate",
        "select core.forget_history(1, 0)",
    ):
        with acting("administrator", 0), pytest.raises(sa.exc.ProgrammingError):
            db.session.execute(sa.text(statement))
    for statement in (
        "delete from core.purge_certificate",
        "delete from core.legal_hold",
        "update core.change set diff = '{}'",
    ):
        with scopes.system("test"), pytest.raises(sa.exc.ProgrammingError):
            db.session.execute(sa.text(statement))


def test_a_system_session_cannot_blank_the_history_of_rows_it_did_not_delete(office):
    (number,) = pupils(office.facilities[0], YOUNG)
    with scopes.system("an honest deletion"):
        db.session.execute(sa.delete(Pupil.__table__).where(Pupil.__table__.c.id == number))
        db.session.commit()
    with scopes.system("another act"):
        assert db.session.scalar(sa.text("select core.forget_history(1, 0)")) == 0


def test_papers(office, acting):
    pupils(office.facilities[0], OLD)
    with acting("administrator", 0, account_id=None):
        found = read_certificate(purge("pupils", office.district, "roczne czyszczenie", on=TODAY))
        with speaking("en"):
            html = papers.certificate_html(found, zone="Asia/Seoul")
    for part in (
        "Certificate of a purge",
        found.digest,
        "roczne czyszczenie",
        "North (XA-1-1)",
        "2021-11-21",
    ):
        assert part in html


def test_the_register_lists_who_holds_personal_data():
    def manifest(name, personal):
        data = SimpleNamespace(
            personal=personal, purpose="admission", legal_basis="§28", recipients=("district",), retain="5y"
        )
        return SimpleNamespace(
            name=name,
            title="Families",
            version="1.0",
            data=data,
            talks_to=SimpleNamespace(hosts=("a.example",)),
        )

    entries = register_of_processing([manifest("families", ("child.name",)), manifest("maps", ())])  # type: ignore[arg-type]
    assert [entry.module for entry in entries] == ["families"]
    with speaking("en"):
        html = papers.register_html(entries)
        assert papers.register_xlsx(entries)[:2] == b"PK"
    for part in ("Families (families 1.0)", "child.name", "§28", "district", "a.example", "5y"):
        assert part in html


def test_personal_data_without_a_rule_fails_the_build(office):
    (found,) = run(running(), ["retained"])
    assert "facilities: facility.operator" in found.records, "this test's world has one rule only, for pupils"
    assert "declare_retention" in found.action
    declare(RetentionRule("facilities.facility", Facility, Facility.closed_on, keep="10y"))
    (after,) = run(running(), ["retained"])
    assert set(found.records) - set(after.records) == {"facilities: facility.operator"}
