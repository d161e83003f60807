"""Families are told: applied with the place, admitted, ended and why, evidence that counts or does not; each guardian once."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.jobs.delivery import drain
from core.security import access
from core.security import scope as scopes
from modules.enrollment.services import admit, claim, decline, expire_offers, leave_out, verify, withdraw
from modules.families.models import Guardian
from modules.families.services import add_guardian
from modules.messaging.models import Message


def messages():
    """What the families were sent by now, as (template, to whom, subject, text)."""
    drain()
    with scopes.system("what was sent"):
        return [
            (one.template, one.name, one.subject, one.text)
            for one in db.session.scalars(sa.select(Message).order_by(Message.id))
        ]


@pytest.fixture
def apply_for(apply_for):
    """The families of these tests read Korean."""

    def make(*args, **facts):
        made = apply_for(*args, **facts)
        with scopes.system("what they read"):
            db.session.execute(sa.update(Guardian).values(language="ko"))
            db.session.commit()
        return made

    return make


@pytest.mark.rule("S2-18", "F-52", "F-54")
def test_who_applies_hears_the_place_and_what_comes_next(app, apply_for, centres):
    apply_for(centres[0], "하나")
    _account, _child, number = apply_for(centres[0], "두리")
    template, name, subject, text = messages()[-1]
    assert (template, name) == ("enrollment.applied", "두리 엄마")
    assert "2/2" in subject and "2/2" in text, "the place stands where a list of notices shows it"
    assert text.startswith("두리:") and f"/my/applications/{number}" in text


def test_told_once_however_often_the_outbox_comes(app, apply_for, centres):
    apply_for(centres[0])
    assert len(messages()) == 1
    with scopes.system("the event comes again"):
        again = db.session.execute(sa.text("update core.outbox set done_at = null where handler = 'enrollment.tell_applied'"))
        assert again.rowcount == 1
        db.session.commit()
    assert len(messages()) == 1


@pytest.mark.rule("F-55")
def test_every_guardian_with_rights_hears_in_their_own_language(app, being, apply_for, centres):
    account, _child, number = apply_for(centres[0], "두리")
    with being(account):
        father = add_guardian(_family(account), name="Jan", relation_to_child="father", phone="010-9999-0000")
        barred = add_guardian(_family(account), name="Barred", relation_to_child="other", phone="010-9999-0001")
        father_id, barred_id = father.id, barred.id
        db.session.commit()
    with scopes.system("a court"):
        db.session.get_one(Guardian, father_id).language = "pl"
        db.session.execute(
            sa.update(Guardian).where(Guardian.id == barred_id).values(barred_on=date(2026, 1, 1), barred_because="court")
        )
        db.session.commit()
    with being(account):
        withdraw(number)
    told = [(name, subject) for template, name, subject, _text in messages() if template == "enrollment.withdrawn"]
    assert [name for name, _ in told] == ["두리 엄마", "Jan"]
    assert told[0][1].startswith("신청 취소") and told[1][1].startswith("Wniosek wycofany")


def test_admission_is_told_and_the_other_centres_end_with_the_reason(app, being, apply_for, centres, admitted):
    from modules.enrollment.services import apply

    account, child, number = apply_for(centres[0], "두리")
    with being(account):
        apply(child, centres[1], wanted_from=date(2026, 3, 2))
    admitted(number, centres[0])
    told = {template: (subject, text) for template, _name, subject, text in messages()}
    assert told["enrollment.admitted"][0] == f"두리 입소 확정: Centre {centres[0]}"
    assert f"Centre {centres[1]}" in told["enrollment.elsewhere"][1]
    assert "enrollment.offered" not in told, "it was answered before anybody could tell of it"


def test_an_offer_is_told_with_its_last_day_and_what_became_of_it(app, being, apply_for, centres, offered, vacancy, acting):
    account, _child, number = apply_for(centres[0], "두리")
    offered(centres[0])
    template, _name, subject, text = messages()[-1]
    assert (template, subject) == ("enrollment.offered", f"Centre {centres[0]} 입소 제안: 2026년 3월 5일까지 답변")
    assert "수락 또는 거절" in text
    with being(account):
        decline(number)
    assert messages()[-1][0] == "enrollment.offer_declined"
    free = vacancy(centres[0])
    with acting("director", centres[0], on_date=date(2026, 3, 2)):
        leave_out(free, number, code="documents_missing", evidence="letter")
    template, _name, _subject, text = messages()[-1]
    assert template == "enrollment.passed_over" and "서류" in text and "letter" not in text
    offered(centres[0])
    with access.asking(), scopes.system("the nightly job", on_date=date(2026, 4, 1)):
        expire_offers(date(2026, 4, 1))
        db.session.commit()
    template, _name, _subject, text = messages()[-1]
    assert template == "enrollment.expired_late" and "답" in text


def test_evidence_is_told_with_what_it_lacks(app, being, apply_for, centres, acting):
    account, child, _number = apply_for(centres[0], "두리")
    with being(account):
        claimed = claim(child, "one_parent", facility_id=centres[0])
    with acting("director", centres[0]):
        verify(claimed, proven=False, note="증명서가 없습니다", facility_id=centres[0])
    template, _name, subject, text = messages()[-1]
    assert template == "enrollment.not_proven" and "한부모" in subject and "증명서가 없습니다" in text
    with being(account):
        again = claim(child, "one_parent", facility_id=centres[0])
    assert again != claimed
    with acting("director", centres[0]):
        verify(again, proven=True, note="seen", facility_id=centres[0])
    assert messages()[-1][0] == "enrollment.proven"


def test_a_refused_act_tells_nobody(app, being, apply_for, centres, acting):
    from core.errors import Refusal

    apply_for(centres[0], "하나")
    _account, _child, number = apply_for(centres[0], "두리")
    before = len(messages())
    with acting("director", centres[0]), pytest.raises(Refusal):
        admit(number)
    assert len(messages()) == before


def _family(account):
    from modules.families.services import mine

    return mine().id

