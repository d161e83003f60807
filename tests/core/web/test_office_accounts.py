"""The pages of accounts: finding, issuing with the link shown once, posts, suspending, the second officer (S1-207, S1-238)."""

from __future__ import annotations

import re

import letters
import people
import pytest

from core.security import contacts

ACCOUNTS, APPROVALS = "/office/core/accounts/", "/office/core/approvals/"


@pytest.fixture(autouse=True)
def centres(app, world, monkeypatch):
    """Two centres of the district and one elsewhere have short codes, as the register would answer."""
    from core.host import hooks

    real = hooks.ask
    numbers = {"F-1": world.facilities[0], "F-2": world.facilities[1]}

    def ask(question, **facts):
        return [numbers.get(facts["reference"])] if question == "facility_number" else real(question, **facts)

    monkeypatch.setattr(hooks, "ask", ask)


@pytest.fixture
def officer(browser, person, world):
    person("officer", "district_officer", world.district, name="Olga Officer")
    browser.enter("officer")
    return browser


@pytest.fixture
def staff(person, world):
    return person("jan", "director", world.facilities[0], name="Jan Kowalski")


@pytest.fixture
def foreign(person, world):
    return person("far", "director", world.far[0], name="Far Away")


def filled(**facts):
    return {"name": "Anna Nowa", "login": "anna.nowa", "role": "director", "place": "F-1", "language": "pl",
            "reason": "new head", **facts}  # fmt: skip


def posts(account):
    return people.run(
        "select id, role, place_no, last_day from core.post where account_id = :a order by id", a=account
    )


def state(account):
    return people.column("state", account)


def link_in(page):
    return re.search(r">[^<]*(/activate/[\w-]+)</textarea>", page.text)


class TestList:
    def test_accounts_of_the_region_are_found_by_name_or_id(self, officer, staff, foreign):
        text = officer.get(ACCOUNTS).text
        assert "Jan Kowalski" in text
        assert "Far Away" not in text
        assert "Director · " in text
        for wanted in ("kowal", "JAN"):
            assert "Jan Kowalski" in officer.get(f"{ACCOUNTS}?q={wanted}").text
        for nobody in ("%25", "_", "zzz", "far"):
            assert "Nobody found" in officer.get(f"{ACCOUNTS}?q={nobody}").text

    def test_the_list_is_bounded_and_goes_on(self, officer, world):
        people.run(
            "insert into core.account (login, name, fs_uniquifier, region_no) "
            "select 'many.' || lpad(n::text, 3, '0'), 'Many', 'u' || n, :region from generate_series(1, 60) n",
            region=world.district,
        )
        page = officer.get(f"{ACCOUNTS}?q=many")
        assert page.text.count("many.0") == 50
        more = re.search(r'href="([^"]*at=[^"]*)"', page.text)[1].replace("&amp;", "&")
        assert officer.get(more).text.count('<th scope="row">') == 10
        assert officer.get(f"{ACCOUNTS}?at=nonsense").status_code == 404

    def test_states_are_words(self, officer, person, world):
        person("s", "director", world.facilities[0], state="suspended", suspended_because="disuse")
        person("n", "director", world.facilities[0], activated_at=None, password=None)
        assert "suspended: not used for long" in officer.get(f"{ACCOUNTS}?state=suspended").text
        assert "link not used yet" in officer.get(f"{ACCOUNTS}?state=new").text
        assert officer.get(f"{ACCOUNTS}?state=x").status_code == 404

    def test_officers_see_that_a_person_can_be_reached_and_not_where(self, officer, staff, world):
        [(number,)] = people.run("select id from core.account where name = 'Jan Kowalski'")
        assert "none: a new password needs two officers" in officer.get(f"{ACCOUNTS}{number}").text
        contacts.confirm(number, contacts.add(number, "jan.private@example.org"), letters.code("jan.private@example.org"))
        text = officer.get(f"{ACCOUNTS}{number}").text
        assert "j•••@example.org" in text
        assert "jan.private" not in text

    def test_only_officers(self, browser, person, world):
        person("dir", "director", world.facilities[0])
        browser.enter("dir")
        for path in (ACCOUNTS, f"{ACCOUNTS}new", APPROVALS):
            assert browser.get(path).status_code == 403
        assert browser.post(f"{ACCOUNTS}new", data=filled()).status_code == 403


