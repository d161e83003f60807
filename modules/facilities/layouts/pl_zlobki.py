"""The Polish register of nurseries and children's clubs (rejestr żłobków); it names communes but no codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from modules.facilities.layouts.kinds import PL_NURSERIES
from modules.facilities.layouts.layout import Layout
from modules.facilities.layouts.teryt import place_by_names

if TYPE_CHECKING:
    from modules.facilities.layouts.record import Record


def _address(record: Record) -> str:
    # The register publishes no street: postcode and town are all there is.
    return " ".join(filter(None, (record.text("street"), record["postcode"], record.text("locality"))))


def _services(record: Record) -> tuple[str, ...]:
    return ("general", "disabled_integrated") if record.flag("adapted") else ("general",)


LAYOUT: Final = Layout(
    name="pl-zlobki",
    register="pl-rz",
    country="PL",
    columns={
        "register_no": ("Identyfikator instytucji",),
        "kind": ("Typ instytucji",),
        "name": ("Nazwa instytucji",),
        "province": ("Województwo",),
        "county": ("Powiat",),
        "commune": ("Gmina",),
        "locality": ("Miejscowość",),
        "locality_type": ("Typ miejscowości",),
        "street": ("Ulica",),
        "postcode": ("Kod pocztowy",),
        "adapted": ("Czy dostosowany do dzieci z niepełnosprawnościami?",),
        "capacity": ("Liczba miejsc",),
        "enrolled": ("Liczba dzieci zapisanych",),
    },
    required=("register_no", "kind", "name", "province", "county", "commune", "capacity"),
    kinds=PL_NURSERIES,
    encodings=("utf-8", "cp1250"),
    number_form=r"\d{1,7}/[A-Z]{1,3}",
    place_fields=("province", "county", "commune", "locality_type"),
    place=place_by_names,
    address=_address,
    more_services=_services,
    status_from_dates=True,
)
