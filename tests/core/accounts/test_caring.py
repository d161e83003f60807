"""Suspending, enabling, unlocking, links, leaving and handing over; disuse; demo accounts (S1-206…S1-225.

S1-241).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import people
import pytest
import sqlalchemy as sa

from core.db.base import db
from core.errors import Forbidden, NotFound
from core.host import demo_accounts
from core.host.running import running
from core.jobs import delivery, enqueue
from core.regions import disuse, policies
from core.security import account_services as accounts
from core.security import approvals, links, passwords, roles, sign_ins
from core.security import scope as scopes
from core.security.accounts import Account, Post
from core.security.audit import history
from core.testing import HASHING

NEW = "cztery konie w zimowym ogrodzie"


@pytest.fixture
def director(person, world):
    return person("director", "director", world.facilities[0])


@pytest.fixture
def officer(acting, world, person):
    """Work as an officer of the district."""
    me = person("officer", "district_officer", world.district)
    return lambda: acting("district_officer", world.district, account_id=me)


def mark(account):
    return people.column("fs_uniquifier", account)


@pytest.mark.rule("S1-241")
def test_suspending_ends_the_sessions_and_stands_in_the_history(officer, director):
    before = mark(director)
    with officer():
        accounts.suspend(director, reason="lost telephone")
        db.session.commit()
        change = history("core.account", director)[0]
        assert change.diff["state"] == ["active", "suspended"]
        assert change.reason == "lost telephone"
    assert mark(director) != before
    assert people.column("suspended_because", director) == "officer"


@pytest.mark.rule("S1-225")
def test_only_district_or_city_enable_again(officer, acting, world, director):
    with officer():
        accounts.suspend(director, reason="x")
        db.session.commit()
    with acting("director", world.facilities[0]), pytest.raises((NotFound, Forbidden)):
        accounts.enable(director, reason="please")
    with acting("district_officer", world.other_district), pytest.raises(NotFound):
        accounts.enable(director, reason="please")
    with acting("city_officer", world.city):
        accounts.enable(director, reason="found again")
        assert db.session.get(Account, director).state == "active"


@pytest.mark.parametrize("act", ["suspend", "enable", "unlock", "leave"])
def test_acts_need_their_reason_their_right_and_their_place(act, officer, acting, world, director):
    do = getattr(accounts, act)
    if act == "enable":
        people.run("update core.account set state = 'suspended' where id = :id", id=director)
    with officer(), pytest.raises(Exception, match="Say why"):
        do(director, reason="")
    with acting("inspector", world.city), pytest.raises(Forbidden):
        do(director, reason="x")
    with acting("district_officer", world.other_district), pytest.raises(NotFound):
        do(director, reason="x")
    with officer():
        do(director, reason="x")


def test_acts_fit_the_state(officer, director):
    with officer():
        with pytest.raises(accounts.WrongState):
            accounts.enable(director, reason="x")
        accounts.suspend(director, reason="x")
        for act in (accounts.suspend, accounts.unlock, accounts.new_link):
            with pytest.raises(accounts.WrongState):
                act(director, reason="x")
        accounts.leave(director, reason="x")
        for act in (accounts.leave, accounts.enable):
            with pytest.raises(accounts.WrongState):
                act(director, reason="x")


def test_nobody_acts_on_their_own_account(acting, world, person):
    me = person("admin", "director", world.facilities[0])
    with acting("city_officer", world.city, account_id=me), pytest.raises(accounts.OwnAccount):
        accounts.unlock(me, reason="x")


@pytest.mark.rule("S1-223")
def test_unlocking_ends_the_waiting(officer, director):
    people.run(
        "update core.account set failed_logins = 9, locked_until = now() + interval '10 minutes' where id = :id",
        id=director,
    )
    with officer():
        accounts.unlock(director, reason="called us")
        db.session.commit()
        assert "locked_until" in history("core.account", director)[0].diff
    assert people.column("locked_until", director) is None
    assert people.column("failed_logins", director) == 0


@pytest.mark.rule("S1-206")
def test_leaving_ends_posts_and_closes_the_account_for_good(officer, director, world):
    with officer():
        accounts.leave(director, reason="retired")
        db.session.commit()
        [post] = db.session.scalars(sa.select(Post).where(Post.account_id == director))
        assert post.last_day == scopes.current().on_date - timedelta(days=1)
        with pytest.raises(accounts.WrongState, match="left"):
            accounts.give(director, role="director", place=world.facilities[0], reason="back")


@pytest.mark.rule("S1-222")
def test_a_new_head_takes_over_from_a_day(officer, director, world, person):
    successor = person("successor", "front_desk", world.facilities[0])
    with officer():
        [old] = db.session.scalars(sa.select(Post).where(Post.account_id == director))
        new = accounts.hand_over(old.id, to_account=successor, first_day=date(2026, 12, 1), reason="decree 7")
        db.session.commit()
        assert old.last_day == date(2026, 11, 30)
        assert (new.role, new.place_no, new.first_day, new.account_id) == (
            "director",
            world.facilities[0],
            date(2026, 12, 1),
            successor,
        )


def test_handing_over_or_ending_a_foreign_post_is_not_there(acting, world, director):
    [(post,)] = people.run("select id from core.post where account_id = :id", id=director)
    with acting("district_officer", world.other_district):
        for act in (
            lambda: accounts.end(post, reason="x"),
            lambda: accounts.hand_over(post, to_account=1, first_day=date(2026, 1, 1), reason="x"),
        ):
            with pytest.raises(NotFound):
                act()


def test_a_changed_role_ends_the_sessions(officer, director, world):
    for change in (
        lambda: accounts.give(director, role="accountant", place=world.facilities[0], reason="also"),
        lambda: accounts.end(
            db.session.scalars(sa.select(Post.id).where(Post.role == "director")).one(), reason="no more"
        ),
    ):
        before = mark(director)
        with officer():
            change()
            db.session.commit()
        assert mark(director) != before


def test_a_changed_role_ends_the_sessions_also_by_raw_sql(acting, world, director):
    before = mark(director)
    with acting("administrator", world.city):
        db.session.execute(
            sa.text("update core.post set last_day = '2026-01-01' where account_id = :id"), {"id": director}
        )
        db.session.commit()
    assert mark(director) != before


def test_a_post_that_never_began_is_removed_and_remembered(officer, director, world):
    with officer():
        post = accounts.give(
            director, role="accountant", place=world.facilities[0], first_day=date(2030, 1, 1), reason="later"
        )
        number = post.id
        accounts.end(number, reason="not needed")
        db.session.commit()
        assert db.session.get(Post, number) is None
        assert [c.op for c in history("core.post", number)] == ["D", "I"]


def test_officers_do_not_end_posts_as_wide_as_their_own(acting, world, person):
    other = person("other", "district_officer", world.district)
    [(post,)] = people.run("select id from core.post where account_id = :id", id=other)
    with acting("district_officer", world.district), pytest.raises(roles.NotYours):
        accounts.end(post, reason="rivalry")


def test_secrets_are_out_of_reach_of_peoples_sessions(acting, world, director):
    with acting("administrator", world.city) as _:
        for column in ("password", "fs_uniquifier", "*"):
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                db.session.execute(sa.text(f"select {column} from core.account"))
            db.session.rollback()
        for change in (
            "update core.account set password = 'x' where id = :id",
            "insert into core.account (login, name, fs_uniquifier, region_no, password) values ('y', 'Y', 'y', :place, 'x')",
        ):
            with pytest.raises(sa.exc.ProgrammingError, match="Only the person"):
                db.session.execute(sa.text(change), {"id": director, "place": world.district})
            db.session.rollback()
        for table in ("sign_in",):
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                db.session.execute(sa.text(f"select * from core.{table}"))
            db.session.rollback()


class TestLinks:
    """The only way to a password (S1-220)."""

    def test_a_link_works_once(self, officer, world, person):
        fresh = person("fresh", "front_desk", world.facilities[0], password=None, activated_at=None)
        with officer():
            token = accounts.new_link(fresh, reason="lost the first letter")
            db.session.commit()
        assert links.look(token).login == "fresh"
        links.redeem(token, NEW)
        assert passwords.matches(NEW, people.column("password", fresh))
        for again in (lambda: links.look(token), lambda: links.redeem(token, NEW)):
            with pytest.raises(links.LinkGone):
                again()

    def test_a_newer_link_replaces_an_older(self, officer, world, person):
        fresh = person("fresh", "front_desk", world.facilities[0], password=None, activated_at=None)
        with officer():
            first = accounts.new_link(fresh, reason="a")
            second = accounts.new_link(fresh, reason="b")
            db.session.commit()
        with pytest.raises(links.LinkGone):
            links.look(first)
        assert links.look(second)

    def test_links_grow_old(self, officer, world, person, time_machine):
        fresh = person("fresh", "front_desk", world.facilities[0], password=None, activated_at=None)
        with officer():
            token = accounts.new_link(fresh, reason="a")
            db.session.commit()
        time_machine.move_to(datetime.now(UTC) + links.LASTS["activate"] - timedelta(minutes=1))
        assert links.look(token)
        time_machine.shift(timedelta(minutes=2))
        with pytest.raises(links.LinkGone):
            links.redeem(token, NEW)

    def test_a_suspended_account_has_no_link(self, officer, world, person):
        fresh = person("fresh", "front_desk", world.facilities[0], password=None, activated_at=None)
        with officer():
            token = accounts.new_link(fresh, reason="a")
            accounts.suspend(fresh, reason="b")
            db.session.commit()
        with pytest.raises(links.LinkGone):
            links.look(token)

    @pytest.mark.parametrize("token", ["", "x", "ż" * 50, "a" * 5000, "\0"])
    def test_a_made_up_token_is_gone(self, app, token):
        with pytest.raises(links.LinkGone):
            links.look(token)

    def test_only_a_hash_is_kept(self, officer, world, person):
        fresh = person("fresh", "front_desk", world.facilities[0], password=None, activated_at=None)
        with officer():
            token = accounts.new_link(fresh, reason="a")
            db.session.commit()
        kept = people.run(
            "select l::text from core.account_link l union all select c::text from core.change c"
        )
        assert all(token not in row[0] for row in kept)

    def test_resetting_needs_a_second_officer_who_gets_the_link(
        self, officer, acting, world, director, person
    ):
        second = person("second", "district_officer", world.district)
        with officer():
            request = accounts.new_link(director, reason="forgot it")
            number = request.id
            db.session.commit()
            with pytest.raises(approvals.SamePerson):
                approvals.approve(number, "me too")
        assert people.run("select 1 from core.account_link") == []
        with acting("district_officer", world.district, account_id=second):
            token = approvals.approve(number, "knows her")
            db.session.commit()
        before = mark(director)
        links.redeem(token, NEW)
        assert mark(director) != before, "sessions of before end"

    def test_an_account_that_reaches_further_is_not_reset_from_below(self, officer, world, person):
        """Issued in the district, an officer of the city since.

        Two officers of the district must not get its password.
        """
        risen = person("risen", "city_officer", world.city, region_no=world.district)
        peer = person("peer", "district_officer", world.district)
        elsewhere = person("elsewhere", "director", world.neighbors[0], region_no=world.district)
        with officer():
            for account in (risen, peer, elsewhere):
                for act in (accounts.new_link, accounts.suspend, accounts.unlock, accounts.leave):
                    with pytest.raises(roles.NotYours):
                        act(account, reason="x")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "password1234",
        "qwertyuiop",
        "dolbomdolbom",
        "1234567890123",
        "nowakowska1",
        "x" * 129,
        "aaaaaaaaaaaaaaaa",
    ],
)
def test_weak_passwords_are_refused(app, password):
    with pytest.raises(passwords.WeakPassword):
        passwords.checked(password, "nowakowska", "Anna Nowakowska")


@pytest.mark.parametrize(
    "password",
    [
        NEW,
        "비 오는 날 초록 우산 일곱",
        "ŻółtaŁódź-plynie-7-raz",
        "correct horse battery staple",
        "beret kasztan lustro 7 wiosna parasol herbata drabina sopel latarnia wrzos kominek plecak jezioro",
    ],
)
def test_strong_passwords_pass_in_any_script(app, password):
    good = passwords.checked(password, "anna", "Anna")
    assert passwords.matches(password, passwords.hashed(good))


def test_a_password_is_the_same_however_the_keyboard_composes_it(app):
    import unicodedata

    stored = passwords.hashed(passwords.checked("żółta łódź płynie", "anna"))
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert passwords.matches(unicodedata.normalize(form, "żółta łódź płynie"), stored)
    assert not passwords.matches("zolta lodz plynie", stored)


class TestDisuse:
    """Accounts nobody uses are suspended by the region's rule (S1-225, S1-241)."""

    def test_after_the_days_of_the_rule_and_not_before(self, app, world, person):
        now = datetime(2026, 11, 21, tzinfo=UTC)
        long_ago = {"active_since": now - timedelta(days=900)}
        used = person(
            "used", "director", world.facilities[0], last_login_at=now - timedelta(days=179), **long_ago
        )
        unused = person(
            "unused", "director", world.facilities[0], last_login_at=now - timedelta(days=181), **long_ago
        )
        never = person("never", "director", world.facilities[1], **long_ago)
        fresh = person("fresh", "director", world.facilities[1], active_since=now - timedelta(days=1))
        everywhere = person("root", "administrator", 0, **long_ago)
        assert disuse.suspend_unused(now) == {world.district: 2}
        states = {
            a: (people.column("state", a), people.column("suspended_because", a))
            for a in (used, unused, never, fresh, everywhere)
        }
        assert states == {
            used: ("active", ""),
            unused: ("suspended", "disuse"),
            never: ("suspended", "disuse"),
            fresh: ("active", ""),
            everywhere: ("active", ""),
        }
        with scopes.system("look"):
            assert history("core.account", unused)[0].reason == "suspension for disuse"
        assert disuse.suspend_unused(now) == {world.district: 0}

    @pytest.mark.rule("S1-225")
    def test_it_is_done_every_night(self, world, person):
        now = datetime.now(UTC)
        unused = person("unused", "director", world.facilities[0], active_since=now - timedelta(days=900))
        with scopes.system("the night"):
            enqueue("core.account.disuse")
            db.session.commit()
        assert delivery.drain() == {"done": 1}
        assert (people.column("state", unused), people.column("suspended_because", unused)) == ("suspended", "disuse")

    def test_enabling_gives_the_whole_time_again(self, officer, world, person):
        now = datetime.now(UTC)
        unused = person("unused", "director", world.facilities[0], active_since=now - timedelta(days=900))
        disuse.suspend_unused(now)
        with officer():
            accounts.enable(unused, reason="back from leave")
            db.session.commit()
        assert disuse.suspend_unused(now + timedelta(days=179))[world.district] == 0
        assert disuse.suspend_unused(now + timedelta(days=181))[world.district] >= 1

    def test_a_region_sets_its_own_days(self, acting, world, person):
        now = datetime.now(UTC)
        unused = person("unused", "director", world.facilities[0], active_since=now - timedelta(days=40))
        other = person("other", "director", world.neighbors[0], active_since=now - timedelta(days=40))
        with acting("administrator", world.district):
            policies.override(
                disuse.KEY,
                place=world.district,
                value={"suspend_after_days": 30},
                valid_from=date(2026, 1, 1),
                legal_basis="bylaw 3",
            )
            db.session.commit()
        disuse.suspend_unused(now)
        assert people.column("state", unused) == "suspended"
        assert people.column("state", other) == "active"

    def test_old_sign_ins_are_forgotten(self, app, world, person):
        account = person("someone", "director", world.facilities[0])
        sign_ins.begin(account)
        assert sign_ins.forget_old() == 0
        assert sign_ins.forget_old(datetime.now(UTC) + sign_ins.KEPT + timedelta(days=1)) == 1


