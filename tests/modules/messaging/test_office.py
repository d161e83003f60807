"""The office's pages of messages: what became of each, letters, texts with a second officer, writing by hand, costs."""

from __future__ import annotations

import re

import pytest

from core.jobs.delivery import drain
from core.testing import count_queries
from modules.messaging import catalogue
from tests.modules.families.test_pages import Person, entered
from tests.modules.messaging.conftest import look, taken, tries

__all__ = ["Person", "entered"]

PAGES = "/office/messaging"
TEXT = f"{PAGES}/wordings/messaging.notice/ko"
OWN = {"subject": "[가 구] {subject}", "text": "[가 구청]\n{text}"}


@pytest.fixture
def director(entered, sending_city):
    return entered("director", sending_city.facilities[0], "director")


@pytest.fixture
def officers(entered, sending_city):
    """Two officers of the first district."""
    return [entered("district_officer", sending_city.district, f"officer-{number}") for number in (1, 2)]


@pytest.mark.rule("S1-233", "S1-234", "E-20")
def test_a_message_that_did_not_arrive_says_why_and_goes_again_once_the_contact_is_right(director, told, polled):
    number = told("010-12")
    drain()
    home = director.get("/office/").text
    listed = director.get(re.search(r'href="(/office/messaging/messages/\?[^"]*failed[^"]*)"', home)[1]).text
    assert "The telephone number is wrong." in listed
    assert "김•영" in listed
    assert "김지영" not in listed
    page = f"{PAGES}/messages/details/?id={number}"
    shown = director.get(page).text
    assert "Ask the family for the right one and enter it below." in shown
    assert "김지영" not in shown
    for given in ({"phone": "0"}, {"email": "nobody"}):
        refused = director.post(f"{PAGES}/messages/{number}/again", given)
        assert refused.status_code == 422
        assert "Ask back and type it again." in refused.text
        assert look(number).state == "failed"
    assert director.post(f"{PAGES}/messages/{number}/again", {"phone": "010-1234-5678"}).status_code == 302
    drain()
    polled()
    assert look(number).state == "delivered"
    assert "delivered" in director.get(page).text
    again = director.post(f"{PAGES}/messages/{number}/again", {"phone": "010-1234-5678"})
    assert again.status_code == 422
    assert "Only a message that did not arrive is sent again." in again.text


def test_nobody_reads_messages_of_another_place(entered, told, world):
    number = told("010-1234-5678")
    for role, place in (("district_officer", world.other_district), ("director", world.facilities[1])):
        stranger = entered(role, place, f"{role}-elsewhere")
        assert "March fees" not in stranger.get(f"{PAGES}/messages/").text
        assert stranger.get(f"{PAGES}/messages/details/?id={number}").status_code == 404
        assert stranger.post(f"{PAGES}/messages/{number}/again", {"phone": "010-1234-5678"}).status_code == 404
    parent = entered("parent", world.district, "parent")
    for page in ("messages", "letters", "wordings", "costs", "writing"):
        assert parent.get(f"{PAGES}/{page}/").status_code == 403


def test_the_list_asks_no_more_for_more_messages(director, told):
    def asked():
        with count_queries() as made:
            assert director.get(f"{PAGES}/messages/").status_code == 200
        return len(made)

    told("010-1234-5678")
    director.get(f"{PAGES}/messages/")
    few = asked()
    for _ in range(12):
        told("010-1234-5678")
    assert asked() <= few


def test_letters_are_printed_and_posted(director, told):
    assert "No letter waits" in director.get(f"{PAGES}/letters/").text
    assert director.get(f"{PAGES}/letters/letters.pdf").status_code == 302
    number = told(postal="서울시 중구 1")
    drain()
    assert look(number).state == "letter"
    printed = director.get(f"{PAGES}/letters/letters.pdf")
    assert printed.data.startswith(b"%PDF")
    assert printed.mimetype == "application/pdf"
    assert director.post(f"{PAGES}/letters/posted", {}).status_code == 302
    assert look(number).state == "letter"  # nothing was ticked
    assert director.post(f"{PAGES}/letters/posted", {"letter": str(number)}).status_code == 302
    assert look(number).state == "posted"
    assert "No letter waits" in director.get(f"{PAGES}/letters/").text
    assert "430" in director.get(f"{PAGES}/messages/details/?id={number}").text


