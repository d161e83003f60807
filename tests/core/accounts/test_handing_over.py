"""A change of head is a hand-over of roles, told to both; credentials stay with their owner (S1-206, S1-222, S1-225)."""

from __future__ import annotations

from datetime import date, timedelta

import letters
import people
import pytest
import sqlalchemy as sa

from core.db.base import db
from core.errors import Forbidden, NotFound
from core.security import account_services as accounts
from core.security import approvals, contacts, links, passwords
from core.security import scope as scopes
from core.security.accounts import Account, Post

DAY = date(2026, 12, 1)
NEW = "cztery konie w zimowym ogrodzie"


@pytest.fixture
def reachable(person):
    """Make a person with a confirmed contact."""

    def make(login, role, place, **facts):
        made = person(login, role, place, **facts)
        address = f"{login}@example.org"
        contacts.confirm(made, contacts.add(made, address), letters.code(address))
        return made

    return make


@pytest.fixture
def head(reachable, world):
    return reachable("head", "director", world.facilities[0], language="ko")


@pytest.fixture
def officer(acting, world, person):
    me = person("officer", "district_officer", world.district)
    return lambda: acting("district_officer", world.district, account_id=me)


def post_of(account, role):
    return people.run("select id from core.post where account_id = :a and role = :r", a=account, r=role)[0][0]


def told(kind):
    return sorted(one["address"]["value"] for one in letters.all_of(kind))


@pytest.mark.rule("S1-222")
def test_both_are_told_and_no_account_changes_its_name(officer, head, reachable, world):
    next_one = reachable("next", "front_desk", world.facilities[0], language="pl")
    letters.empty()
    with officer():
        accounts.hand_over(post_of(head, "director"), to_account=next_one, first_day=DAY, reason="decree 7")
        db.session.commit()
        logins = db.session.execute(sa.select(Account.id, Account.login).where(Account.id.in_([head, next_one])))
        assert dict(logins.all()) == {head: "head", next_one: "next"}
    assert told("roles.handed_over") == ["head@example.org", "next@example.org"]
    texts = {one["language"]: one["text"] for one in letters.all_of("roles.handed_over")}
    assert "2026년 12월 1일" in texts["ko"]
    assert "1 grudnia 2026" in texts["pl"] or "1 gru 2026" in texts["pl"]


@pytest.mark.rule("S1-222")
def test_an_officers_post_is_handed_over_when_the_second_officer_agrees_and_not_before(acting, world, person):
    old, new = person("old", "district_officer", world.district), person("new", None, world.district)
    first, second = person("one", "city_officer", world.city), person("two", "city_officer", world.city)
    post = post_of(old, "district_officer")
    with acting("city_officer", world.city, account_id=first):
        request = accounts.hand_over(post, to_account=new, first_day=DAY, reason="moves to the city")
        assert isinstance(request, approvals.Approval)
        number = request.id
        db.session.commit()
        assert db.session.get(Post, post).last_day is None, "the work goes on until somebody agreed"
    with acting("city_officer", world.city, account_id=second):
        made = approvals.approve(number, "as decided")
        db.session.commit()
        assert (made.account_id, made.first_day) == (new, DAY)
        assert db.session.get(Post, post).last_day == DAY - timedelta(days=1)


def test_a_refused_hand_over_leaves_everything(acting, world, person):
    old, new = person("old", "district_officer", world.district), person("new", None, world.district)
    first, second = person("one", "city_officer", world.city), person("two", "city_officer", world.city)
    with acting("city_officer", world.city, account_id=first):
        number = accounts.hand_over(post_of(old, "district_officer"), to_account=new, first_day=DAY, reason="x").id
        db.session.commit()
    with acting("city_officer", world.city, account_id=second):
        approvals.refuse(number, "no")
        db.session.commit()
        assert [p.account_id for p in db.session.scalars(sa.select(Post).where(Post.role == "district_officer"))] == [old]


def test_a_post_that_ended_before_is_not_made_longer(officer, head, person, world):
    next_one = person("next", "front_desk", world.facilities[0])
    post = post_of(head, "director")
    people.run("update core.post set last_day = '2026-06-30' where id = :id", id=post)
    with officer():
        accounts.hand_over(post, to_account=next_one, first_day=DAY, reason="decree 7")
        assert db.session.get(Post, post).last_day == date(2026, 6, 30)


@pytest.mark.rule("S1-225")
def test_suspended_and_enabled_people_are_told(officer, head):
    letters.empty()
    with officer():
        accounts.suspend(head, reason="long leave")
        db.session.commit()
    assert told("account.suspended") == ["head@example.org"]
    with officer():
        accounts.enable(head, reason="is back")
        db.session.commit()
    assert told("account.enabled") == ["head@example.org"]


@pytest.mark.rule("S1-206")
def test_whoever_left_is_written_to_no_more_and_the_address_is_free(officer, head, world):
    assert len(contacts.of(head)) == 1
    with officer():
        accounts.leave(head, reason="retired")
        db.session.commit()
    assert contacts.of(head) == []
    assert people.run("select value from core.contact") == []
    with scopes.system("look"):
        last = db.session.execute(
            sa.text("select op, diff::text from core.change where table_name = 'core.contact' order by id desc limit 1")
        ).one()
    assert last.op == "D"
    assert "head@example.org" not in last.diff


def test_what_is_undone_is_told_to_nobody(officer, head):
    letters.empty()
    with officer():
        accounts.suspend(head, reason="a slip")
        db.session.rollback()
    assert letters.all_of() == []


@pytest.mark.rule("S1-206")
@pytest.mark.parametrize("role", ["director", "front_desk", "accountant", "parent"])
def test_the_centre_neither_asks_for_nor_gets_credentials(role, acting, world, head, officer):
    with officer():
        number = accounts.new_link(head, reason="lost").id
        db.session.commit()
    with acting(role, world.facilities[0]):
        for act in (
            lambda: accounts.new_link(head, reason="x"),
            lambda: accounts.unlock(head, reason="x"),
            lambda: accounts.issue(login="x.y", name="X", role="front_desk", place=world.facilities[0], reason="x"),
            lambda: approvals.approve(number, "x"),
        ):
            with pytest.raises((Forbidden, NotFound)):
                act()
            db.session.rollback()
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            db.session.execute(sa.text("select password from core.account"))


def test_a_new_password_is_told_to_its_owner(head):
    letters.empty()
    with scopes.system("a link for a test"):
        token = links.make(db.session.get(Account, head), "reset")
        db.session.commit()
    links.redeem(token, NEW)
    assert passwords.matches(NEW, passwords.of(head))
    [letter] = letters.all_of("credential-changed")
    assert letter["language"] == "ko"
    assert NEW not in letter["text"]


def test_the_start_of_a_reset_by_officers_is_told_to_its_owner(officer, head):
    letters.empty()
    with officer():
        accounts.new_link(head, reason="called us")
        db.session.commit()
    assert told("reset.started") == ["head@example.org"]
