"""Places as registers name them: old and new names of one province, and which region a place lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

#: Every name a province has had and its region code (None where names of several codes share an entry).
_PROVINCES: Final[tuple[tuple[str, str | None, tuple[str, ...]], ...]] = (
    ("서울", "KR-11", ("서울특별시", "서울시")),
    ("부산", "KR-26", ("부산광역시", "부산시")),
    ("대구", "KR-27", ("대구광역시", "대구시")),
    ("인천", "KR-28", ("인천광역시", "인천시")),
    ("대전", "KR-30", ("대전광역시", "대전시")),
    ("울산", "KR-31", ("울산광역시", "울산시")),
    ("세종", "KR-36", ("세종특별자치시", "세종시")),
    ("경기", "KR-41", ("경기도",)),
    ("강원", None, ("강원특별자치도", "강원도")),
    ("충북", "KR-43", ("충청북도",)),
    ("충남", "KR-44", ("충청남도",)),
    ("전북", None, ("전북특별자치도", "전라북도")),
    # Merged in 2026; no district of the two has the name of another.
    ("전남광주", None, ("전남광주통합특별시", "광주광역시", "전라남도", "광주시", "광주", "전남")),
    ("경북", "KR-47", ("경상북도",)),
    ("경남", "KR-48", ("경상남도",)),
    ("제주", "KR-50", ("제주특별자치도", "제주도")),
)
_BY_NAME: Final = {
    spelling: (short, code, (*names, short))
    for short, code, names in _PROVINCES
    for spelling in (short, *names)
}
#: Districts renamed, by their province.
_RENAMED: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("인천", "남구"): ("미추홀구",),
    ("인천", "미추홀구"): ("남구",),
}


def province_key(name: str) -> str:
    """One name for a province, whatever it was called at the time; unknown names stand for themselves."""
    known = _BY_NAME.get(name)
    return known[0] if known else name


def province_code(name: str) -> str:
    """The region code of a Korean province, empty when its name alone does not tell."""
    known = _BY_NAME.get(name)
    return known[1] or "" if known else ""


def district_key(province: str, district: str) -> str:
    """One name for a district that was renamed: the later one."""
    renamed = {("인천", "남구"): "미추홀구"}
    return renamed.get((province_key(province), district), district)


def korean_candidates(province: str, district: str) -> tuple[str, ...]:
    """“Incheon, Nam-gu” (인천광역시 남구) by every name it may go by, the register's own first."""
    known = _BY_NAME.get(province)
    provinces = dict.fromkeys((province, *(known[2] if known else ())))
    districts = (district, *_RENAMED.get((province_key(province), district), ()))
    return tuple(f"{one} {other}".strip() for other in districts for one in provinces)


def inside(region: str, whole: str) -> bool:
    """Whether the region code lies in (or is) `whole`: KR-11-110 lies in KR-11 and in KR."""
    return region == whole or region.startswith(f"{whole}-")


def resolver(regions: Iterable[tuple[str, Mapping[str, str]]]) -> Callable[[str], str | None]:
    """A `region_of` over open regions, given as (code, {language or anything: name}).

    Finds a region by its code, by "parent's name own name", and by its own name where only one bears it.
    """
    names = {code: set(spelled.values()) for code, spelled in regions}
    found: dict[str, set[str]] = {}
    for code, spelled in names.items():
        found.setdefault(code, set()).add(code)
        parent = code.rpartition("-")[0]
        for name in spelled:
            found.setdefault(name, set()).add(code)
            for above in names.get(parent, ()):
                found.setdefault(f"{above} {name}", set()).add(code)

    def region_of(name: str) -> str | None:
        codes = found.get(name, set())
        return next(iter(codes)) if len(codes) == 1 else None

    return region_of
