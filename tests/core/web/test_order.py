"""Alphabetical order by a stored key, as Poles and Koreans expect it."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.web.i18n import sort_key

POLISH = list("aąbcćdeęfghijklłmnńoópqrsśtuvwxyzźż")


def ordered(words: list[str], first: str = "latin") -> list[str]:
    """What PostgreSQL does under collation C: compare bytes."""
    return sorted(words, key=lambda word: sort_key(word, first).encode())  # type: ignore[arg-type]


def shuffled(words: list[str]) -> list[str]:
    return random.Random(7).sample(words, len(words))


@pytest.mark.parametrize(
    "right",
    [
        POLISH,
        [letter + "z" for letter in POLISH],
        ["Ala", "Aza", "ąb", "bal", "car", "ćma", "dąb", "dech", "łan", "łza", "mak", "źrebak", "żaba"],
        ["lody i łód", "lodz", "Lodz", "lot", "Łódź", "łuk"],
        ["ala", "Ala", "ala ma", "alabaster"],
        ["가람", "각", "갈", "나무", "다람쥐", "하늘", "힣"],
        ["김 서방", "김민수", "김민지", "나"],
        ["Kium 2", "Kium 10", "Kium 10a", "Kium 100"],
        ["1호점", "2호점", "10호점", "가온"],
        ["cote", "coté", "côte", "cotu"],
    ],
)
def test_lists_come_out_right(right):
    assert ordered(shuffled(right)) == right


def test_script_order_is_a_choice():
    words = ["하늘", "apple", "żaba", "가람", "12"]
    assert ordered(words) == ["12", "apple", "żaba", "가람", "하늘"]
    assert ordered(words, "hangul") == ["12", "가람", "하늘", "apple", "żaba"]


def test_split_and_whole_syllables_lie_together():
    whole, split = "한빛", unicodedata.normalize("NFD", "한빛")
    assert sort_key(whole) == sort_key(split)


def test_brackets_and_full_width_do_not_move_a_name():
    assert ordered(["나라", "(주)가람", "ＡＢＣ", "abd"]) == ["ＡＢＣ", "abd", "나라", "(주)가람"]


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_only_equal_texts_have_equal_keys(one, other):
    same = unicodedata.normalize("NFC", one).swapcase() == unicodedata.normalize("NFC", other).swapcase()
    assert (sort_key(one) == sort_key(other)) == same
    assert "\x00" in one or "\x00" not in sort_key(one), "PostgreSQL stores it"
