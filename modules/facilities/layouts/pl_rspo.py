"""The Polish register of schools (RSPO): we take its preschools and pass over its schools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stdnum.pl import nip, regon

from modules.facilities.layouts.kinds import PL_PRESCHOOLS
from modules.facilities.layouts.layout import Layout, Place
from modules.facilities.layouts.teryt import region_code, voivodeship_code

if TYPE_CHECKING:
    from modules.facilities.layouts.record import Record

#: Types of operator that are persons: their name is nobody's business here.
_PERSON: Final = "osoba fizyczna"
#: What the register shows where it has no operator yet.
_UNKNOWN_OPERATOR: Final = frozenset({"dane do uzupełnienia", ""})


def _place(commune_code: str, commune: str, voivodeship: str) -> Place:
    code = region_code(commune_code)
    raw = " ".join(filter(None, (commune_code, commune)))
    return Place(raw, (code,) if code else (), code or voivodeship_code(voivodeship))


def _address(record: Record) -> str:
    """ul. Leśna 19/2, Międzyrzec Podlaski; in a village without streets its name and number."""
    house = "/".join(filter(None, (record["building"], record["unit"])))
    street, locality = record.text("street"), record.text("locality")
    if street:
        return ", ".join(filter(None, (f"{street} {house}".strip(), locality)))
    return f"{locality} {house}".strip()


def _operator(record: Record) -> str | None:
    if record["operator_type"].casefold().startswith(_PERSON):
        return None
    name = record.text("operator")
    return None if name.casefold() in _UNKNOWN_OPERATOR or _PERSON in name.casefold() else name


def _skip(record: Record) -> str | None:
    return None if record["kind"] in PL_PRESCHOOLS else record["kind"] or "?"


def _check(record: Record) -> None:
    if record["nip"] and not nip.is_valid(record["nip"]):
        record.warn("nip-invalid", "nip", record["nip"])
    if record["regon"] and not regon.is_valid(record["regon"]):
        record.warn("regon-invalid", "regon", record["regon"])


def _services(record: Record) -> tuple[str, ...]:
    return ("disabled_special",) if record["speciality"].casefold() == "specjalna" else ("general",)


LAYOUT: Final = Layout(
    name="pl-rspo",
    register="rspo",
    country="PL",
    columns={
        "register_no": ("Numer RSPO",),
        "kind": ("Typ",),
        "name": ("Nazwa",),
        "street": ("Ulica",),
        "building": ("Numer budynku",),
        "unit": ("Numer lokalu",),
        "postcode": ("Kod pocztowy",),
        "locality": ("Miejscowość",),
        "commune_code": ("Kod terytorialny gmina",),
        "commune": ("Gmina",),
        "province": ("Województwo",),
        "phone": ("Telefon",),
        "fax": ("Faks",),
        "homepage": ("Strona www",),
        "regon": ("REGON",),
        "nip": ("NIP",),
        "speciality": ("Specyfika placówki", "Specyfika szkoły"),
        "operator": ("Nazwa organu prowadzącego",),
        "operator_type": ("Typ organu prowadzącego",),
        "licensed_on": ("Data założenia",),
        "closed_on": ("Data likwidacji",),
        "enrolled": ("Liczba uczniów",),
    },
    required=("register_no", "kind", "name", "commune_code", "locality", "operator_type"),
    kinds=PL_PRESCHOOLS,
    encodings=("utf-8", "cp1250"),
    number_form=r"\d{1,7}",
    place_fields=("commune_code", "commune", "province"),
    place=_place,
    address=_address,
    operator=_operator,
    more_services=_services,
    skip=_skip,
    check=_check,
    status_from_dates=True,
)
