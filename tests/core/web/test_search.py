"""What a person types finds what they mean: initials, half syllables, plain letters, ends of numbers."""

from __future__ import annotations

import fnmatch
import re
import unicodedata

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from core.db.base import db
from core.security import scope as scopes
from core.web.i18n import initials_key, search_key, search_pattern, search_patterns

NAME = "구립 김민수어린이집"
STORED = f"{search_key(NAME)} {search_key('서울시 마포구 02-123-4567')} {initials_key(NAME)}"
POLISH = f"{search_key('Żłobek Łódzki „Tęcza” nr 5')} {initials_key('Żłobek')}"


def found(query: str, text: str = STORED) -> bool:
    """LIKE, in Python: % is the only sign the patterns use."""
    return all(fnmatch.fnmatchcase(text, pattern.replace("%", "*")) for pattern in search_patterns(query))


@pytest.mark.parametrize(
    "query",
    ["김민수", "민수", "ㄱㅁㅅ", "ㅁㅅㅇ ㄱㄹ", "ㄱㄹ", "ㄱㅁㅅㅇㄹㅇㅈ", "김ㅁ", "김미", "기", "구립 ㄱㅁㅅ",
     "어린이집 김민수", "4567", "123-4567", "1234567", "02 ", "", "  %_ ", unicodedata.normalize("NFD", "김민수"), "ㄱㅁㅅ구립"],
)  # fmt: skip
def test_finds(query):
    assert found(query)


@pytest.mark.parametrize("query", ["ㄱㅅㅁ", "김수", "5678", "이민수", "ㅂㅂㅂ", "ㅅㅇ"])
def test_does_not_find(query):
    assert not found(query)


@pytest.mark.parametrize("query", ["lodz", "ŁÓDZKI", "zlobek", "żłobek", "tecza", "tęcza 5", "nr 5"])
def test_polish_without_and_with_accents(query):
    assert found(query, POLISH)


@pytest.mark.parametrize(
    "stages",
    ["ㄱ 가 각 가게", "ㄱ 고 과 괒 과자", "ㄷ 다 달 닭", "ㅋ 코 쾌 쾌ㅈ 쾌저 쾌적", "ㅇ 어 업 없 없ㄷ 없다"],
)
def test_every_stage_of_typing_finds_the_word(stages):
    """An input method shows 각 on the way from 가 to 가게: each stage must already find it."""
    word = stages.split()[-1]
    for stage in stages.split():
        assert found(stage, f"{search_key(word)} {initials_key(word)}"), stage


def test_two_consonants_joined_by_the_keyboard_are_two_initials():
    assert found("ㄳ", f"{search_key('김수로')} {initials_key('김수로')}")


def test_initials_never_match_spelled_letters():
    assert not found("ㄱㅁ", search_key("각마")), "it is spelled ㄱㅏㄱㅁㅏ, but its initials were not stored"


@settings(deadline=None)
@given(st.text(max_size=30))
def test_every_text_finds_itself_and_brings_no_wildcards(text):
    whole = re.sub("[\u1100-\u11ff\u3130-\u318f\uffa0-\uffdc]", "", text)  # lone letters ask for initials
    assert found(whole, f" {search_key(whole)} ")
    assert not set("_\\") & set(search_pattern(text))
    assert all("%" not in pattern[1:-1] for pattern in search_patterns(text))


def test_postgresql_uses_trigrams_of_both_alphabets(app):
    """Spelled letters and initials must count as letters for pg_trgm, or the index would be empty."""
    with scopes.system("look at trigrams"):
        for text, expected in (("ㄱㅣㅁ", " ㄱㅣ"), (initials_key("김민수"), "ᄀᄆᄉ"), ("lodz", "odz")):
            grams = db.session.scalar(sa.text("select show_trgm(:t)"), {"t": text})
            hashed = db.session.scalar(sa.text("select show_trgm(:t)"), {"t": expected.strip()})
            assert grams
            assert set(grams) & set(hashed)
        for query in ("ㄱㅁㅅ", "김민수", "4567", "ㅁㅅ"):
            for pattern in search_patterns(query):
                matches = db.session.scalar(
                    sa.text("select cast(:t as text) like :p"), {"t": STORED, "p": pattern}
                )
                assert matches == found(query), query