@pytest.mark.rule("S1-083", "S2-18")
def test_a_regions_own_text_is_used_once_a_second_officer_approved_it(officers, told):
    one, two = officers
    assert "standard text" in one.get(TEXT).text
    assert one.post(TEXT, OWN).status_code == 302
    shown = one.get(TEXT)
    number = re.search(r"/wordings/(\d+)/submit", shown.text)[1]
    step = f"{PAGES}/wordings/{number}"
    too_early = two.post(f"{step}/approve", {})
    assert too_early.status_code == 422
    assert "another step" in too_early.text
    assert one.post(f"{step}/submit", {}).status_code == 302
    assert "another officer has to decide" in one.get(TEXT).text
    mine = one.post(f"{step}/approve", {})
    assert mine.status_code == 422
    assert "another officer has to decide" in mine.text
    meanwhile = one.post(TEXT, OWN)
    assert "have it decided first" in meanwhile.text
    no_reason = two.post(f"{step}/reject", {"reason": " "})
    assert no_reason.status_code == 422
    assert two.post(f"{step}/reject", {"reason": "Name the centre."}).status_code == 302
    assert "Name the centre." in one.get(TEXT).text
    assert one.post(TEXT, OWN).status_code == 302
    one.post(f"{step}/submit", {})
    before = told("010-1234-5678")
    assert two.post(f"{step}/approve", {}).status_code == 302
    after = told("010-1234-5678")
    assert look(before).subject == "March fees"
    assert (look(after).subject, look(after).text) == ("[가 구] March fees", "[가 구청]\nPlease pay by the 25th.")
    assert "own text" in two.get(f"{PAGES}/wordings/").text


@pytest.mark.rule("S1-083")
def test_alimtalk_takes_a_text_once_its_provider_approved_it(officers, told, polled, rule, world):
    one, two = officers
    steps = [{"channel": "alimtalk", "wait_minutes": 30}, {"channel": "sms", "wait_minutes": 60}]
    rule("ladder", {"steps": steps, "patience_minutes": 120}, place=world.district)
    one.post(TEXT, OWN)
    number = re.search(r"/wordings/(\d+)/submit", one.get(TEXT).text)[1]
    step = f"{PAGES}/wordings/{number}"
    one.post(f"{step}/submit", {})
    early = one.post(f"{step}/provider", {"state": "approved", "code": "T1"})
    assert early.status_code == 422
    two.post(f"{step}/approve", {})
    for given, why in (
        ({"state": "approved"}, "Enter the code"),
        ({"state": "rejected"}, "Enter the reason"),
        ({"state": "perhaps"}, "submitted, approved or rejected"),
    ):
        refused = one.post(f"{step}/provider", given)
        assert refused.status_code == 422
        assert why in refused.text
    passed_over = told("010-1234-5678")
    drain()
    assert ("alimtalk", "skipped", "template_not_approved") in tries(passed_over)
    assert one.post(f"{step}/provider", {"state": "approved", "code": "TPL-7"}).status_code == 302
    assert "approved for Alimtalk" in one.get(TEXT).text
    now = told("010-1234-5678")
    drain()
    polled()
    assert tries(now) == [("alimtalk", "delivered", "")]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"subject": "x", "text": ""}, "Enter a text."),
        ({"subject": "", "text": "x"}, "Enter a subject."),
        ({"subject": "x", "text": "{price}"}, "There is no field {price}: use {subject}, {text}."),
        ({"subject": "x", "text": "가" * 1001}, "2002 bytes"),
    ],
)
def test_a_text_that_cannot_go_out_is_refused_and_what_was_typed_stays(officers, given, why):
    refused = officers[0].post(TEXT, given)
    assert refused.status_code == 422
    assert why in refused.text
    assert given["text"][:40] in refused.text
    assert "/submit" not in officers[0].get(TEXT).text


def test_only_officers_change_texts(director, entered, world):
    assert "Keep as a draft" not in director.get(TEXT).text
    assert director.post(TEXT, OWN).status_code == 403
    assert director.get(f"{PAGES}/wordings/messaging.unknown/ko").status_code == 404
    assert director.get(f"{PAGES}/wordings/messaging.notice/fr").status_code == 404
    assert director.get(f"{TEXT}?region=nowhere").status_code == 404


