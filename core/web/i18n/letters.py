"""What ordering and finding both know about letters: which marks fall away, how a syllable is made."""

from __future__ import annotations

import unicodedata

#: Letters that no decomposition leads to their plain form.
PLAIN = {"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d"}

FIRST_SYLLABLE, LAST_SYLLABLE = 0xAC00, 0xD7A3
LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_ENDINGS = ("", *FINALS)
#: Letters of two strokes; a keyboard also makes ㄳ when ㄱ and ㅅ are typed with no vowel between.
JOINED = {
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ",
    "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
    "ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ", "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅔ", "ㅟ": "ㅜㅣ", "ㅢ": "ㅡㅣ",
}  # fmt: skip


def is_syllable(letter: str) -> bool:
    """Whether it is one of the 11,172 modern Hangul syllables."""
    return FIRST_SYLLABLE <= ord(letter) <= LAST_SYLLABLE


def parts(syllable: str) -> tuple[str, str, str]:
    """Lead, vowel and final (often none) of a syllable: 쾌 → ㅋ, ㅙ and nothing."""
    index = ord(syllable) - FIRST_SYLLABLE
    return LEADS[index // 588], VOWELS[index % 588 // 28], _ENDINGS[index % 28]


def composed(text: str) -> str:
    """One form for each character, whatever keyboard or file it came from, in small letters."""
    kept = unicodedata.normalize("NFC", text).translate(_KEPT)
    return unicodedata.normalize("NFKC", kept).translate(_BACK).casefold()


def plain(letter: str) -> str:
    """A case-folded letter without its accent: ą → a, ł → l; marks that stand alone vanish."""
    if letter.isascii() or letter in PLAIN:
        return PLAIN.get(letter, letter)
    return "".join(part for part in unicodedata.normalize("NFD", letter) if not is_mark(part))


def is_mark(letter: str) -> bool:
    """Whether it only adds to the letter before it."""
    return unicodedata.category(letter)[0] == "M"


#: NFKC would turn a lone ㄱ into the first half of a syllable; it must stay the letter that was typed.
_KEPT = {code: 0xE000 + code - 0x3131 for code in range(0x3131, 0x318F)}
_BACK = {private: letter for letter, private in _KEPT.items()}