class TestIssuing:
    @pytest.mark.rule("S1-207")
    def test_the_link_is_shown_once_and_opens(self, officer, browsers, world):
        assert officer.get(f"{ACCOUNTS}new").status_code == 200
        page = officer.post(f"{ACCOUNTS}new", data=filled(email="anna@office.example"))
        assert page.status_code == 200
        assert page.headers["Cache-Control"] == "no-store"
        assert "<svg" in page.text and 'class="qr"' in page.text
        link = link_in(page)[1]
        assert "anna.nowa" in browsers().get(link).text
        number = people.run("select id from core.account where login = 'anna.nowa'")[0].id
        assert people.column("email", number) == "anna@office.example"
        assert [(p.role, p.place_no) for p in posts(number)] == [("director", world.facilities[0])]
        again = officer.get(f"{ACCOUNTS}{number}")
        assert link_in(again) is None
        assert "new head" in again.text

    @pytest.mark.parametrize(
        ("facts", "said"),
        [
            ({"name": ""}, "Please fill this in."),
            ({"login": "1x"}, "begins with a letter"),
            ({"login": "officer"}, "is taken"),
            ({"email": "nobody"}, "name@office.example"),
            ({"role": ""}, "Please fill this in."),
            ({"role": "administrator"}, "Not a valid choice"),
            ({"place": "F-77"}, "There is no place “F-77” here"),
            ({"place": "XA-1-1"}, "is given at a place of the level facility only"),
            ({"first_day": "soon"}, "Write the day as 2026-03-02."),
            ({"reason": " "}, "Please fill this in."),
        ],
    )
    def test_mistakes_are_said_beside_the_field_and_nothing_is_made(self, officer, facts, said):
        before = people.run("select count(*) from core.account")
        page = officer.post(f"{ACCOUNTS}new", data=filled(**facts))
        assert page.status_code == 200
        assert said in page.text
        assert 'aria-invalid="true"' in page.text
        assert link_in(page) is None
        assert people.run("select count(*) from core.account") == before

    def test_not_at_a_foreign_region(self, officer):
        assert officer.post(f"{ACCOUNTS}new", data=filled(place="XA-2-1")).status_code == 404

    def test_an_officers_post_waits_for_a_second_officer(self, browsers, person, world):
        one, two = browsers(), browsers()
        person("first", "city_officer", world.city, name="First Officer")
        person("second", "city_officer", world.city, name="Second Officer")
        one.enter("first")
        two.enter("second")
        page = one.post(f"{ACCOUNTS}new", data=filled(role="district_officer", place="XA-1-1"))
        assert "waits for a second officer" in page.text
        number = people.run("select id from core.account where login = 'anna.nowa'")[0].id
        assert posts(number) == []
        waiting = people.run("select id from core.approval")[0].id
        assert "These wait for another person" in one.get(APPROVALS).text
        assert "Give Anna Nowa the role District officer at North" in two.get(APPROVALS).text
        one.post(f"{APPROVALS}{waiting}/approve", data={"reason": "me too"})
        assert "You asked for this yourself" in one.get(APPROVALS).text
        two.post(f"{APPROVALS}{waiting}/approve", data={"reason": " "})
        assert posts(number) == []
        two.post(f"{APPROVALS}{waiting}/approve", data={"reason": "knows the district"})
        assert [(p.role, p.place_no) for p in posts(number)] == [("district_officer", world.district)]
        text = one.get(APPROVALS).text
        assert "Decided lately" in text
        assert "knows the district" in text


class TestHistory:
    def test_it_is_told_in_words(self, browsers, person, staff, world):
        person("root", "administrator", 0, name="Anna Admin")
        root = browsers()
        root.enter("root")
        root.post(f"{ACCOUNTS}{staff}/act/suspend", data={"reason": "on leave"})
        people.run(
            "update core.account set region_no = :r, language = 'pl', locked_until = '2026-03-02 01:00+00' where id = :a",
            r=world.other_district, a=staff,
        )  # fmt: skip
        told = root.get(f"{ACCOUNTS}{staff}").text.partition("What happened</h2>")[2]
        for words in ("Anna Admin", "on leave", "working</del>", "suspended</ins>", "by an officer</ins>", "North</del>",
                      "South</ins>", "polski</ins>", "Mar 2, 2026"):  # fmt: skip
            assert words in told
        for raw in (
            "suspended_because",
            "region_no",
            str(world.district),
            "officer</ins>, ",
            ">active<",
            "locked_until",
        ):
            assert raw not in told


