"""Contacts of one's own: read, confirmed by a code, told to the others, hidden from officers."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import sleep

import letters
import people
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from core.db.base import db
from core.errors import NotFound
from core.security import access, addresses, codes, contacts, derived
from core.security import scope as scopes
from core.security.addresses import Address
from core.web import notices as outgoing

MAIL, OTHER, PHONE = "jan@example.org", "jan@example.net", "+821012345678"


@pytest.fixture
def jan(person, world):
    return person("jan", "director", world.facilities[0], name="Jan")


def confirmed(account, typed):
    """Add a contact and confirm it with the code that came."""
    number = contacts.add(account, typed)
    contacts.confirm(account, number, letters.code(typed))
    return number


class TestReading:
    @pytest.mark.parametrize(
        ("typed", "value"),
        [
            (" Jan.Kowalski@Example.ORG ", "jan.kowalski@example.org"),
            ("010-1234-5678", PHONE),
            ("+82 10 1234 5678", PHONE),
            ("501 234 567", "+48501234567"),
            ("+48501234567", "+48501234567"),
        ],
    )
    def test_one_address_however_it_is_typed(self, typed, value):
        assert addresses.read(typed, ["KR", "PL"]).value == value

    @pytest.mark.parametrize(
        "typed", ["", "jan", "jan@", "@example.org", "a b@example.org", "12", "000-0000-0000", "+1", "x" * 300, "1" * 40]
    )
    def test_what_cannot_reach_anybody_is_refused_with_an_example(self, typed):
        with pytest.raises(addresses.BadAddress, match=r"anna@example\.org"):
            addresses.read(typed, ["KR", "PL"])

    @settings(deadline=None)
    @given(st.text(max_size=60))
    def test_nothing_typed_breaks_it(self, typed):
        try:
            found = addresses.read(typed, ["KR", "PL"])
        except addresses.BadAddress:
            return
        assert found.value == addresses.read(found.value, []).value, "what is kept reads as itself"
        assert found.value not in found.masked

    def test_the_ending_says_which_address_is_meant(self):
        phone, mail = Address("phone", PHONE), Address("email", MAIL)
        assert phone.ends_with("5678")
        assert phone.ends_with("010-1234-5678")
        assert not phone.ends_with("678")
        assert not phone.ends_with("0000")
        assert mail.ends_with("JAN@example.org ")
        assert not mail.ends_with(".org")

    def test_numbers_are_one_with_and_without_the_country(self):
        assert addresses.same_number("02-330-1234", "+82 2 330 1234")
        assert not addresses.same_number("02-330-1234", "02-330-1235")
        assert not addresses.same_number("1234", "1234"), "too short to be a number"


class TestAdding:
    def test_the_code_goes_to_the_new_address_and_confirms_it(self, jan):
        number = contacts.add(jan, "Jan@Example.org")
        [letter] = letters.all_of("contact.code")
        assert letter["address"]["value"] == MAIL
        [one] = contacts.of(jan)
        assert (one.value, one.masked, one.verified_at) == (MAIL, "j•••@example.org", None)
        contacts.confirm(jan, number, f" {letters.code(MAIL)[:3]} {letters.code(MAIL)[3:]} ")
        assert contacts.of(jan)[0].verified_at is not None

    def test_the_code_stands_nowhere(self, jan):
        contacts.add(jan, MAIL)
        code = letters.code(MAIL)
        for table in ("core.account_code", "core.contact", "core.outbox", "core.change", "core.account_link"):
            for (row,) in people.run(f"select to_jsonb(t)::text from {table} t"):
                assert code not in row.replace("-", "")

    def test_a_letter_sent_twice_holds_the_same_code(self, jan):
        contacts.add(jan, MAIL)
        [code] = people.run("select id from core.account_code")
        with scopes.system("twice"):
            assert codes.text_of(code[0]) == codes.text_of(code[0]) is not None

    def test_notices_before_confirming_go_elsewhere(self, jan):
        contacts.add(jan, MAIL)
        with scopes.system("ask"):
            assert contacts.confirmed(jan) == []
            assert contacts.of_many([jan]) == {}

    def test_the_others_are_told(self, jan):
        confirmed(jan, MAIL)
        second = confirmed(jan, "+82 10 1234 5678")
        letters.deliver()
        assert [one["address"]["value"] for one in letters.all_of("contact.added")] == [MAIL]
        assert "•••5678" in letters.all_of("contact.added")[0]["text"]
        contacts.remove(jan, second)
        assert [one["address"]["value"] for one in letters.all_of("contact.removed")] == [MAIL]
        with scopes.system("ask"):
            assert contacts.of_many([jan]) == {jan: [Address("email", MAIL)]}

    def test_the_last_confirmed_one_stays(self, jan):
        first = confirmed(jan, MAIL)
        waiting = contacts.add(jan, OTHER)
        with pytest.raises(contacts.LastContact, match="add and confirm another one first"):
            contacts.remove(jan, first)
        contacts.remove(jan, waiting)
        assert len(contacts.of(jan)) == 1

    def test_refusals(self, jan, person, world):
        first = confirmed(jan, MAIL)
        with pytest.raises(contacts.ContactTwice):
            contacts.add(jan, MAIL.upper())
        eve = person("eve", "director", world.facilities[1])
        for act in (lambda: contacts.confirm(eve, first, "000000"), lambda: contacts.remove(eve, first)):
            with pytest.raises(NotFound):
                act()
        assert contacts.of(eve) == []

    def test_bounds(self, jan):
        for number in range(contacts.MOST):
            contacts.add(jan, f"jan{number}@example.org")
        with pytest.raises(contacts.TooManyContacts):
            contacts.add(jan, MAIL)
        with pytest.raises(codes.TooManyCodes):
            contacts.add(jan, "jan0@example.org")
        assert len(contacts.of(jan)) == contacts.MOST
        contacts.remove(jan, contacts.of(jan)[0].id)
        with pytest.raises(codes.TooManyCodes):
            contacts.add(jan, MAIL)


class TestReach:
    def test_what_holds_no_secret_goes_to_the_first_confirmed_address_of_each_channel(self, jan):
        people.run("update core.account set email = 'written.down@office.example' where id = :id", id=jan)
        assert contacts.reach_many([jan]) == {jan: contacts.Reach("Jan", "en", "written.down@office.example")}
        contacts.add(jan, OTHER)
        confirmed(jan, MAIL)
        confirmed(jan, "+82 10 1234 5678")
        assert contacts.reach_many([jan]) == {jan: contacts.Reach("Jan", "en", MAIL, PHONE)}

    def test_nobody_is_reached_who_left_or_never_was(self, jan):
        people.run("update core.account set state = 'left' where id = :id", id=jan)
        assert contacts.reach_many([jan]) == {}
        assert contacts.reach_many([0]) == {}


class TestCodes:
    def test_five_tries(self, jan):
        number = contacts.add(jan, MAIL)
        right = letters.code(MAIL)
        wrong = "000000" if right != "000000" else "111111"
        for _n in range(codes.TRIES):
            with pytest.raises(codes.WrongCode):
                contacts.confirm(jan, number, wrong)
        with pytest.raises(codes.CodeGone):
            contacts.confirm(jan, number, right)

    def test_once(self, jan):
        number = contacts.add(jan, MAIL)
        contacts.confirm(jan, number, letters.code(MAIL))
        with pytest.raises(codes.CodeGone):
            contacts.confirm(jan, number, letters.code(MAIL))

    def test_a_new_one_ends_the_old_one(self, jan):
        number = contacts.add(jan, MAIL)
        old = letters.code(MAIL)
        contacts.add(jan, MAIL)
        new = letters.code(MAIL)
        if old != new:
            with pytest.raises(codes.WrongCode):
                contacts.confirm(jan, number, old)
        contacts.confirm(jan, number, new)

    @pytest.mark.parametrize(("minutes", "works"), [(9, True), (11, False)])
    def test_ten_minutes(self, jan, minutes, works):
        number = contacts.add(jan, MAIL)
        code = letters.code(MAIL)
        with time_machine.travel(datetime.now(UTC) + timedelta(minutes=minutes)):
            if works:
                contacts.confirm(jan, number, code)
            else:
                with pytest.raises(codes.CodeGone):
                    contacts.confirm(jan, number, code)

    def test_too_late_nothing_is_sent(self, jan):
        contacts.add(jan, MAIL)
        with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
            letters.deliver()
        assert letters.all_of("contact.code") == []

    def race(self, app, number, tries):
        """As many tries at once as there are threads; gives what each came to."""

        def one(typed):
            with app.app_context():
                try:
                    with scopes.system("a try at the same time"):
                        codes.redeem(typed, contact_id=number)
                        db.session.commit()
                except (codes.WrongCode, codes.CodeGone) as refused:
                    return type(refused).__name__
                finally:
                    db.session.remove()
                return "in"

        with ThreadPoolExecutor(8) as pool:
            return Counter(pool.map(one, tries))

    def test_tries_at_the_same_time_are_counted_each(self, app, jan):
        number = contacts.add(jan, MAIL)
        wrong = "000000" if letters.code(MAIL) != "000000" else "111111"
        assert self.race(app, number, [wrong] * 40) == {"WrongCode": codes.TRIES, "CodeGone": 40 - codes.TRIES}

    def test_the_right_code_at_the_same_time_lets_one_in(self, app, jan):
        number = contacts.add(jan, MAIL)
        assert self.race(app, number, [letters.code(MAIL)] * 8)["in"] == 1

    def test_a_count_that_looks_first_would_be_found_out(self, app, jan, monkeypatch):
        """The control: reading the count, comparing, then writing it lets more than five through."""

        def looks_first(typed, *, contact_id):
            row = db.session.scalars(sa.select(codes.AccountCode).where(codes.AccountCode.contact_id == contact_id)).one()
            if row.tries >= codes.TRIES:
                raise codes.CodeGone
            sleep(0.05)
            row.tries = row.tries + 1
            db.session.commit()
            raise codes.WrongCode

        number = contacts.add(jan, MAIL)
        monkeypatch.setattr(codes, "redeem", looks_first)
        assert self.race(app, number, ["1"] * 40)["WrongCode"] > codes.TRIES

    @settings(deadline=None)
    @given(
        salt=st.binary(min_size=16, max_size=16).map(bytes.hex),
        typed=st.one_of(st.text(max_size=8), st.from_regex(r"[0-9]{6}", fullmatch=True), st.just(None)),
    )
    def test_only_the_code_is_the_code(self, salt, typed):
        app = Flask("key")
        app.config["SECRET_KEY"] = "one"
        with app.app_context():
            made, token = derived.code(salt), derived.token(salt)
            assert len(made) == 6 and made.isdecimal()
            given = f" {made[:3]} {made[3:]}" if typed is None else typed
            assert codes.is_right(given, salt) == ("".join(given.split()) == made)
        app.config["SECRET_KEY"] = "two"
        with app.app_context():
            assert derived.token(salt) != token, "without the key a salt is of no use"

    def test_codes_are_spread(self, app):
        """A control: digits drawn from a few values would show here."""
        made = {derived.code(derived.new_salt()) for _n in range(2_000)}
        assert len(made) > 1_980


class TestWalls:
    def test_an_officer_sees_that_there_is_one_and_not_where_it_leads(self, jan, acting, world):
        confirmed(jan, MAIL)
        with acting("district_officer", world.district):
            [row] = db.session.execute(sa.text("select channel, masked from core.contact")).all()
            assert tuple(row) == ("email", "j•••@example.org")
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                db.session.execute(sa.text("select value from core.contact"))
        with acting("district_officer", world.other_district):
            assert db.session.scalars(sa.select(contacts.Contact.id)).all() == []

    @pytest.mark.parametrize("table", ["account_code", "registration"])
    def test_people_read_no_codes(self, acting, world, table):
        with acting("administrator", 0), pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            db.session.execute(sa.text(f"select * from core.{table}"))

    @pytest.mark.parametrize(
        "statement",
        [
            "insert into core.contact (account_id, region_no, channel, value, masked) values (:a, :r, 'email', 'x', 'x')",
            "update core.contact set verified_at = now()",
            "delete from core.contact",
        ],
    )
    def test_people_write_no_contacts_past_the_service(self, jan, acting, world, statement):
        facts = {"a": jan, "r": world.district} if ":a" in statement else {}
        with (
            access.asking(),
            acting("administrator", 0, account_id=jan),
            pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
        ):
            access.note("a test")
            db.session.execute(sa.text(statement), facts)

    def test_the_history_knows_no_address(self, jan):
        confirmed(jan, MAIL)
        rows = people.run("select diff::text from core.change where table_name = 'core.contact'")
        assert rows
        assert not any(MAIL in row[0] for row in rows)


def test_what_is_kept_of_a_notice_holds_no_code(jan):
    contacts.add(jan, MAIL)
    happened = letters.raised("contact.code")[0]
    with scopes.system("look"):
        [kept] = outgoing.compose(happened, instead="•••")
        [sent] = outgoing.compose(happened)
        known = outgoing.reference(happened)
        assert known.startswith("account-code:")
        assert outgoing.secret_behind(known) == letters.code(MAIL)
        for strange in ("", "account-code:", "account-code:0", "account-link:1", "other:1", "account-code:" + "9" * 40):
            assert outgoing.secret_behind(strange) is None
    assert "•••" in kept.text
    assert sent.text != kept.text
    assert kept.secret
