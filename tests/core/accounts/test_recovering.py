"""Reset and unlock: what is typed says whom it is about and proves nothing; the link goes to one's own contact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import letters
import people
import pytest
import time_machine

from core.db.base import db
from core.errors import Forbidden, NotFound
from core.jobs import delivery, recovering
from core.security import account_services as accounts
from core.security import approvals, contacts, links, passwords
from core.security import recovering as requests
from core.security import scope as scopes
from core.security.accounts import Account

MAIL, PHONE, DESK = "jan@example.org", "+82 10 1234 5678", "02-330-1234"
NEW = "cztery konie w zimowym ogrodzie"


@pytest.fixture
def centre(app, world):
    return people.centre(world, phone=DESK)


@pytest.fixture
def jan(person, centre):
    made = person("jan", "director", centre, name="Jan")
    contacts.confirm(made, contacts.add(made, MAIL), letters.code(MAIL))
    letters.empty()
    return made


def outcomes():
    return [row[0] for row in people.run("select outcome from core.reset_request order by id")]


def asked(login="jan", proof=DESK, purpose="reset"):
    recovering.ask(login, proof, purpose)
    delivery.drain()
    return outcomes()[-1]


@pytest.mark.rule("S1-221")
def test_account_id_and_the_facilitys_telephone_bring_a_link_to_ones_own_contact(jan):
    assert asked(" JAN ", "+82 2 330 1234") == "sent"
    [letter] = letters.all_of("reset.link")
    assert letter["address"]["value"] == MAIL
    token = letters.link("reset.link").removeprefix("/activate/")
    assert links.look(token).login == "jan"
    links.redeem(token, NEW)
    assert passwords.matches(NEW, passwords.of(jan))
    with pytest.raises(links.LinkGone):
        links.redeem(token, NEW)


@pytest.mark.rule("S1-223", "S1-224")
def test_a_locked_account_is_unlocked_by_a_link_and_the_password_stays(jan):
    people.run("update core.account set failed_logins = 9, locked_until = now() + interval '14 minutes'")
    before = people.column("password", jan)
    assert asked(purpose="unlock") == "sent"
    token = letters.link("unlock.link").removeprefix("/unlock/")
    with pytest.raises(links.LinkGone):
        links.redeem(token, NEW)  # a link to unlock chooses no password
    links.unlock(token)
    assert people.column("locked_until", jan) is None
    assert people.column("password", jan) == before
    with pytest.raises(links.LinkGone):
        links.unlock(token)


def test_a_link_to_choose_a_password_does_not_unlock(jan):
    asked()
    with pytest.raises(links.LinkGone):
        links.unlock(letters.link("reset.link").removeprefix("/activate/"))


@pytest.mark.parametrize("proof", ["5678", "010-1234-5678"])
def test_the_ending_of_ones_own_number_says_where_it_goes(jan, proof):
    contacts.confirm(jan, contacts.add(jan, PHONE), letters.code(PHONE))
    letters.empty()
    assert asked(proof=proof) == "sent"
    assert [one["address"]["value"] for one in letters.all_of("reset.link")] == ["+821012345678"]
    [told] = letters.all_of("reset.asked")
    assert told["address"]["value"] == MAIL, "the other contact is told"
    assert "•••5678" in told["text"]


@pytest.mark.rule("A5-11")
@pytest.mark.parametrize(
    ("login", "proof", "outcome"),
    [
        ("nobody", DESK, "unknown"),
        ("jan", "02-330-9999", "wrong"),
        ("jan", "1234", "wrong"),
        ("jan", "jan@example.net", "wrong"),
        ("jan", "", "wrong"),
        ("", "", "unknown"),
        ("jan\0' or 1=1 --", DESK, "unknown"),
    ],
)
def test_wrong_words_bring_nothing(jan, login, proof, outcome):
    assert asked(login, proof) == outcome
    assert letters.all_of() == []


@pytest.mark.parametrize("state", ["suspended", "left"])
def test_who_may_not_sign_in_gets_no_link(jan, state):
    people.run("update core.account set state = :state where id = :id", state=state, id=jan)
    assert asked() == "unknown"
    assert letters.all_of() == []


def test_a_telephone_of_a_post_that_ended_is_none(jan):
    people.run("update core.post set last_day = current_date - 2 where account_id = :id", id=jan)
    assert asked() == "wrong"


def test_what_was_typed_as_proof_is_not_kept(jan):
    asked(proof="my secret pass")
    asked("my secret pass")
    assert people.run("select login, proof from core.reset_request order by id") == [("jan", ""), ("", "")]
    assert not any("my secret pass" in row[0] for row in people.run("select payload::text from core.outbox"))


def test_five_links_an_hour(jan):
    assert [asked() for _n in range(7)] == ["sent"] * 5 + ["too many"] * 2
    assert len(letters.all_of("reset.link")) == 5
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=61)):
        assert asked() == "sent"


def test_the_newest_link_works_and_the_one_before_does_not(jan):
    asked()
    old = letters.link("reset.link").removeprefix("/activate/")
    asked()
    new = letters.link("reset.link").removeprefix("/activate/")
    with pytest.raises(links.LinkGone):
        links.look(old)
    assert links.look(new)


@pytest.mark.parametrize(("minutes", "works"), [(9, True), (11, False)])
def test_ten_minutes(jan, minutes, works):
    asked()
    token = letters.link("reset.link").removeprefix("/activate/")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=minutes)):
        if works:
            links.redeem(token, NEW)
        else:
            with pytest.raises(links.LinkGone):
                links.redeem(token, NEW)


def test_a_request_that_waited_long_brings_nothing(jan):
    recovering.ask("jan", DESK, "reset")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        delivery.drain()
        assert outcomes() == ["late"]
    assert letters.all_of() == []


def test_the_token_stands_nowhere(jan):
    asked()
    token = letters.link("reset.link").removeprefix("/activate/")
    for table in ("account_link", "outbox", "change", "reset_request"):
        assert not any(token in row[0] for row in people.run(f"select to_jsonb(t)::text from core.{table} t"))


def test_officers_cannot_read_what_a_link_was_made_from(jan, acting, world):
    import sqlalchemy as sa

    asked()
    with acting("district_officer", world.district):
        assert db.session.execute(sa.text("select purpose from core.account_link")).scalars().all() == ["recover"]
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            db.session.execute(sa.text("select salt from core.account_link"))


@pytest.mark.rule("S1-220")
def test_without_a_contact_the_district_starts_and_a_second_officer_agrees(person, centre, world, acting):
    eve = person("eve", "director", centre)
    assert asked("eve") == "no contact"
    assert letters.all_of() == []
    first = person("first", "district_officer", world.district)
    second = person("second", "district_officer", world.district)
    with acting("district_officer", world.district, account_id=first):
        request = accounts.new_link(eve, reason="came in person with her card")
        assert isinstance(request, approvals.Approval)
        number = request.id
        db.session.commit()
        with pytest.raises(approvals.SamePerson):
            approvals.approve(number, "me too")
    with acting("director", centre), pytest.raises((NotFound, Forbidden)):
        approvals.approve(number, "the centre is never shown it")
    with acting("district_officer", world.district, account_id=second):
        token = approvals.approve(number, "I know her")
        db.session.commit()
    before = people.column("password", eve)
    assert before, "until she chooses another one, the old one works"
    links.redeem(token, NEW)
    assert passwords.matches(NEW, passwords.of(eve))


def test_requests_are_forgotten_after_ninety_days(jan):
    asked()
    with scopes.system("night"):
        assert requests.forget_old(datetime.now(UTC) + timedelta(days=89)) == 0
        assert requests.forget_old(datetime.now(UTC) + timedelta(days=91)) == 1
        assert db.session.get(Account, jan)
        db.session.commit()
