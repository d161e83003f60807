"""The pages of retention: the plan, a purge with its certificate, legal holds, the register of processing."""

from __future__ import annotations

from datetime import date

import people
import pytest

from core.db.base import db
from core.host.retention import RULES, RetentionRule, declare
from core.jobs.delivery import drain
from core.security import access
from core.security import scope as scopes
from modules.facilities.models import ClosingDay
from modules.facilities.services import register

PAGE, HOLDS, PROCESSING = "/office/core/retention/", "/office/core/holds/", "/office/core/processing/"


@pytest.fixture
def centres(app, world, monkeypatch):
    """A centre here and one in another city, each with three old closing days and a new one; one rule for them."""
    monkeypatch.setattr(RULES, "by_name", {})
    declare(
        RetentionRule("facilities.closing_day", ClosingDay, ClosingDay.day, keep="5y", title="Closing days")
    )
    made = []
    with access.asking(), scopes.system("centres for a test"):
        for district in (world.district, world.far_district):
            one = register(region_no=district, name=f"Centre {district}", kind="HOME")
            days = [date(2019, 1, number) for number in (1, 2, 3)] + [date(2026, 1, 1)]
            db.session.add_all(ClosingDay(facility_id=one.id, day=day, reason="r") for day in days)
            made.append(one.id)
        db.session.commit()
    return made


@pytest.fixture
def admin(browser, person, world):
    person("admin", "administrator", world.city, name="Ada Admin")
    browser.enter("admin")
    return browser


def left(place):
    return people.run("select count(*) from facilities.closing_day where facility_id = :p", p=place)[0][0]


def purge(browser, word="3", rule="facilities.closing_day", reason="yearly purge", **facts):
    return browser.post(f"{PAGE}purge", data={"rule": rule, "confirm_word": word, "reason": reason, **facts})


class TestPurge:
    def test_the_plan_says_what_would_go(self, admin, centres):
        text = admin.get(PAGE).text
        assert "Closing days" in text
        assert "5 y" in text
        assert "due" in text
        assert "Nothing was purged here yet" in text
        asked = admin.get(f"{PAGE}purge?rule=facilities.closing_day").text
        assert "Purge 3 rows for good?" in asked
        assert "cannot be undone" in asked

    def test_it_is_done_in_the_background_with_a_certificate(self, admin, centres, world):
        here, far = centres
        assert purge(admin).location == f"{PAGE}?place=XA-1"
        assert left(here) == 4, "not in the request"
        assert "Purge what is due · First City" in admin.get("/office/core/jobs/").text
        assert drain()["done"] >= 1
        assert (left(here), left(far)) == (1, 4)
        number = people.run("select id from core.purge_certificate")[0].id
        page = admin.get(f"{PAGE}certificates/{number}").text
        assert "yearly purge" in page
        assert "Ada Admin" in page
        assert people.run("select rows, place_no, state from core.purge_certificate") == [
            (3, world.city, "done")
        ]
        assert f'certificates/{number}"' in admin.get(PAGE).text
        assert people.run("select state, done, total, result from core.job_run") == [
            ("done", 3, 3, {"certificate": number})
        ]
        assert "Nothing is due" in admin.get(f"{PAGE}purge?rule=facilities.closing_day").text

    @pytest.mark.parametrize(
        ("word", "reason", "said"),
        [("2", "r", "Type the number of rows"), ("", "r", "Type the number of rows"), ("3", " ", "Say why")],
    )
    def test_it_wants_the_number_and_a_reason(self, admin, centres, word, reason, said):
        page = purge(admin, word, reason=reason)
        assert page.status_code == 200
        assert said in page.text
        assert people.run("select 1 from core.outbox where name = 'core.retention.purge'") == []

    def test_foreign_places_rules_and_certificates_are_not_there(
        self, admin, browsers, person, centres, world
    ):
        for query in ("place=XA-2", "place=XA", "place=nowhere"):
            assert admin.get(f"{PAGE}?{query}").status_code == 404
            assert purge(admin, place=query[6:]).status_code == 404
        assert purge(admin, rule="x").status_code == 404
        assert admin.get(f"{PAGE}purge?rule=x").status_code == 404
        person("other", "administrator", world.other_city)
        other = browsers()
        other.enter("other")
        purge(other)
        drain()
        number = people.run("select id from core.purge_certificate")[0].id
        assert other.get(f"{PAGE}certificates/{number}").status_code == 200
        for strange in (number, 10**9, 10**30, "x"):
            assert admin.get(f"{PAGE}certificates/{strange}").status_code == 404
            assert admin.get(f"{PAGE}certificates/{strange}/pdf").status_code == 404

    def test_only_administrators(self, browser, person, world, centres):
        person("officer", "district_officer", world.district)
        browser.enter("officer")
        for path in (PAGE, f"{PAGE}purge", HOLDS, PROCESSING, f"{PAGE}certificates/1"):
            assert browser.get(path).status_code == 403
        assert purge(browser).status_code == 403
        assert browser.post(HOLDS, data={"module": "facilities", "reason": "x"}).status_code == 403

    def test_without_rules_the_page_says_what_to_do(self, admin, monkeypatch):
        monkeypatch.setattr(RULES, "by_name", {})
        assert "No module declares what it purges" in admin.get(PAGE).text


