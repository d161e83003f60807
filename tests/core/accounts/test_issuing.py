"""Issuing accounts and giving posts: who may, where, and what is refused (S1-207, S1-238)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import people
import pytest
import sqlalchemy as sa

from core.db.base import db
from core.errors import Forbidden, NotFound
from core.security import account_services as accounts
from core.security import approvals, links, roles, sign_ins
from core.security import scope as scopes
from core.security.accounts import Account, Post
from core.security.approvals import Approval
from core.security.audit import history
from core.security.reasons import NoReason


def issue(role, place, login="nowa.osoba", **facts):
    given = {"name": "New Person", "reason": "new at the centre", **facts}
    return accounts.issue(login=login, role=role, place=place, **given)


@pytest.mark.rule("S1-207")
def test_a_district_officer_issues_an_account_and_the_person_chooses_the_password(acting, world, person):
    officer = person("officer", "district_officer", world.district)
    with acting("district_officer", world.district, account_id=officer):
        made = issue("director", world.facilities[0], login=" Nowa.Osoba ")
        db.session.commit()
        assert made.account.login == "nowa.osoba"
        assert made.account.region_no == world.district
        assert made.post is not None
        assert made.post.place_no == world.facilities[0]
        assert made.waiting is None
        account, token = made.account.id, made.token
        changes = history("core.account", account)
        assert [(c.actor, c.reason) for c in changes] == [(f"account:{officer}", "new at the centre")]
        assert "fs_uniquifier" not in changes[0].diff
        assert {c.reason for c in history("core.post", made.post.id)} == {"new at the centre"}
    assert people.column("password", account) is None
    assert links.redeem(token, people.PASSWORD).login == "nowa.osoba"
    assert people.column("password", account).startswith("$argon2id$")


@pytest.mark.rule("S1-238")
@pytest.mark.parametrize("role", ["city_officer", "administrator"])
def test_a_wider_officer_may_too(acting, world, role):
    place = world.city if role == "city_officer" else world.country
    with acting(role, place):
        assert issue("front_desk", world.facilities[0]).post is not None


@pytest.mark.parametrize("role", ["director", "front_desk", "accountant", "inspector", "ministry_reader"])
def test_nobody_else_issues_accounts(acting, world, role):
    place = {"inspector": world.city, "ministry_reader": world.country}.get(role, world.facilities[0])
    with acting(role, place), pytest.raises(Forbidden):
        issue("front_desk", world.facilities[0])


def test_not_at_a_foreign_place(acting, world):
    with acting("district_officer", world.district), pytest.raises(NotFound):
        issue("director", world.neighbors[0])


@pytest.mark.parametrize(
    ("role", "place", "refusal"),
    [
        ("director", "district", roles.WrongPlace),
        ("director", "nowhere", roles.WrongPlace),
        ("district_officer", "facility", roles.WrongPlace),
        ("parent", "nowhere", roles.WrongPlace),
        ("caretaker", "facility", roles.UnknownRole),
        ("district_officer", "district", roles.NotYours),
        ("inspector", "city", roles.NotYours),
        ("administrator", "district", roles.NotYours),
    ],
)
def test_a_role_has_its_level_and_its_givers(acting, world, role, place, refusal):
    where = {
        "district": world.district,
        "facility": world.facilities[0],
        "city": world.city,
        "nowhere": world.district + 999,
    }[place]
    scope = world.city if place == "city" else world.district
    with acting("district_officer", scope), pytest.raises(refusal):
        issue(role, where)


def test_only_an_administrator_of_everything_gives_a_post_for_everything(acting, world):
    with acting("administrator", world.country), pytest.raises(NotFound):
        issue("administrator", 0)
    with scopes.system("first administrator of an installation"):
        made = issue("administrator", 0)
        assert made.post is not None
        assert made.account.region_no == 0


@pytest.mark.parametrize(
    "login",
    ["", "ab", "x" * 41, "1abc", "jan kowalski", "jan..k", "jan-", "김철수", "jan@x.pl", "a\0bc", "a/../b"],
)
def test_an_account_id_is_typed_easily(acting, world, login):
    with acting("district_officer", world.district), pytest.raises(accounts.BadLogin, match="3 to 40"):
        issue("director", world.facilities[0], login=login)


def test_an_account_id_is_given_once_in_the_whole_installation(acting, world, person):
    person("taken", "director", world.far[0])
    with acting("district_officer", world.district):
        with pytest.raises(accounts.LoginTaken, match="taken"):
            issue("director", world.facilities[0], login="TAKEN")
        assert issue("director", world.facilities[0], login="free").post is not None, (
            "the transaction lives on"
        )


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_no_act_without_a_reason(acting, world, reason):
    with acting("district_officer", world.district), pytest.raises(NoReason, match="why"):
        issue("director", world.facilities[0], reason=reason)


def test_a_post_is_held_once_a_day_and_ends_after_it_begins(acting, world, person):
    clerk = person("clerk", "front_desk", world.facilities[0])
    with acting("district_officer", world.district, account_id=99):
        with pytest.raises(accounts.PostTwice):
            accounts.give(clerk, role="front_desk", place=world.facilities[0], reason="again")
        with pytest.raises(accounts.BadDays):
            accounts.give(
                clerk,
                role="director",
                place=world.facilities[0],
                first_day=date(2026, 3, 2),
                last_day=date(2026, 3, 1),
                reason="x",
            )
        second = accounts.give(
            clerk, role="front_desk", place=world.facilities[1], extra=(), reason="helps out"
        )
        assert isinstance(second, Post)


def test_further_facilities_of_a_post_are_checked_like_the_first(acting, world, person):
    clerk = person("clerk", "front_desk", world.facilities[0])
    with acting("district_officer", world.district, account_id=99):
        post = accounts.give(
            clerk, role="accountant", place=world.facilities[0], extra=(world.facilities[1],), reason="both"
        )
        assert post.extra == [world.facilities[1]]
        with pytest.raises(NotFound):
            accounts.give(
                clerk, role="director", place=world.facilities[0], extra=(world.neighbors[0],), reason="x"
            )
        with pytest.raises(roles.WrongPlace):
            accounts.give(
                clerk, role="director", place=world.facilities[0], extra=(world.district,), reason="x"
            )


def test_nobody_gives_a_role_to_themselves(acting, world, person):
    officer = person("officer", "district_officer", world.district)
    with acting("district_officer", world.district, account_id=officer), pytest.raises(accounts.OwnAccount):
        accounts.give(officer, role="director", place=world.facilities[0], reason="x")


def test_an_account_of_another_district_is_not_there(acting, world, person):
    stranger = person("stranger", "director", world.neighbors[0])
    with acting("district_officer", world.district), pytest.raises(NotFound):
        accounts.give(stranger, role="director", place=world.facilities[0], reason="x")


class TestTwoOfficers:
    """An officer's role holds only after a second officer agreed (security.md, four eyes)."""

    @pytest.fixture
    def asked(self, acting, world, person):
        self.first = person("first", "city_officer", world.city)
        self.second = person("second", "city_officer", world.city)
        self.target = person("target", None, region_no=world.district)
        with acting("city_officer", world.city, account_id=self.first), sign_ins.within(11):
            request = accounts.give(
                self.target, role="district_officer", place=world.district, reason="takes over"
            )
            db.session.commit()
            assert isinstance(request, Approval)
            assert (request.state, request.requested_by, request.requested_sign_in) == (
                "waiting",
                self.first,
                11,
            )
            return request.id

    def posts(self):
        return people.run("select role, place_no from core.post where account_id = :id", id=self.target)

    def test_it_waits_and_then_holds(self, asked, acting, world):
        assert self.posts() == []
        with acting("city_officer", world.city, account_id=self.second), sign_ins.within(12):
            assert [request.id for request in approvals.waiting()] == [asked]
            post = approvals.approve(asked, "seen the decree")
            db.session.commit()
            assert [c.reason for c in history("core.post", post.id)] == ["seen the decree"]
            decided = db.session.get(Approval, asked)
            assert (decided.state, decided.decided_by, decided.decided_sign_in) == (
                "approved",
                self.second,
                12,
            )
            assert approvals.waiting() == []
        assert self.posts() == [("district_officer", world.district)]

    def test_not_by_who_asked(self, asked, acting, world):
        with (
            acting("city_officer", world.city, account_id=self.first),
            sign_ins.within(13),
            pytest.raises(approvals.SamePerson),
        ):
            approvals.approve(asked, "me again")

    def test_not_in_the_same_session(self, asked, acting, world):
        with (
            acting("city_officer", world.city, account_id=self.second),
            sign_ins.within(11),
            pytest.raises(approvals.SamePerson),
        ):
            approvals.approve(asked, "at the same desk")

    def test_not_by_the_person_it_is_about(self, asked, acting, world):
        with acting("city_officer", world.city, account_id=self.target), pytest.raises(accounts.OwnAccount):
            approvals.approve(asked, "thank you")

    def test_not_by_the_system(self, asked):
        with scopes.system("a job"), pytest.raises(approvals.SamePerson):
            approvals.approve(asked, "automatically")
        with scopes.system("a job"), pytest.raises(approvals.SamePerson):
            approvals.ask("core.post.give", at=1, subject="x", reason="automatically")

    def test_not_by_a_narrower_role(self, asked, acting, world):
        with (
            acting("district_officer", world.district, account_id=self.second),
            pytest.raises(roles.NotYours),
        ):
            approvals.approve(asked, "I would like a colleague")
        with acting("director", world.facilities[0], account_id=self.second), pytest.raises(NotFound):
            approvals.approve(asked, "x")
        with acting("city_officer", world.other_city, account_id=self.second), pytest.raises(NotFound):
            approvals.approve(asked, "x")

    def test_not_without_a_reason(self, asked, acting, world):
        with acting("city_officer", world.city, account_id=self.second), pytest.raises(NoReason):
            approvals.approve(asked, " ")

    def test_not_twice(self, asked, acting, world):
        with acting("city_officer", world.city, account_id=self.second):
            approvals.approve(asked, "yes")
            with pytest.raises(approvals.NotWaiting):
                approvals.approve(asked, "yes")

    def test_the_database_refuses_one_person_as_both(self, asked, acting, world):
        for change in (
            "decided_by = requested_by, decided_sign_in = 99",
            "decided_by = 99, decided_sign_in = requested_sign_in",
        ):
            with pytest.raises(sa.exc.IntegrityError, match=r"four_eyes|two_sessions"):
                people.run(
                    f"update core.approval set state = 'approved', decided_at = now(), {change} where id = :id",
                    id=asked,
                )

    def test_asked_once_until_decided(self, asked, acting, world):
        with acting("city_officer", world.city, account_id=self.first):
            with pytest.raises(approvals.AskedAlready):
                accounts.give(self.target, role="district_officer", place=world.district, reason="hurry")
            approvals.withdraw(asked, "mistake")
            again = accounts.give(
                self.target, role="district_officer", place=world.district, reason="now right"
            )
            assert again.id != asked

    def test_only_who_asked_withdraws(self, asked, acting, world):
        with acting("city_officer", world.city, account_id=self.second), pytest.raises(approvals.SamePerson):
            approvals.withdraw(asked, "x")

    def test_refused_is_refused(self, asked, acting, world):
        with acting("city_officer", world.city, account_id=self.second):
            approvals.refuse(asked, "not employed here")
            with pytest.raises(approvals.NotWaiting):
                approvals.approve(asked, "changed my mind")
        assert self.posts() == []

    def test_an_old_request_is_asked_anew(self, asked, acting, world, time_machine):
        time_machine.move_to(datetime.now(UTC) + approvals.OPEN_FOR + timedelta(minutes=1))
        with acting("city_officer", world.city, account_id=self.second):
            assert approvals.waiting() == []
            with pytest.raises(approvals.NotWaiting, match="14 days"):
                approvals.approve(asked, "late")
        with acting("city_officer", world.city, account_id=self.first):
            again = accounts.give(self.target, role="district_officer", place=world.district, reason="still")
            assert db.session.get(Approval, asked).state == "withdrawn"
            assert again.state == "waiting"

    def test_what_changed_meanwhile_is_seen(self, asked, acting, world):
        people.run("update core.account set state = 'left' where id = :id", id=self.target)
        with acting("city_officer", world.city, account_id=self.second), pytest.raises(accounts.WrongState):
            approvals.approve(asked, "yes")

    def test_a_new_officers_account_waits_for_its_post(self, acting, world, person):
        one = person("one", "administrator", world.country)
        with acting("administrator", world.country, account_id=one):
            made = issue("city_officer", world.city)
            assert made.post is None
            assert made.waiting.kind == "core.post.give"
            assert made.token
            assert db.session.get(Account, made.account.id).posts == []


def test_an_unknown_kind_of_act_is_a_programmers_error(acting, world):
    with acting("administrator", world.city), pytest.raises(approvals.UnknownAct, match=r"@approvals\.act"):
        approvals.ask("nobody.knows", at=world.city, subject="x", reason="x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("role,level\nx,any\n", "first line"),
        ("role,level,title\nx,galaxy,X\n", r"roles\.csv:2.*level one of"),
        ("role,level,title\nx,any\n", r"roles\.csv:2"),
        ("role,level,title\nx,any,X,more\n", r"roles\.csv:2"),
        ("role,level,title\nx,any, \n", r"roles\.csv:2"),
    ],
)
def test_a_wrong_roles_file_names_the_line(tmp_path, text, expected):
    path = tmp_path / "roles.csv"
    path.write_text(text)
    with pytest.raises(roles.BadRoleFile, match=expected):
        roles.RoleBook().load("x", path)
