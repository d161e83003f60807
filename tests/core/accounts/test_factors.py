"""Who needs a second step, who may remove one, what is told and what nobody reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import people
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from core.db.base import db
from core.errors import DolbomError, Forbidden
from core.regions import policies, second_steps
from core.security import access, approvals, crypto, notices, passwords, sign_ins
from core.security import scope as scopes
from core.security.factors import apps, holding, lost
from core.security.factors.models import Authenticator
from core.web.notices import NoticeRaised

DEMAND = {"levels": ["facility", "district"], "roles": ["parent"], "grace_days": 30}


@pytest.fixture
def jan(person, world):
    return person("jan", "director", world.facilities[0])


@pytest.fixture
def told(monkeypatch):
    """Every notice raised, instead of the outbox."""
    found = []
    monkeypatch.setattr(notices, "_outlets", [lambda who, kind, facts, place: found.append(NoticeRaised(who, kind, facts))])
    return found


def with_app(account_id):
    """Set up an app by its service; gives its session's number."""
    import stepping

    session = sign_in(account_id)
    phone = stepping.app_of(apps.begin(account_id, "x").key)
    holding.add_app(account_id, stepping.code(phone), session)
    return session


def sign_in(account_id):
    sign_ins.begin(account_id)
    return people.run("select max(id) from core.sign_in where account_id = :a", a=account_id)[0][0]


class TestDuty:
    """Who needs one: by policy, level or role, and time of grace."""

    @pytest.mark.parametrize(
        ("level", "role", "due"),
        [
            ("facility", "director", date(2026, 1, 31)),
            ("district", "officer", date(2026, 1, 31)),
            ("self", "parent", date(2026, 1, 31)),
            ("self", "guardian", None),
            ("any", "administrator", None),
        ],
    )
    def test_by_level_or_role(self, level, role, due):
        assert second_steps.due(level, role, DEMAND, date(2026, 1, 1)) == due

    @given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 400))
    def test_never_before_the_grace_is_over(self, begins, grace):
        due = second_steps.due("facility", "x", {"levels": ["facility"], "grace_days": grace}, begins)
        assert due - begins == timedelta(days=grace)

    def test_staff_have_thirty_days_from_their_first_use(self, jan):
        people.run("update core.account set activated_at = '2026-03-01 12:00Z' where id = :a", a=jan)
        assert second_steps.duty(jan).since == date(2026, 3, 31)

    def test_a_later_post_begins_the_grace_anew(self, person, world):
        number = person(
            "new", "director", world.facilities[0], first_day=date(2026, 5, 1), activated_at=datetime(2026, 1, 1, tzinfo=UTC)
        )
        assert second_steps.duty(number, datetime(2026, 6, 1, tzinfo=UTC)).since == date(2026, 5, 31)

    def test_families_need_none(self, person, world):
        assert second_steps.duty(person("mum", "parent", world.facilities[0])) is None
        assert second_steps.duty(person("nobody", None)) is None

    def test_a_district_sets_its_own(self, jan, world):
        with access.asking(), scopes.system("a rule for a test"):
            policies.override(
                second_steps.KEY, place=world.district, value={"levels": [], "roles": []}, valid_from=date(2026, 1, 1),
                legal_basis="test",
            )  # fmt: skip
            db.session.commit()
        assert second_steps.duty(jan) is None


class TestDemand:
    """What happens when the grace is over."""

    @pytest.fixture
    def late(self, jan):
        people.run("update core.account set activated_at = now() - interval '31 days' where id = :a", a=jan)
        return jan

    @pytest.fixture
    def browser(self, app):
        from browsing import Browser

        return Browser(app)

    def test_every_page_leads_to_setting_one_up(self, browser, late):
        browser.enter("jan")
        for path in ("/office/", "/start", "/office/core/accounts/"):
            answer = browser.get(path)
            assert (answer.status_code, answer.location) == (303, "/account/factors"), path
        assert browser.post("/post", data={"post": "1"}).location == "/account/factors"
        page = browser.get("/account/factors")
        assert "then everything opens again" in page.text
        for path in ("/account", "/account/sessions", "/account/factors/app", "/account/password"):
            assert browser.get(path).status_code == 200, path
        assert browser.get("/facilities").status_code == 200, "what any visitor reads"
        assert browser.post("/logout").location == "/"

    def test_and_opens_once_it_is_set_up(self, browser, late):
        import stepping

        browser.enter("jan")
        stepping.set_up(browser)
        assert browser.get("/office/").status_code == 200

    def test_within_the_grace_everything_is_open(self, browser, jan):
        browser.enter("jan")
        assert browser.get("/office/").status_code == 200
        assert "Your role needs a second step from" in browser.get("/account/factors").text

    def test_the_last_one_stays_while_it_is_needed(self, browser, jan):
        import stepping

        browser.enter("jan")
        stepping.set_up(browser)
        browser.post("/account/factors/app/remove")
        assert "set up another one first" in browser.get("/account/factors").text
        assert holding.held(jan).any