class TestDemo:
    """Demo accounts with passwords that are made up and shown once."""

    def rows(self, world):
        with scopes.system("look"):
            from core.regions.atlas import atlas

            code = atlas().nodes[world.district].code
        return [{"login": "demo-officer", "role": "district_officer", "place": code, "language": "ko", "name": "데모"},
                {"login": "demo-admin", "role": "administrator", "place": "*", "language": "en", "name": "Demo"}]  # fmt: skip

    def test_once(self, app, world):
        rows = self.rows(world)
        made = demo_accounts.issue_demo(rows)
        assert sorted(made) == ["demo-admin", "demo-officer"]
        assert len(set(made.values())) == 2
        for login, password in made.items():
            [(stored,)] = people.run("select password from core.account where login = :login", login=login)
            assert passwords.matches(password, stored)
        assert demo_accounts.issue_demo(rows) == {}

    def test_not_in_production(self, app, world, monkeypatch):
        here = running()
        monkeypatch.setattr(here, "settings", replace(here.settings, env="prod"))
        with pytest.raises(demo_accounts.NoDemoHere, match="production"):
            demo_accounts.issue_demo(self.rows(world))

    def test_not_at_a_place_that_is_not_there(self, app, world):
        with pytest.raises(demo_accounts.NoDemoHere, match="no place XX-9"):
            demo_accounts.issue_demo(
                [{"login": "x-y", "role": "director", "place": "XX-9", "language": "en", "name": "X"}]
            )


def test_a_hash_costs_what_owasp_asks_for():
    assert HASHING["argon2__memory_cost"] >= 19 * 1024
    assert HASHING["argon2__time_cost"] >= 2
