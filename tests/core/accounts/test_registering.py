"""Registering oneself: an account only after its code, and nobody learns who has one."""

from __future__ import annotations

import letters
import people
import pytest
import sqlalchemy as sa

from core.db.base import db
from core.security import addresses, codes, contacts, passwords, registering, roles
from core.security import scope as scopes
from core.security.accounts import Account
from core.testing import count_queries

MAIL, PASSWORD = "anna@example.org", "cztery konie w zimowym ogrodzie"


@pytest.fixture
def begin(app, world):
    def asked(typed=MAIL, **facts):
        values = {"name": "Anna Nowa", "password": PASSWORD, "language": "pl", "region_no": world.district}
        return registering.begin(typed, **{**values, **facts})

    return asked


@pytest.fixture
def anna(begin):
    number = begin()
    return registering.confirm(number, letters.code(MAIL))


def accounts():
    return people.run("select count(*) from core.account")[0][0]


def test_before_the_code_there_is_nothing(begin):
    begin()
    assert accounts() == 0
    [letter] = letters.all_of()
    assert (letter["kind"], letter["address"]["value"], letter["language"]) == ("register.code", MAIL, "pl")
    assert "kod" in letter["text"], "in the language that was chosen"


def test_with_the_code_there_is_an_account_in_its_own_role(anna, world):
    with scopes.system("look"):
        account = db.session.get(Account, anna.account_id)
        assert (account.name, account.language, account.region_no, account.state) == (
            "Anna Nowa", "pl", world.district, "active",
        )  # fmt: skip
        [post] = account.posts
        assert (post.role, post.place_no) == ("parent", world.district)
        assert roles.book.get(post.role).level == "self"
        assert contacts.of_many([anna.account_id])[anna.account_id][0].value == MAIL
    assert passwords.matches(PASSWORD, passwords.of(anna.account_id))
    [(kept,)] = people.run("select password from core.registration")
    assert kept is None, "the hash is where it belongs, and nowhere else"


def test_she_signs_in_with_her_address_or_her_account_id(anna, client):
    assert people.column("fs_uniquifier", anna.account_id) == anna.uniquifier
    for login in (MAIL, " Anna@Example.org ", anna.login):
        assert people.sign_in(client, login, PASSWORD).status_code == 302
        client.post("/logout")
    assert people.sign_in(client, "anna@example.net", PASSWORD).status_code == 200


def test_a_telephone_registers_too(begin, client):
    number = begin("+82 10-1234-5678")
    registering.confirm(number, letters.code("+82 10-1234-5678"))
    assert people.sign_in(client, "+821012345678", PASSWORD).status_code == 302


def test_a_known_address_gets_the_same_and_its_owner_a_notice(begin, anna):
    letters.empty()
    number = begin(name="Somebody Else", password="inne dobre hasło 77")
    [letter] = letters.all_of()
    assert (letter["kind"], letter["address"]["value"], letter["secret"]) == ("register.known", MAIL, False)
    with pytest.raises(codes.WrongCode):
        registering.confirm(number, "000000")
    assert accounts() == 1


def test_not_even_the_right_guess_opens_a_known_address(begin, anna):
    number = begin()
    with scopes.system("guess"):
        guess = codes.text_of(db.session.scalar(sa.select(sa.func.max(codes.AccountCode.id))))
    with pytest.raises(codes.WrongCode):
        registering.confirm(number, guess)
    assert accounts() == 1


def test_known_and_unknown_cost_the_same(begin, anna):
    counts = []
    for typed in (MAIL, "new@example.org", MAIL, "newer@example.org"):
        with count_queries() as queries:
            begin(typed)
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts


def test_an_address_is_not_flooded(begin):
    for _n in range(codes.AN_HOUR + 3):
        begin()
    assert len(letters.all_of("register.code")) <= codes.AN_HOUR
    assert len(letters.raised("register.code")) == codes.AN_HOUR


def test_two_who_race_for_an_address_become_one(begin):
    one = begin()
    first = letters.code(MAIL)
    two = begin()
    second = letters.code(MAIL)
    registering.confirm(one, first)
    with pytest.raises(codes.CodeGone, match="sign in with it"):
        registering.confirm(two, second)
    assert accounts() == 1


def test_an_office_contact_of_a_teacher_does_not_bar_the_mother(begin, person, world):
    teacher = person("teacher", "director", world.facilities[0])
    contacts.confirm(teacher, contacts.add(teacher, MAIL), letters.code(MAIL))
    letters.empty()
    made = registering.confirm(begin(), letters.code(MAIL))
    assert made.account_id != teacher


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"typed": "nobody"}, addresses.BadAddress),
        ({"name": "  "}, registering.BadName),
        ({"name": "x" * 200}, registering.BadName),
        ({"password": "short"}, passwords.WeakPassword),
        ({"password": "anna@example.org"}, passwords.WeakPassword),
    ],
)
def test_refusals_depend_on_the_words_alone(begin, facts, refusal):
    with pytest.raises(refusal):
        begin(**facts)
    assert people.run("select count(*) from core.registration")[0][0] == 0


def test_nobody_registers_where_no_role_is_for_it(begin, monkeypatch):
    number = begin()
    code = letters.code(MAIL)
    monkeypatch.setattr(registering, "own_role", lambda: None)
    with pytest.raises(registering.NotOffered, match="district office"):
        registering.confirm(number, code)
    assert accounts() == 0


def test_what_was_not_finished_is_forgotten(begin):
    from datetime import UTC, datetime, timedelta

    begin()
    tomorrow = datetime.now(UTC) + timedelta(days=1, minutes=1)
    with scopes.system("night"):
        assert registering.forget_old(datetime.now(UTC)) == 0
        assert codes.forget_old(tomorrow) == 1
        assert registering.forget_old(tomorrow) == 1
        db.session.commit()


def test_a_telephone_two_people_share_signs_in_whom_it_registered(begin, anna, client):
    other = registering.confirm(begin("ben@example.org", name="Ben"), letters.code("ben@example.org"))
    number = contacts.add(other.account_id, MAIL)
    contacts.confirm(other.account_id, number, letters.code(MAIL))
    shared = next(one for one in contacts.of(other.account_id) if one.value == MAIL)
    assert (shared.verified_at is not None, shared.signs_in) == (True, False)
    with scopes.system("look"):
        assert contacts.account_signing_in(MAIL) == anna.account_id
        assert [one.value for one in contacts.confirmed(other.account_id)] == ["ben@example.org", MAIL]
    assert people.sign_in(client, MAIL, PASSWORD).status_code == 302
