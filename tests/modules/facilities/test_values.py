"""Cells turned into values: what passes, what is refused, and that no cell takes long."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.facilities.layouts.homepage import EmailInstead, homepage
from modules.facilities.layouts.kinds import KR_KINDS, KR_SERVICES, Words
from modules.facilities.layouts.telephone import telephone
from modules.facilities.layouts.values import (
    Unreadable,
    clean,
    day,
    decimal,
    degrees,
    name_key,
    whole,
    without_emails,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("12", 12), ("1,200", 1200), ("12.0", 12), ("2000", 2000), ("123456789", 123456789)],
)
def test_counts(text, number):
    assert whole(text) == number


@pytest.mark.parametrize("text", ["-1", "1.5", "1e3", "1_000", "12명", "１２", "1234567890", "1,20", " 1"])
def test_no_counts(text):
    with pytest.raises(Unreadable):
        whole(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("59", "59"), ("59.5", "59.5"), ("59,5", "59.5"), ("1,234", "1234"), ("1,234.5", "1234.5")],
)
def test_quantities(text, number):
    assert decimal(text) == Decimal(number)


@pytest.mark.parametrize("text", ["NaN", "inf", "1e5", "-3", "1,2,3", "५"])
def test_no_quantities(text):
    with pytest.raises(Unreadable):
        decimal(text)


@pytest.mark.parametrize("text", ["nan", "inf", "1e9", "37,5", "37.5N", "1234"])
def test_no_degrees(text):
    with pytest.raises(Unreadable):
        degrees(text)


@pytest.mark.parametrize(
    "text", ["2026-07-21", "2026.7.21", "20260721", "2026/07/21", "21.07.2026", "2026-07-21 10:43:15.0"]
)
def test_days(text):
    assert day(text) == date(2026, 7, 21)


@pytest.mark.parametrize(
    "text", ["2026-13-01", "2026-02-29", "1799-01-01", "2026-W30-1", "21/07/2026", "2026-07/21", "soon"]
)
def test_no_days(text):
    with pytest.raises(Unreadable):
        day(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("02-2061-2282", "02-2061-2282"),
        ("010-1234-5678", "010-1234-5678"),
        ("070-8888-9655", "070-8888-9655"),
        ("050-4473-1879", "050-4473-1879"),
        ("+82 2 2061 2282", "02-2061-2282"),
        ("1577-0199", "1577-0199"),
        ("", None),
        ("-", None),
        ("--", None),
    ],
)
def test_korean_telephones(text, shown):
    assert telephone(text, "KR") == shown


@pytest.mark.parametrize(
    "text",
    ["02-0000-0000", "02-000-0000", "02-00-0000", "-999-9999", "-2698-1357", "02-3423-331", "02-578-884",
     "000-0000-0000",
     "062--", "681-0608-0608", "전화 없음", "9" * 500],
)  # fmt: skip
def test_impossible_korean_telephones(text):
    with pytest.raises(Unreadable):
        telephone(text, "KR")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("957225242", "957225242"),
        ("0833714337", "833714337"),
        ("+48833714337", "833714337"),
        ("83-371-43-37", "833714337"),
    ],
)
def test_polish_telephones(text, shown):
    assert telephone(text, "PL") == shown


@pytest.mark.parametrize("text", ["084664965", "8151172085", "111111111", "3714337"])
def test_impossible_polish_telephones(text):
    with pytest.raises(Unreadable):
        telephone(text, "PL")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://m.cafe.naver.com", "https://m.cafe.naver.com"),
        ("www.puruni.com/netmarble", "http://www.puruni.com/netmarble"),
        ("바름이.kr", "http://바름이.kr"),
        ("https://www.youtube.com/@kinder", "https://www.youtube.com/@kinder"),
        ("http://", None),
        ("없음", None),
        ("-", None),
    ],
)
def test_homepages(text, shown):
    assert homepage(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "masked@hanmail.net",
        "zz@ hanmail.net",
        "eomty@",
        "http://xyz@navercom",
        "카페 masked@daum.net",
        "@",
        "a.kr/x@naver.com",
    ],
)
def test_emails_in_place_of_homepages(text):
    with pytest.raises(EmailInstead):
        homepage(text)


@pytest.mark.parametrize(
    "text",
    ["키즈노트", "wonjin7475", "011-9265-3898", "someonenaver.com", "someone.hanmail.net",
     "javascript:alert(1)",
     "http//a.kr",
     "www. a.kr", "a.kr/x y", "ftp://a.kr", "x." * 400],
)  # fmt: skip
def test_what_is_no_homepage(text):
    with pytest.raises(Unreadable) as refusal:
        homepage(text)
    assert not isinstance(refusal.value, EmailInstead)


def test_clean_text():
    assert clean("소담\u200b 어린이집\n2층") == "소담 어린이집 2층"
    assert clean("소담".encode().decode()) == "소담"
    assert clean("\u1112\u1161\u11ab") == "한"
    assert clean("a\xa0\xa0b  c") == "a b c"
    assert clean("evil\u202etxt") == "eviltxt"


def test_emails_are_taken_out_but_apartment_blocks_stay():
    assert without_emails("서울 망원동 현대@101동") == "서울 망원동 현대@101동"
    assert without_emails("문의 a.b@naver.com 로") == "문의 로"
    assert without_emails("a.b@navercom") == ""


def test_names_compare_without_spaces_and_case():
    assert name_key("LG 상암-어린이집") == name_key("lg상암어린이집")
    assert name_key(" - ") == ""


def test_words_with_lost_letters():
    words = Words(KR_KINDS)
    assert (
        words.find("법인·단체등")
        == words.find("법인ㆍ단체등")
        == words.find("법인단체등")
        == ("CORP_GROUP", False)
    )
    assert words.find("법인?단체등") == words.find("법인\ufffd단체등") == ("CORP_GROUP", True)
    assert words.find("?") == (None, True)
    assert words.find("놀이방") == (None, False)


def test_services_are_the_longest_words():
    words = Words(KR_SERVICES)
    assert words.find_all("장애아통합야간연장24시간시간제보육") == (
        ("disabled_integrated", "night", "part_time", "twentyfour_hour"),
        "",
    )
    assert words.find_all("일반, 새벽돌봄") == (("general",), "새벽돌봄")


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_value_or_a_value_error(text):
    for read in (
        whole,
        decimal,
        degrees,
        day,
        homepage,
        lambda one: telephone(one, "KR"),
        lambda one: telephone(one, "PL"),
    ):
        with suppress(Unreadable):
            read(text)
    assert clean(clean(text)) == clean(text)
    assert "someone@" not in without_emails(f"{text} someone@naver.com")


@pytest.mark.parametrize("letter", ["a", "1", "-", "가", "(", "a.", "@", "1-", "a@"])
def test_no_cell_takes_long(letter):
    cell = letter * 10_000
    start = time.process_time()
    for read in (
        whole,
        decimal,
        degrees,
        day,
        homepage,
        clean,
        without_emails,
        lambda one: telephone(one, "KR"),
    ):
        with suppress(Unreadable):
            read(cell)
    assert time.process_time() - start < 1.0