class TestRemoving:
    def test_the_last_one_of_staff_is_refused_and_nothing_changes(self, jan):
        session = with_app(jan)
        with pytest.raises(holding.LastFactor, match="set up another one first"):
            holding.remove_app(jan, session, needed=True)
        assert holding.held(jan).any
        holding.remove_app(jan, session, needed=False)  # the control: whose role needs none may
        assert not holding.held(jan).any

    def test_codes_go_with_the_last_one(self, jan):
        session = with_app(jan)
        holding.new_codes(jan)
        holding.remove_app(jan, session, needed=False)
        assert people.run("select count(*) from core.recovery_code") == [(0,)]

    def test_other_sessions_end_with_each_change(self, jan):
        other = sign_in(jan)
        mine = with_app(jan)
        assert [row.id for row in sign_ins.open_of(jan)] == [mine]
        assert people.run("select ended_because from core.sign_in where id = :i", i=other) == [("second steps changed",)]

    def test_a_new_password_is_told(self, jan, told):
        with scopes.system("a password for a test"):
            passwords.choose(jan, "cztery konie w zimowym ogrodzie")
            db.session.commit()
        assert [(one.account_id, dict(one.facts)) for one in told] == [(jan, {"what": "password-changed"})]

    def test_each_change_is_told(self, jan, told):
        session = with_app(jan)
        holding.new_codes(jan)
        holding.remove_app(jan, session, needed=False)
        assert [(one.account_id, one.kind, dict(one.facts)["what"]) for one in told] == [
            (jan, "credential-changed", what) for what in ("app-added", "codes-made", "app-removed")
        ]


class TestLost:
    """Two officers remove what somebody lost; one cannot."""

    @pytest.fixture
    def officers(self, person, world):
        return person("lee", "district_officer", world.district), person("kim", "district_officer", world.district)

    def test_two_officers_and_the_password_is_enough_again(self, jan, officers, acting, world, told):
        with_app(jan)
        holding.new_codes(jan)
        with acting("district_officer", world.district, account_id=officers[0]):
            request = lost.ask(jan, reason="phone lost").id
            db.session.commit()
        with acting("district_officer", world.district, account_id=officers[1]):
            approvals.approve(request, "seen in person")
            db.session.commit()
        assert not holding.held(jan).any
        assert people.run("select count(*) from core.recovery_code") == [(0,)]
        assert sign_ins.open_of(jan) == []
        assert dict(told[-1].facts) == {"what": "factors-forgotten"}

    def test_one_officer_is_not_enough(self, jan, officers, acting, world):
        with_app(jan)
        with acting("district_officer", world.district, account_id=officers[0]):
            request = lost.ask(jan, reason="phone lost").id
            db.session.commit()
            with pytest.raises(approvals.SamePerson):
                approvals.approve(request, "I say so")
            db.session.rollback()
        assert holding.held(jan).any

    def test_nor_the_function_behind_it_without_their_agreement(self, jan, officers, acting, world):
        with_app(jan)
        with acting("district_officer", world.district, account_id=officers[0]):
            lost.ask(jan, reason="phone lost")
            db.session.commit()
            with pytest.raises(sa.exc.ProgrammingError, match="Two officers have to agree"):
                db.session.execute(sa.select(sa.func.core.forget_factors(jan)))
            db.session.rollback()
        assert holding.held(jan).any

    def test_there_must_be_one(self, jan, officers, acting, world):
        with acting("district_officer", world.district, account_id=officers[0]), pytest.raises(holding.NoFactor):
            lost.ask(jan, reason="phone lost")

    def test_a_director_may_not_ask(self, jan, acting, world, person):
        with_app(jan)
        boss = person("boss", "director", world.facilities[0])
        with acting("director", world.facilities[0], account_id=boss), pytest.raises(DolbomError) as refused:
            lost.ask(jan, reason="x")
        assert refused.value.http in (403, 404)
        assert isinstance(refused.value, Forbidden) or refused.value.http == 404


@pytest.mark.parametrize("table", ["authenticator", "passkey", "recovery_code", "used_challenge"])
@pytest.mark.parametrize("role", ["administrator", "director"])
def test_no_session_of_a_person_reads_or_writes_them(jan, acting, world, table, role):
    place = world.country if role == "administrator" else world.facilities[0]
    for statement in (f"select * from core.{table}", f"delete from core.{table}"):
        with acting(role, place, account_id=jan):
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                db.session.execute(sa.text(statement))
            db.session.rollback()


def test_a_secret_copied_to_another_account_opens_nothing(jan, person):
    """The seal binds it to its row and its account."""
    with_app(jan)
    eve = person("eve")
    people.run("update core.authenticator set account_id = :eve", eve=eve)
    with scopes.system("try a stolen row"), pytest.raises(crypto.WrongPlace):
        apps.matches(eve, "123456")
    people.run("update core.authenticator set account_id = :jan", jan=jan)
    with scopes.system("the control"):
        assert apps.matches(jan, "123456") in (False, True)


def test_its_key_can_be_changed(jan):
    """Rotation: sealed anew with the newest key, the same secret."""
    with_app(jan)
    with scopes.system("look"):
        before = crypto.opened(db.session.scalar(sa.select(Authenticator)), "secret")
    crypto.keyring().add()
    assert crypto.reseal(Authenticator, "secret") == 1
    with scopes.system("look"):
        assert crypto.opened(db.session.scalar(sa.select(Authenticator)), "secret") == before


@dataclass(frozen=True)
class Unknown:
    kind: str = "made-up"


def test_a_notice_of_an_unknown_kind_is_a_mistake_of_ours():
    with pytest.raises(DolbomError, match="no notice"):
        notices.tell(1, Unknown.kind, place=None)
