"""The other guardian joins, the family takes its data along, asks about it, and has a child erased."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
import sqlalchemy as sa
import time_machine

from core.db.base import db
from core.errors import Forbidden, NotFound
from core.host.retention import PurgeCertificate, place_hold
from core.security import scope as scopes
from modules.families import api
from modules.families.models import Child, Document, Family, Guardian, Invitation
from modules.families.questions import Moment
from modules.families.services import (
    add_child,
    add_guardian,
    answer,
    ask_about_data,
    bar,
    erase,
    found,
    hand_in,
    invite,
    join,
    mine,
)
from modules.families.services.asking import BadRequest, requests_of
from modules.families.services.erasing import Held
from modules.families.services.guarding import BadGuardian
from modules.families.services.inviting import LASTS, BadInvitation, invited
from modules.families.services.takeout import calendar, tables_of, write_takeout

PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def father(family, being):
    """The number of the second guardian, entered by the mother."""
    with being(family[0]):
        number = add_guardian(family[1], name="박민수", relation_to_child="father", phone="010-2222-3333").id
        db.session.commit()
    return number


@pytest.mark.rule("F-55")
def test_the_other_guardian_joins_with_an_own_account_once(family, father, parent, being):
    other = parent("Minsu")
    with being(family[0]):
        first = invite(father)
        token = invite(father)
    with being(other):
        with pytest.raises(BadInvitation, match="too old or was replaced"):
            join(first)
        assert invited(token) == "박민수"
        assert mine() is None
        assert join(token) == family[1]
        assert mine().id == family[1]
        assert db.session.get(Child, family[2]) is not None
    with being(parent("Third")), pytest.raises(BadInvitation):
        join(token)
    with being(family[0]), pytest.raises(BadInvitation, match="an account of their own already"):
        invite(father)
    with scopes.system("what is stored"):
        hashes = db.session.scalars(sa.select(Invitation.token_hash)).all()
        assert token not in "".join(hashes)


def test_a_link_is_for_a_week_and_for_nobody_who_has_a_family(family, father, parent, being):
    with being(family[0]):
        token = invite(father)
        with pytest.raises(BadInvitation, match="act for this family already"):
            join(token)
    elsewhere = parent("Elsewhere")
    with being(elsewhere):
        found(name="이수", relation_to_child="father")
        with pytest.raises(BadInvitation, match="another family"):
            join(token)
    late = parent("Late")
    with time_machine.travel(datetime.now(UTC) + LASTS + timedelta(minutes=1)), being(late), pytest.raises(BadInvitation):
        join(token)


def test_whom_a_court_barred_nobody_invites_back(family, father, parent, being, acting, world):
    other = parent("Minsu")
    with being(family[0]):
        token = invite(father)
    with being(other):
        join(token)
    with acting("district_officer", world.district):
        bar(db.session.get(Guardian, father), reason="가정법원 2026느단1")
        db.session.commit()
    with being(family[0]):
        with pytest.raises(BadInvitation, match="court"):
            invite(father)
        with pytest.raises(BadGuardian, match="court"):
            add_guardian(family[1], name="박민수", relation_to_child="father")
        third = add_guardian(family[1], name="할머니", relation_to_child="grandparent").id
        with pytest.raises(BadGuardian, match="already"):
            add_guardian(family[1], name="할머니", relation_to_child="grandparent")
        db.session.commit()
        token = invite(third)
    with being(other), pytest.raises(BadInvitation, match="not for you"):
        join(token)


@pytest.mark.rule("S1-127")
def test_a_family_of_the_counter_is_invited_to_join(acting, parent, being, world):
    from modules.families.services import register_child
    from modules.families.services.counter import Desk

    here = world.facilities[0]
    with acting("front_desk", here):
        child = register_child(Desk("아이", date(2024, 5, 4), None, "엄마", "mother", "010-7777-8888"), facility_id=here)
        guardian = db.session.scalar(sa.select(Guardian.id).where(Guardian.name == "엄마"))
        token = invite(guardian, child_id=child, facility_id=here)
    with acting("front_desk", world.facilities[1]), pytest.raises(NotFound):
        invite(guardian, child_id=child, facility_id=world.facilities[1])
    with being(parent("Mother")):
        join(token)
        assert [one.id for one in api.own_children()] == [child]


def test_a_link_is_made_for_a_guardian_of_that_child(family, father, acting, world, parent, being):
    with scopes.system("a test lets a centre see a child"):
        api.share(family[2], family[1], world.facilities[0], "application")
        db.session.commit()
    stranger = parent("Other")
    with being(stranger):
        number = found(name="남의 집", relation_to_child="mother")
        other = add_child(db.session.get(Family, number), name="다른", born_on=date(2024, 1, 1)).id
        db.session.commit()
    with scopes.system("a test lets a centre see a child"):
        api.share(other, number, world.facilities[0], "application")
        db.session.commit()
    with acting("director", world.facilities[0]), pytest.raises(BadInvitation, match="none of this child"):
        invite(father, child_id=other, facility_id=world.facilities[0])


@pytest.mark.rule("E-18")
def test_the_takeout_has_everything_of_the_family_and_nothing_else(family, being, parent, acting, world):
    account, _number, child_id = family
    with being(parent("Stranger")):
        other = found(name="낯선 사람", relation_to_child="mother")
        add_child(db.session.get(Family, other), name="남의 아이", born_on=date(2024, 1, 1))
        db.session.commit()
    with being(account):
        hand_in(db.session.get(Child, child_id), "medical", io.BytesIO(PDF))
        ask_about_data(mine(), "correction", "Our street is new.")
        db.session.commit()
        made = write_takeout(mine(), "<p>read me</p>")
    with made, zipfile.ZipFile(made) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        data = json.loads(archive.read("data.json"))
        (paper,) = (name for name in names if name.startswith("papers/"))
        assert archive.read(paper) == PDF
        assert {"read-me.html", "calendar.ics", "tables/children.csv"} <= names
        whole = b"".join(archive.read(name) for name in names)
    assert [row["Full name"] for row in data["children"]] == ["박서연"]
    assert data["guardians"][0]["Telephone"] == "010-1234-5678"
    assert data["requests"][0]["Text"] == "Our street is new."
    assert "남의 아이".encode() not in whole
    assert "낯선".encode() not in whole


def test_a_formula_in_a_name_is_no_formula_in_the_table(family, being):
    with being(family[0]):
        add_guardian(family[1], name="=HYPERLINK(a)", relation_to_child="other")
        db.session.commit()
        made = write_takeout(mine(), "")
    with made, zipfile.ZipFile(made) as archive:
        assert "\n=HYPER" not in archive.read("tables/guardians.csv").decode("utf-8-sig")


def test_who_looked_at_a_paper_stands_in_the_takeout(family, being, acting, world):
    from modules.families.services.papers import content_of, paper

    account, _number, child_id = family
    with being(account):
        document = hand_in(db.session.get(Child, child_id), "medical", io.BytesIO(PDF)).id
        db.session.commit()
        assert not next(table for table in tables_of(mine()) if table.name == "looked-at").rows
    with acting("district_officer", world.district):
        content_of(paper(document))
    with being(account):
        (row,) = next(table for table in tables_of(mine()) if table.name == "looked-at").rows
        assert row[1] == document


def test_a_calendar_is_read_by_a_calendar():
    text = "Begins; at “Kita, Nord”\nand more " + "가" * 80
    events = icalendar.Calendar.from_ical(calendar([Moment("application-7", date(2026, 4, 1), text)])).walk("VEVENT")
    assert [(str(one["uid"]), one.decoded("dtstart"), str(one["summary"])) for one in events] == [
        ("application-7@dolbom", date(2026, 4, 1), text)
    ]
    assert icalendar.Calendar.from_ical(calendar([])).walk("VEVENT") == []


def test_a_request_is_filed_once_answered_in_time_and_seen(family, being, acting, world, parent):
    with being(family[0]):
        made = ask_about_data(mine(), "erasure", "The photographs of 2025.")
        assert ask_about_data(mine(), "erasure", "The photographs of 2025.").id == made.id
        assert made.due_on == date(2026, 3, 12)
        for kind, text in (("erasure", " "), ("revenge", "x")):
            with pytest.raises(BadRequest):
                ask_about_data(mine(), kind, text)
        with pytest.raises(Forbidden):
            answer(made.id, done=True, text="myself")
        number = made.id
        db.session.commit()
    with being(parent("Stranger")), pytest.raises(NotFound):
        answer(number, done=True, text="x")
    with acting("director", world.facilities[0]), pytest.raises(Forbidden):
        answer(number, done=True, text="x")
    with acting("district_officer", world.district):
        with pytest.raises(BadRequest, match="what was done"):
            answer(number, done=True, text="")
        answer(number, done=False, text="Billing data stays five years.")
        db.session.commit()
        with pytest.raises(BadRequest, match="already"):
            answer(number, done=True, text="after all")
    with being(family[0]):
        assert [(one.state, one.answer) for one in requests_of(family[1])] == [("refused", "Billing data stays five years.")]


def test_requests_do_not_pile_up(family, being):
    with being(family[0]):
        for n in range(10):
            ask_about_data(mine(), "correction", f"number {n}")
        with pytest.raises(BadRequest, match="wait for an answer"):
            ask_about_data(mine(), "correction", "one more")


def test_a_child_nobody_looks_after_is_erased_with_its_papers_and_its_trace(app, family, being, acting, world):
    account, number, child_id = family
    with being(account):
        hand_in(db.session.get(Child, child_id), "medical", io.BytesIO(PDF))
        db.session.commit()
        ask_about_data(mine(), "erasure", "all of it", child=db.session.get(Child, child_id))
        db.session.commit()
        erase(db.session.get(Child, child_id))
        assert db.session.get(Child, child_id) is None
    folder = app.extensions["dolbom"].settings.home / "uploads" / "sealed" / "families" / str(number)
    assert list(folder.iterdir()) == []
    with scopes.system("what is left"):
        assert not db.session.scalar(sa.select(sa.func.count()).select_from(Document).where(Document.child_id == child_id))
        trace = db.session.execute(sa.text("select string_agg(diff::text, '') from core.change where table_name = 'families.child' "
                                           "and pk = :pk"), {"pk": str(child_id)}).scalar()  # fmt: skip
        assert "purged" in trace
        assert "박서연" not in trace
        proof = db.session.scalars(sa.select(PurgeCertificate).where(PurgeCertificate.rule == "families.child")).one()
        assert (proof.rows, proof.state, proof.reason) == (1, "done", "the person asked")
        assert proof.forgotten >= 1


def test_what_a_centre_or_a_hold_keeps_is_not_erased(family, being, acting, world):
    account, number, child_id = family
    with scopes.system("a test lets a centre see a child"):
        api.share(child_id, number, world.facilities[0], "enrollment")
        db.session.commit()
    with being(account), pytest.raises(Held, match="looks after"):
        erase(db.session.get(Child, child_id))
    with scopes.system("a test ends it"):
        api.unshare(child_id, world.facilities[0], "enrollment")
        place_hold("families", world.district, "court case 2026/7")
        db.session.commit()
    with being(account):
        from core.errors import Refusal

        with pytest.raises(Refusal, match="legal hold"):
            erase(db.session.get(Child, child_id))
        assert db.session.get(Child, child_id) is not None
    with acting("director", world.facilities[0]), pytest.raises(Forbidden):
        erase(Child(id=child_id, region_no=world.district, family_id=number))