class TestActs:
    def test_suspend_resume_unlock(self, officer, staff):
        page = officer.get(f"{ACCOUNTS}{staff}")
        assert "working" in page.text
        officer.post(f"{ACCOUNTS}{staff}/act/suspend", data={"reason": ""})
        assert state(staff) == "active"
        assert "Say why" in officer.get(f"{ACCOUNTS}{staff}").text
        officer.post(f"{ACCOUNTS}{staff}/act/suspend", data={"reason": "on leave"})
        assert state(staff) == "suspended"
        page = officer.get(f"{ACCOUNTS}{staff}").text
        assert "suspended by an officer" in page
        assert "on leave" in page or "Change history" not in page
        officer.post(f"{ACCOUNTS}{staff}/act/enable", data={"reason": "is back"})
        assert state(staff) == "active"
        people.run(
            "update core.account set failed_logins = 9, locked_until = now() + interval '9 minutes' where id = :a",
            a=staff,
        )
        assert "waits after failures" in officer.get(f"{ACCOUNTS}{staff}").text
        officer.post(f"{ACCOUNTS}{staff}/act/unlock", data={"reason": "called us"})
        assert people.column("locked_until", staff) is None
        assert officer.post(f"{ACCOUNTS}{staff}/act/delete", data={"reason": "x"}).status_code == 404

    def test_a_new_password_needs_a_second_officer_who_hands_the_link_over(
        self, officer, browsers, person, staff, world
    ):
        person("second", "district_officer", world.district, name="Second Officer")
        two = browsers()
        two.enter("second")
        answer = officer.post(f"{ACCOUNTS}{staff}/link", data={"reason": "forgot it"})
        assert (answer.status_code, link_in(answer)) == (302, None)
        waiting = people.run("select id from core.approval")[0].id
        assert "Let Jan Kowalski choose a new password" in two.get(f"{APPROVALS}{waiting}").text
        page = two.post(f"{APPROVALS}{waiting}/approve", data={"reason": "knows him by voice"})
        assert page.headers["Cache-Control"] == "no-store"
        assert "jan" in browsers().get(link_in(page)[1]).text
        assert two.post(f"{APPROVALS}{waiting}/approve", data={"reason": "again"}).status_code == 302
        assert "does not wait any more" in two.get(APPROVALS).text

    def test_who_never_had_a_password_gets_a_link_at_once(self, officer, person, world):
        new = person("new", "director", world.facilities[0], activated_at=None, password=None)
        page = officer.post(f"{ACCOUNTS}{new}/link", data={"reason": "lost the paper"})
        assert link_in(page)

    def test_refused_and_taken_back_requests_do_nothing(self, officer, browsers, person, staff, world):
        person("second", "district_officer", world.district)
        two = browsers()
        two.enter("second")
        for act, who in (("refuse", two), ("withdraw", officer)):
            officer.post(f"{ACCOUNTS}{staff}/link", data={"reason": "forgot it"})
            waiting = people.run("select max(id) from core.approval")[0][0]
            assert who.post(f"{APPROVALS}{waiting}/{act}", data={"reason": "not now"}).location == APPROVALS
        assert [row.state for row in people.run("select state from core.approval order by id")] == [
            "refused",
            "withdrawn",
        ]
        assert people.run("select 1 from core.account_link") == []

    def test_posts_are_given_ended_and_handed_over(self, officer, person, staff, world):
        give = f"{ACCOUNTS}{staff}/posts/new"
        assert officer.get(give).status_code == 200
        assert (
            "There is no place"
            in officer.post(give, data={"role": "accountant", "place": "x", "reason": "r"}).text
        )
        wrong = {
            "role": "accountant",
            "place": "F-2",
            "reason": "r",
            "first_day": "2026-05-02",
            "last_day": "2026-05-01",
        }
        assert "would end before it begins" in officer.post(give, data=wrong).text
        officer.post(give, data={"role": "accountant", "place": "F-2", "reason": "helps out"})
        head, books = posts(staff)
        assert (books.role, books.place_no) == ("accountant", world.facilities[1])
        end = f"{ACCOUNTS}posts/{books.id}/end"
        assert "Accountant" in officer.get(end).text
        officer.post(end, data={"reason": "no longer"})
        assert [p.id for p in posts(staff)] == [head.id], "it never held a day"
        heir = person("heir", None, region_no=world.district, name="Heir")
        over = f"{ACCOUNTS}posts/{head.id}/hand-over"
        assert officer.get(over).status_code == 200
        assert (
            "no account with this ID"
            in officer.post(over, data={"to": "nobody", "first_day": "2099-01-01", "reason": "r"}).text
        )
        assert (
            "Write the day as" in officer.post(over, data={"to": "heir", "first_day": "", "reason": "r"}).text
        )
        officer.post(over, data={"to": "Heir", "first_day": "2099-01-01", "reason": "new head"})
        assert posts(staff)[0].last_day.isoformat() == "2098-12-31"
        assert posts(heir)[0].role == "director"

    def test_closing_needs_the_typed_account_id(self, officer, staff):
        leave = f"{ACCOUNTS}{staff}/leave"
        assert "cannot be undone" in officer.get(leave).text
        officer.post(leave, data={"reason": "left", "confirm_word": "joan"})
        assert state(staff) == "active"
        assert officer.post(leave, data={"reason": "left", "confirm_word": "jan"}).status_code == 302
        assert state(staff) == "left"
        assert "Give a post" not in officer.get(f"{ACCOUNTS}{staff}").text

    def test_ones_own_account_is_anothers_business(self, officer, browser):
        mine = people.run("select id from core.account where login = 'officer'")[0].id
        assert "another officer looks after it" in officer.get(f"{ACCOUNTS}{mine}").text
        officer.post(f"{ACCOUNTS}{mine}/act/suspend", data={"reason": "x"})
        assert state(mine) == "active"

    def test_foreign_accounts_posts_and_requests_are_not_there(
        self, officer, foreign, browsers, person, world
    ):
        person("elsewhere", "district_officer", world.far_district)
        other = browsers()
        other.enter("elsewhere")
        other.post(f"{ACCOUNTS}{foreign}/link", data={"reason": "forgot it"})
        waiting = people.run("select id from core.approval")[0].id
        post = posts(foreign)[0].id
        for number in (foreign, 10**12, 10**30, "x", "-1"):
            assert officer.get(f"{ACCOUNTS}{number}").status_code == 404
            assert officer.get(f"{ACCOUNTS}{number}/leave").status_code == 404
            assert officer.get(f"{ACCOUNTS}{number}/posts/new").status_code == 404
            for act in ("act/suspend", "link", "leave", "posts/new"):
                assert officer.post(f"{ACCOUNTS}{number}/{act}", data={"reason": "x"}).status_code == 404
        for number in (post, 10**30, "x"):
            for act in ("end", "hand-over"):
                assert officer.get(f"{ACCOUNTS}posts/{number}/{act}").status_code == 404
                assert (
                    officer.post(f"{ACCOUNTS}posts/{number}/{act}", data={"reason": "x"}).status_code == 404
                )
        for number in (waiting, 10**30, "x"):
            assert officer.get(f"{APPROVALS}{number}").status_code == 404
            for act in ("approve", "refuse", "withdraw"):
                assert officer.post(f"{APPROVALS}{number}/{act}", data={"reason": "x"}).status_code == 404
        assert officer.post(f"{APPROVALS}{waiting}/burn", data={"reason": "x"}).status_code == 404
        assert state(foreign) == "active"

    def test_a_token_is_needed(self, officer, staff, config):
        config(WTF_CSRF_ENABLED=True)
        for path in (f"{ACCOUNTS}new", f"{ACCOUNTS}{staff}/act/suspend", f"{ACCOUNTS}{staff}/posts/new"):
            assert officer.post(path, data=filled()).status_code == 400
        assert state(staff) == "active"
