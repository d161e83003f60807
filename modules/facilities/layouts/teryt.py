"""Polish communes by name and by TERYT code, for registers that give only one of the two."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path
from typing import Final

from modules.facilities.layouts.layout import Place

_TABLE: Final = Path(__file__).parent / "data" / "pl_communes.csv"
#: The last digit of a seven-digit code: 8 a district of Warsaw, 9 a part of Kraków, Łódź, Poznań, Wrocław.
#: Both belong to the commune numbered 01 of their county.
_CITY_PARTS: Final = "89"
_URBAN: Final = frozenset({"miasto"})


def region_code(teryt: str) -> str:
    """The region of a commune code: "0601011", "060101", "601011" (its zero lost) are PL-06-060101; else "".

    The seventh digit tells town from country inside one commune and is not part of the region.
    """
    if not (teryt.isascii() and teryt.isdigit() and 5 <= len(teryt) <= 7):
        return ""
    # Six digits are a code without its kind, or one with its kind that lost its zero: the table knows which.
    code = teryt.zfill(6) if len(teryt) == 5 or teryt in _communes()[1] else teryt.zfill(7)
    if len(code) == 7:
        code = f"{code[:4]}01" if code[6] in _CITY_PARTS else code[:6]
    return f"PL-{code[:2]}-{code}" if code[:2] in _communes()[2].values() else ""


def voivodeship_code(name: str) -> str:
    """The region of a voivodeship ("OPOLSKIE" is PL-16), "" if there is none of that name."""
    number = _communes()[2].get(name.casefold(), "")
    return f"PL-{number}" if number else ""


def place_by_names(voivodeship: str, county: str, commune: str, locality_type: str = "") -> Place:
    """The place of a commune named as in the registers. A town and the country around it may be two communes
    of one name: `locality_type` ("miasto", "wieś") tells them apart."""
    raw = ", ".join(filter(None, (voivodeship, county, commune)))
    found = _communes()[0].get((voivodeship.casefold(), county.casefold(), commune.casefold()), {})
    kinds = ("1", "3", "2") if locality_type.casefold() in _URBAN else ("2", "3", "1")
    code = next((found[kind] for kind in kinds if kind in found), "")
    if code:
        region = f"PL-{code[:2]}-{code}"
        return Place(raw, (region,), region)
    return Place(raw, (), voivodeship_code(voivodeship))


@lru_cache(maxsize=1)
def _communes() -> tuple[dict[tuple[str, str, str], dict[str, str]], frozenset[str], dict[str, str]]:
    """(voivodeship, county, commune) → {kind: code}; all commune codes; voivodeship name → number."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        units = [(code, kind, name.casefold()) for code, kind, name in csv.reader(file, delimiter=";")]
    above = {code: name for code, kind, name in units if not kind}
    names: dict[tuple[str, str, str], dict[str, str]] = {}
    for code, kind, name in units:
        if kind:
            part = kind in _CITY_PARTS
            by_kind = names.setdefault((above[code[:2]], above[code[:4]], name), {})
            by_kind["1" if part else kind] = f"{code[:4]}01" if part else code
    numbers = {name: code for code, name in above.items() if len(code) == 2}
    return names, frozenset(code for code, kind, _name in units if kind in ("1", "2", "3")), numbers
