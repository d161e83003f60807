"""A message is written with its fact: once, at its place, in the reader's language."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.errors import DolbomError, Forbidden
from core.jobs.models import Outbox
from core.security import access
from core.security import scope as scopes
from modules.messaging import rules
from modules.messaging.api import Recipient, for_account, for_records, send
from modules.messaging.models import Message
from tests.modules.messaging.conftest import FACTS, MOTHER


def own(world, account):
    return scopes.Scope("user", f"account:{account}", role="parent", account_id=account, place=world.district)


def written():
    with scopes.system("count messages"):
        return db.session.scalar(sa.select(sa.func.count()).select_from(Message))


def waiting():
    with scopes.system("count jobs"):
        return db.session.scalar(sa.select(sa.func.count()).select_from(Outbox).where(Outbox.name.like("messaging.%")))


@pytest.mark.rule("S1-083")
def test_a_message_is_written_with_its_job_and_the_same_key_is_the_same_message(world, acting):
    with acting("director", world.facilities[0]):
        first = send("messaging.notice", to=MOTHER, place=world.facilities[0], facts=FACTS, about="x.y:1", key="fees:3")
        again = send("messaging.notice", to=MOTHER, place=world.facilities[0], facts=FACTS, about="x.y:1", key="fees:3")
        assert first == again
        told = for_records(["x.y:1"])
        assert [(one.id, one.state, one.subject) for one in told] == [(first, "queued", "March fees")]
        assert [one.name for one in told] == [rules.masked_name(MOTHER.name)] != [MOTHER.name]
        db.session.commit()
    assert (written(), waiting()) == (1, 1)


def test_without_the_callers_commit_there_is_neither_message_nor_job(world, acting):
    with acting("director", world.facilities[0]):
        send("messaging.notice", to=MOTHER, place=world.facilities[0], facts=FACTS, key="fees:3")
        db.session.rollback()
    assert (written(), waiting()) == (0, 0)


def test_a_parents_own_act_tells_the_parent_and_is_the_parents_own_row(world, parent):
    account = parent()
    mine = own(world, account)
    with access.asking(), scopes.use(mine):
        number = send(
            "messaging.notice", to=Recipient("Kim", "en", account_id=account), place=world.facilities[0], facts=FACTS, key="a:1"
        )
        assert [one.id for one in for_account(account)] == [number]
        db.session.commit()
    assert (written(), waiting()) == (1, 1)


def test_a_parents_own_act_tells_somebody_else_after_the_commit_and_once(world, parent):
    account = parent()
    mine = own(world, account)
    with access.asking(), scopes.use(mine):
        args = {"to": MOTHER, "place": world.facilities[0], "facts": FACTS, "key": "a:2"}
        assert send("messaging.notice", **args) == send("messaging.notice", **args)
        assert for_records([""]) == []
        db.session.commit()
    assert (written(), waiting()) == (0, 1)  # the job that writes it


def test_other_districts_and_other_parents_read_nothing_of_it(world, acting, parent):
    kim, lee = parent(), parent("Lee")
    with acting("director", world.facilities[0]):
        to = Recipient("Kim", "en", account_id=kim)
        send("messaging.notice", to=to, place=world.facilities[0], facts=FACTS, about="x.y:1", key="k")
        db.session.commit()
    for role, place in (("director", world.facilities[1]), ("director", world.neighbors[0]), ("district_officer", world.other_district)):
        with acting(role, place):
            assert for_records(["x.y:1"]) == []
            assert db.session.execute(sa.text("select count(*) from messaging.message")).scalar() == 0
    for account, seen in ((lee, 0), (kim, 1)):
        with access.asking(), scopes.use(own(world, account)):
            assert len(for_account(kim)) == seen
            assert db.session.execute(sa.text("select count(*) from messaging.message")).scalar() == seen


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"template": "messaging.nothing"}, "No messages.toml has a message"),
        ({"facts": {"subject": "x"}}, "needs the facts text"),
        ({"facts": {**FACTS, "extra": "1"}}, "knows no fact extra"),
        ({"key": " "}, "give a key"),
    ],
)
def test_what_only_a_programmer_can_mend_is_said_and_nothing_is_written(world, acting, change, says):
    args = {"template": "messaging.notice", "to": MOTHER, "place": world.facilities[0], "facts": FACTS, "key": "k", **change}
    with acting("director", world.facilities[0]), pytest.raises(DolbomError, match=says):
        send(args.pop("template"), **args)
    assert (written(), waiting()) == (0, 0)


def test_a_role_without_the_right_sends_nothing(world, acting):
    with acting("cook", world.facilities[0]), pytest.raises(Forbidden, match=r"messaging\.message\.send"):
        send("messaging.notice", to=MOTHER, place=world.facilities[0], facts=FACTS, key="k")


def test_what_was_rolled_back_is_not_taken_for_sent(world, parent):
    with access.asking(), scopes.use(own(world, parent())):
        args = {"to": MOTHER, "place": world.facilities[0], "facts": FACTS, "key": "a:3"}
        lost = send("messaging.notice", **args)
        db.session.rollback()
        assert send("messaging.notice", **args) != lost
        db.session.commit()
        assert send("messaging.notice", **args)  # known by now from the outbox
        db.session.commit()
    assert waiting() == 1