class TestHolds:
    def hold(self, browser, **facts):
        return browser.post(
            HOLDS, data={"module": "facilities", "place": "XA-1-1", "reason": "court case 7", **facts}
        )

    def test_a_hold_stops_the_purge_until_it_is_lifted(self, admin, centres):
        assert "No hold stands here" in admin.get(HOLDS).text
        assert self.hold(admin).location == HOLDS
        text = admin.get(HOLDS).text
        assert "court case 7" in text
        assert "Ada Admin" in text
        assert "Nothing is due" in admin.get(f"{PAGE}purge?rule=facilities.closing_day").text
        number = people.run("select id from core.legal_hold")[0].id
        admin.post(f"{HOLDS}{number}/lift", data={"reason": " "})
        assert "Say why" in admin.get(HOLDS).text
        admin.post(f"{HOLDS}{number}/lift", data={"reason": "the case is closed"})
        assert "No hold stands here" in admin.get(HOLDS).text
        assert people.run("select lifted_because from core.legal_hold") == [("the case is closed",)]
        assert "Purge 3 rows" in admin.get(f"{PAGE}purge?rule=facilities.closing_day").text
        assert admin.post(f"{HOLDS}{number}/lift", data={"reason": "again"}).status_code == 404

    def test_mistakes_are_said_and_what_was_typed_stays(self, admin):
        page = self.hold(admin, place="XA-77")
        assert "There is no place “XA-77” here" in page.text
        assert 'value="court case 7"' in page.text
        assert "Say why" in self.hold(admin, reason=" ").text
        assert self.hold(admin, module="x").status_code == 404
        assert people.run("select 1 from core.legal_hold") == []

    def test_not_elsewhere_and_not_everywhere(self, admin, browsers, person, world):
        assert self.hold(admin, place="XA-2").status_code == 404
        assert self.hold(admin, place="").status_code == 404, "everywhere is more than this post"
        person("root", "administrator", 0)
        root = browsers()
        root.enter("root")
        self.hold(root, place="XA-2")
        self.hold(root, place="", reason="all of it")
        far, everywhere = (row.id for row in people.run("select id from core.legal_hold order by id"))
        text = admin.get(HOLDS).text
        assert "all of it" in text, "it stops purges here too"
        assert "court case 7" not in text
        for number in (far, everywhere, 10**30, "x"):
            assert admin.post(f"{HOLDS}{number}/lift", data={"reason": "x"}).status_code == 404


def test_the_register_of_processing(admin):
    text = admin.get(PROCESSING).text
    assert "facility.operator" in text
    assert "facilities.facility, facilities.import" in text
    sheet = admin.get(f"{PROCESSING}register.xlsx")
    assert sheet.data[:2] == b"PK"
    assert "attachment" in sheet.headers["Content-Disposition"]


def test_a_token_is_needed(admin, centres, config):
    config(WTF_CSRF_ENABLED=True)
    for path in (f"{PAGE}purge", HOLDS, f"{HOLDS}1/lift"):
        assert admin.post(path, data={"rule": "facilities.closing_day"}).status_code == 400
