"""The registers' own words for kinds, states and services of a facility, and our codes for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

#: Rulebook 1a.1. The middle dot of 법인·단체등 comes in many characters or not at all, from Seoul as "?".
KR_KINDS: Final[Mapping[str, str]] = {
    "국공립": "NATIONAL_PUBLIC",
    "사회복지법인": "WELFARE_CORP",
    "법인·단체등": "CORP_GROUP",
    "직장": "WORKPLACE",
    "가정": "HOME",
    "협동": "COOP",
    "부모협동": "COOP",
    "민간": "PRIVATE",
}
KR_STATUSES: Final[Mapping[str, str]] = {
    "정상": "open",
    "휴지": "paused",
    "재개": "reopened",
    "폐지": "closed",
}
#: Seoul joined them without a mark in 2022 and with commas since; the longest word is taken first.
KR_SERVICES: Final[Mapping[str, str]] = {
    "일반": "general",
    "장애아통합": "disabled_integrated",
    "장애아전문": "disabled_special",
    "다문화": "multicultural",
    "야간연장형": "night",
    "야간연장": "night",
    "휴일보육": "holiday",
    "시간제보육": "part_time",
    "24시간": "twentyfour_hour",
    "영아전담": "infant",
    "방과후 전담": "after_school",
    "방과후전담": "after_school",
    "방과후 통합": "after_school",
    "방과후통합": "after_school",
}
PL_NURSERIES: Final[Mapping[str, str]] = {
    "Żłobek": "NURSERY",
    "Klub dziecięcy": "CHILDRENS_CLUB",
    "Dzienny opiekun": "DAY_CARER",
}
PL_PRESCHOOLS: Final[Mapping[str, str]] = {
    "Przedszkole": "PRESCHOOL",
    "Punkt przedszkolny": "PRESCHOOL_POINT",
    "Zespół wychowania przedszkolnego": "PRESCHOOL_GROUP",
    "Oddział przedszkolny": "SCHOOL_PRESCHOOL_UNIT",
    "Oddział przedszkolny w szkole podstawowej": "SCHOOL_PRESCHOOL_UNIT",
}

_DOTS: Final = re.compile(r"[·ㆍ・•.]")
_LOST: Final = re.compile("[?\ufffd]")
_LONGEST: Final = 80


class Words:
    """The words of one list, found as a register writes them; remembers the literals of one file."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._codes = {_plain(word): code for word, code in words.items()}
        longest_first = sorted(words, key=len, reverse=True)
        self._parts = re.compile("|".join(map(re.escape, longest_first))) if words else None
        self._words = words
        self._seen: dict[str, tuple[str | None, bool]] = {}
        self._seen_lists: dict[str, tuple[tuple[str, ...], str]] = {}

    def find(self, literal: str) -> tuple[str | None, bool]:
        """The code of a literal, None when it is unknown, and whether a letter of it had been lost."""
        if literal not in self._seen:
            self._seen[literal] = self._look_up(_plain(literal))
        return self._seen[literal]

    def _look_up(self, literal: str) -> tuple[str | None, bool]:
        code = self._codes.get(literal)
        if code is not None or len(literal) > _LONGEST or not _LOST.search(literal):
            return code, False
        form = re.compile(".?".join(re.escape(part) for part in _LOST.split(literal)))
        codes = {code for word, code in self._codes.items() if form.fullmatch(word)}
        return (codes.pop() if len(codes) == 1 else None), True

    def find_all(self, literal: str) -> tuple[tuple[str, ...], str]:
        """The codes of all words in a literal, in the order of the list, and what of it is unknown."""
        if literal not in self._seen_lists:
            found = self._parts.findall(literal) if self._parts else []
            rest = self._parts.sub(" ", literal) if self._parts else literal
            codes = dict.fromkeys(code for word, code in self._words.items() if word in found)
            self._seen_lists[literal] = tuple(codes), " ".join(re.split(r"[\s,;/|+]+", rest)).strip()
        return self._seen_lists[literal]


def _plain(word: str) -> str:
    return _DOTS.sub("", "".join(word.split())).casefold()
