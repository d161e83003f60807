"""Whether two names may be one child's, in one script or two, whether two records are, and how a name is shown by halves; pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from unicodedata import normalize

#: Likeness from which two names of one script count as spellings of one (0 to 1): one letter of five may differ.
ALIKE = 0.8
#: Days by which two expected dates of one pregnancy may differ.
MONTH = 31

_INITIALS = "g kk n d tt r m b pp s ss - j jj ch k t p h".split()  # noqa: SIM905  read as a table
_MEDIALS = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split()  # noqa: SIM905
_FINALS = "- k kk ks n nj nh t l lg lm lb ls lt lp lh m b bs s ss ng j ch k t p h".split()  # noqa: SIM905
#: Surnames that are written otherwise than the rules of romanization say.
_SURNAMES = {
    "lee": "i", "yi": "i", "rhee": "i", "ri": "i", "park": "bak", "pak": "bak", "choi": "choe", "kim": "gim", "jung": "jeong",
    "chung": "jeong", "kang": "gang", "cho": "jo", "yoon": "yun", "lim": "im", "rim": "im", "shin": "sin", "kwon": "gwon",
    "ryu": "yu", "yoo": "yu", "roh": "no", "noh": "no", "ahn": "an", "koo": "gu", "woo": "u", "oh": "o", "moon": "mun",
}  # fmt: skip
#: Letters that Latin spellings of one Korean sound differ in.
_SOUNDS = (("ng", "n"), ("kk|gg|k|q|c(?!h)", "g"), ("ch|jj|zh|z", "j"), ("tt|t", "d"), ("pp|p|f|v", "b"), ("ss|sh", "s"),
           ("ll|l", "r"), ("[aeiouyw]+|h|-", ""))  # fmt: skip


@dataclass(frozen=True)
class Known:
    """A child of a family as the check for doubles needs it."""

    name: str
    born_on: date | None
    expected_on: date | None
    multiple: bool


def romanized(name: str) -> str:
    """Hangul syllables in Latin letters by sound; other letters folded to plain lower case."""
    written = []
    for letter in normalize("NFC", name):
        place = ord(letter) - 0xAC00
        if 0 <= place < 11172:
            initial, medial, final = place // 588, place % 588 // 28, place % 28
            written.append((_INITIALS[initial] + _MEDIALS[medial] + _FINALS[final]).replace("-", "") + "-")
        else:
            written.append(letter)
    folded = normalize("NFKD", "".join(written)).replace("ł", "l").replace("Ł", "l")
    return "".join(one for one in folded if not "\u0300" <= one <= "\u036f").lower()


def sound(name: str) -> str:
    """The consonants a name is heard by, alike for its Hangul and its usual Latin spellings."""
    words = re.findall(r"[a-z]+", romanized(name.replace("-", "")))
    if not words:
        return ""
    heard = "".join([_SURNAMES.get(words[0], words[0]), *words[1:]])
    for pattern, instead in _SOUNDS:
        heard = re.sub(pattern, instead, heard)
    return heard


def has_hangul(name: str) -> bool:
    """Whether a name has a Hangul syllable."""
    return any(0xAC00 <= ord(letter) < 0xAC00 + 11172 for letter in normalize("NFC", name))


def alike(one: str, other: str) -> bool:
    """Whether two names may be one: the same letters but for a slip, or the same sounds in two scripts."""
    if has_hangul(one) != has_hangul(other):
        return sound(one) == sound(other) != ""
    if has_hangul(one):  # syllables, not letters: one other syllable is another name
        first, second = ("".join(normalize("NFC", name).split()) for name in (one, other))
        return first == second
    first_words, second_words = (romanized(name).replace("-", " ").split() for name in (one, other))
    if len(first_words) != len(second_words):
        return SequenceMatcher(None, "".join(first_words), "".join(second_words)).ratio() >= ALIKE
    return all(
        SequenceMatcher(None, *pair).ratio() >= ALIKE for pair in zip(first_words, second_words, strict=True)
    )


def double_of(new: Known, family: list[Known]) -> Known | None:
    """The child of the family that the new one would be a second record of, if any.

    Of one birthday and with like names; or both unborn and expected within a month: an unborn child has no name yet, so
    twins before birth must be said to be twins.
    """
    for known in family:
        if new.born_on and known.born_on == new.born_on and alike(new.name, known.name):
            return known
        both_unborn = not new.born_on and not known.born_on and new.expected_on and known.expected_on
        if both_unborn and not new.multiple and abs((new.expected_on - known.expected_on).days) <= MONTH:  # type: ignore[operator]
            return known
    return None


def twin_of(new: Known, family: list[Known]) -> Known | None:
    """A sibling of the same birthday: then the new child must be said to be a twin."""
    return next((known for known in family if new.born_on and known.born_on == new.born_on), None)


def masked(name: str) -> str:
    """A name its family knows again and nobody else reads: 박•연 for 박서연, 박• for two syllables, P• S• in letters."""
    words = normalize("NFC", name).split()
    if len(words) == 1 and has_hangul(name) and len(words[0]) > 2:
        return f"{words[0][0]}{'•' * (len(words[0]) - 2)}{words[0][-1]}"
    return " ".join(f"{word[0]}•" for word in words)


def likeness(one: Known, other: Known, *, guardians_agree: bool) -> int:
    """Whether two records of two families may be one child: 0 no, 1 perhaps, 2 likely (a guardian agrees too).

    Born both: one birthday and like names. Before birth a name says little, for families use another one until the child is
    there: then the days must lie within a month, and a guardian must agree.
    """
    if one.born_on and other.born_on:
        same = one.born_on == other.born_on and alike(one.name, other.name)
        return (2 if guardians_agree else 1) if same else 0
    days = [known.born_on or known.expected_on for known in (one, other)]
    if not guardians_agree or days[0] is None or days[1] is None:
        return 0
    return 2 if abs((days[0] - days[1]).days) <= MONTH else 0
