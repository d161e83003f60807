"""One's own pages: the link, the password, the post one works in, the language."""

from __future__ import annotations

import people
import pytest

from core.db.base import db
from core.security import account_services as accounts
from core.security import scope as scopes

NEW = "cztery konie w zimowym ogrodzie"


@pytest.fixture
def link(app, world):
    with scopes.system("issue for a test"):
        made = accounts.issue(
            login="anna.nowa",
            name="Anna Nowa",
            role="front_desk",
            place=world.facilities[0],
            language="pl",
            reason="new",
        )
        db.session.commit()
        return f"/activate/{made.token}"


def choose(browser, link, password=NEW, again=None):
    return browser.post(
        link, data={"password": password, "password_confirm": password if again is None else again}
    )


class TestActivation:
    def test_the_person_chooses_and_signs_in(self, browser, link):
        page = browser.get(link)
        assert page.status_code == 200
        assert "anna.nowa" in page.text
        assert '<html lang="pl"' in page.text, "in the language the account was issued with"
        assert page.headers["Cache-Control"] == "private, no-store"
        assert choose(browser, link).location == "/login"
        assert browser.enter("anna.nowa", NEW).status_code == 302

    def test_looking_does_not_use_it_up(self, browser, link):
        for _ in range(3):
            assert browser.get(link).status_code == 200

    @pytest.mark.parametrize(
        ("password", "again"),
        [
            ("", ""),
            ("short", "short"),
            (NEW, "another"),
            ("anna.nowa1", "anna.nowa1"),
            ("x" * 300, "x" * 300),
        ],
    )
    def test_mistakes_are_said_and_the_link_stays(self, browser, link, password, again):
        page = choose(browser, link, password, again)
        assert page.status_code == 200
        assert 'class="error"' in page.text
        assert browser.get(link).status_code == 200

    def test_it_works_once(self, browser, link):
        choose(browser, link)
        for answer in (browser.get(link), choose(browser, link, "inne dobre hasło 77")):
            assert answer.status_code == 404

    def test_a_gone_link_says_whom_to_ask(self, browser):
        answer = browser.get("/activate/made-up")
        assert answer.status_code == 404
        assert "Ask your officer for a new one" in answer.text

    def test_another_persons_session_ends(self, browser, link, person, world):
        person("jan", "director", world.facilities[0])
        browser.enter("jan")
        choose(browser, link)
        assert browser.get("/account").status_code == 401


class TestPassword:
    @pytest.fixture
    def jan(self, person, world):
        return person("jan", "director", world.facilities[0])

    def change(self, browser, old, new, again=None):
        return browser.post(
            "/account/password",
            data={
                "password": old,
                "new_password": new,
                "new_password_confirm": new if again is None else again,
            },
        )

    def test_changing_ends_all_other_sessions(self, browsers, jan):
        one, two = browsers(), browsers()
        one.enter("jan")
        two.enter("jan")
        answer = self.change(one, people.PASSWORD, NEW)
        assert (answer.status_code, answer.location) == (302, "/account")
        assert "every other session was ended" in one.get("/account").text
        assert two.get("/account").status_code == 401
        assert "did not work" in two.enter("jan", people.PASSWORD).text
        assert two.enter("jan", NEW).status_code == 302

    @pytest.mark.parametrize(
        ("old", "new", "again", "said"),
        [
            ("wrong", NEW, NEW, "not your present password"),
            (people.PASSWORD, "password123", "password123", "easy to guess"),
            (people.PASSWORD, "short", "short", "10 to 128"),
            (people.PASSWORD, people.PASSWORD, people.PASSWORD, "another one than before"),
            (people.PASSWORD, NEW, "different", "not the same"),
            ("", "", "", "Please fill this in"),
        ],
    )
    def test_mistakes_are_said_and_nothing_changes(self, browser, jan, old, new, again, said):
        browser.enter("jan")
        before = people.column("password", jan)
        answer = self.change(browser, old, new, again)
        assert answer.status_code == 200
        assert said in answer.text
        assert people.column("password", jan) == before

    def test_strangers_are_asked_to_sign_in(self, browser):
        for path in ("/account/password", "/account", "/start"):
            answer = browser.get(path)
            assert answer.status_code == 401
            assert f"/login?next={path}" in answer.text.replace("%2F", "/")


class TestPosts:
    @pytest.fixture
    def jan(self, person, world):
        account = person("jan", "director", world.facilities[0])
        people.run(
            "insert into core.post (account_id, role, place_no, first_day) values (:a, 'district_officer', :p, '2024-01-01')",
            a=account,
            p=world.district,
        )
        return account

    def posts(self):
        return dict(people.run("select role, id from core.post"))

    def test_one_works_in_one_post_at_a_time(self, browser, jan):
        browser.enter("jan")
        posts = self.posts()
        assert "Change post" in browser.get("/account").text
        for role in ("district_officer", "director"):
            answer = browser.post("/post", data={"post": posts[role]})
            assert (answer.status_code, answer.location) == (302, "/start")
            assert browser.session["post"] == posts[role]
            text = browser.get("/account").text
            title = {"district_officer": "District officer", "director": "Director"}[role]
            assert f'<span class="who-post">{title} ·' in text

    def test_nobody_works_in_a_foreign_post(self, browser, jan, person, world):
        person("eve", "administrator", 0)
        browser.enter("jan")
        foreign = self.posts()["administrator"]
        for wanted in (foreign, "", "x", "-1", "99999999999999999999", "1 or 1=1"):
            assert browser.post("/post", data={"post": wanted}).status_code == 404
        with browser.client.session_transaction() as session:
            session["post"] = foreign  # as if the cookie could be forged
        assert "Administrator" not in browser.get("/account").text

    def test_strangers_have_no_post(self, browser):
        assert browser.post("/post", data={"post": "1"}).status_code == 401


class TestLanguage:
    @pytest.mark.parametrize("language", ["ko", "pl", "en"])
    def test_switching_by_link(self, browser, app, language):
        assert browser.get(f"/language?to={language}&next=/login").location == "/login"
        assert f'<html lang="{language}"' in browser.get("/login").text

    def test_the_account_remembers_what_was_chosen_in_the_form(self, browser, person, world):
        jan = person("jan", "director", world.facilities[0])
        browser.enter("jan")
        browser.get("/language?to=pl")
        assert people.column("language", jan) == "en"
        browser.post("/language", data={"to": "ko"})
        assert people.column("language", jan) == "ko"

    def test_the_browser_speaks_first_and_the_account_before_it(self, browser, person, world):
        person("jan", "director", world.facilities[0], language="ko")
        assert '<html lang="pl"' in browser.get("/login", headers={"Accept-Language": "pl,en;q=0.5"}).text
        browser.enter("jan")
        assert '<html lang="ko"' in browser.get("/account", headers={"Accept-Language": "pl"}).text

    @pytest.mark.parametrize("wanted", ["", "xx", "../en", "EN"])
    def test_unknown_languages_are_not_there(self, browser, wanted):
        assert browser.get("/language", query_string={"to": wanted}).status_code == 404