def test_an_officer_of_another_district_neither_sees_nor_decides(officers, entered, world):
    officers[0].post(TEXT, OWN)
    number = re.search(r"/wordings/(\d+)/submit", officers[0].get(TEXT).text)[1]
    stranger = entered("district_officer", world.other_district, "stranger")
    assert "구청" not in stranger.get(TEXT).text
    assert stranger.post(f"{PAGES}/wordings/{number}/submit", {}).status_code in (403, 404)


@pytest.mark.rule("S0-18")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("가" * 45, "90 of 90 bytes: goes as one text message."),
        ("가" * 45 + "a", "91 of 2,000 bytes: longer than a text message of 90"),
        ("가" * 1000, "2,000 of 2,000 bytes"),
        ("가" * 1000 + "a", "2,001 bytes: only 2,000 fit."),
    ],
)
def test_bytes_are_counted_while_one_types(officers, director, text, said):
    typed = {"text": text}
    assert said in director.post(f"{PAGES}/writing/help", typed).text
    # A template's text is counted with its sample filled in; without fields that is the text itself.
    assert said in officers[0].post(f"{PAGES}/wordings/count?key=messaging.notice&language=ko", typed).text


def test_every_template_is_listed_and_opens(officers):
    listed = officers[0].get(f"{PAGES}/wordings/").text
    assert len(catalogue.templates()) >= 14
    for key in catalogue.templates():
        for language in catalogue.LANGUAGES:
            assert f"{PAGES}/wordings/{key}/{language}" in listed
            assert officers[0].get(f"{PAGES}/wordings/{key}/{language}").status_code == 200


LETTER = {"name": "김지영", "phone": "010-1234-5678", "language": "ko", "subject": "현장학습", "text": "내일 현장학습을 갑니다."}


@pytest.mark.rule("S0-18", "S1-083")
def test_a_message_is_written_by_hand_and_its_text_offered_again_from_its_first_letters(director, entered, world):
    write = f"{PAGES}/writing/"
    for times, text in ((1, "내일 쉽니다."), (2, "내일 현장학습을 갑니다."), (1, "오늘 늦습니다.")):
        for _ in range(times):
            sent = director.post(write, {**LETTER, "text": text})
            assert sent.status_code == 302
    drain()
    assert [text for _channel, _to, text in taken()].count("내일 현장학습을 갑니다.") == 2
    offered = director.post(f"{write}help", {"text": "내일"}).text
    assert offered.index("현장학습을 갑니다") < offered.index("쉽니다")  # the most used first
    assert "오늘" not in offered
    number = re.search(r'name="phrase" value="(\d+)"', offered)[1]
    filled = director.post(write, {**LETTER, "subject": "", "text": "내일", "phrase": number})
    assert filled.status_code == 200
    assert 'value="현장학습"' in filled.text
    assert 'value="김지영"' in filled.text
    assert "내일 현장학습을 갑니다.</textarea>" in filled.text
    elsewhere = entered("director", world.facilities[1], "elsewhere")
    assert "내일" not in elsewhere.post(f"{write}help", {"text": ""}).text
    assert elsewhere.post(write, {**LETTER, "phrase": number}).status_code == 404


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"name": ""}, "Enter the name of the person."),
        ({"phone": ""}, "a telephone number, an e-mail address or a postal address"),
        ({"phone": "12"}, "is no telephone number here"),
        ({"phone": "", "email": "nobody"}, "is no e-mail address"),
        ({"text": "가" * 1001}, "more than 2000 bytes"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_nothing_leaves(director, change, why):
    refused = director.post(f"{PAGES}/writing/", {**LETTER, **change})
    assert refused.status_code == 422
    assert why in refused.text
    assert "현장학습" in refused.text
    drain()
    assert taken() == []


def test_costs_are_added_by_month_and_way(officers, told, polled):
    for _ in range(3):
        told("010-1234-5678")
    drain()
    polled()
    text = officers[0].get(f"{PAGES}/costs/").text
    row = re.search(r"<td[^>]*>Text message</td>.*?</tr>", text, re.DOTALL)[0]
    assert ">3<" in row
    assert "36" in row
