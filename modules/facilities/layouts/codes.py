"""Everything that can be wrong with a row of a register: stable codes, how heavy they are, what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from core.sdk import _

if TYPE_CHECKING:
    from collections.abc import Mapping

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Code:
    """How heavy a defect is (an error leaves the row out) and the sentence shown for it."""

    severity: Severity
    #: A lazy translation with %(field)s and %(value)s in it.
    message: object


def _error(message: object) -> Code:
    return Code("error", message)


def _warning(message: object) -> Code:
    return Code("warning", message)


#: Reports, tests and people's own scripts rely on these names: add, never rename.
CATALOGUE: Final[Mapping[str, Code]] = {
    # The row cannot be identified or placed: it is left out.
    "column-count": _error(_("The row has %(value)s columns.")),
    "quotes-broken": _error(_("The quotation marks of the row do not match: %(value)s.")),
    "formula-in-cell": _error(_("The column “%(value)s” holds a formula; write its value instead.")),
    "register-number-missing": _error(_("The row has no register number.")),
    "register-number-invalid": _error(_("“%(value)s” is not a number of this register.")),
    "register-number-duplicate": _error(_("The same register number stands on line %(value)s already.")),
    "name-missing": _error(_("The facility has no name.")),
    "region-unknown": _error(_("No open region is called “%(value)s”.")),
    # The row is kept; a person should look at it.
    "address-missing": _warning(_("The facility has no address.")),
    "ages-do-not-add-up": _warning(_("The children by age do not add up to their total: %(value)s.")),
    "capacity-missing": _warning(_("The facility has no number of places.")),
    "classes-do-not-add-up": _warning(_("The classes by age do not add up to their total: %(value)s.")),
    "closed-without-date": _warning(_("The facility is closed but the day of closing is missing.")),
    "coordinates-missing": _warning(_("The facility has no coordinates.")),
    "coordinates-outside-country": _warning(
        _("The point %(value)s lies outside the country and was left out.")
    ),
    "coordinates-outside-district": _warning(
        _("The point %(value)s lies outside the facility's own district.")
    ),
    "coordinates-placeholder": _warning(_("The point %(value)s stands for “unknown” and was left out.")),
    "date-invalid": _warning(_("“%(value)s” is not a date (%(field)s).")),
    "date-order": _warning(_("The dates are in the wrong order: %(value)s.")),
    "email-in-homepage": _warning(
        _("An e-mail address stood in the field for the homepage; it was not kept.")
    ),
    "email-in-text": _warning(_("An e-mail address stood in the field %(field)s; it was not kept.")),
    "enrolled-differs": _warning(
        _("The children enrolled differ from the total of the children by age: %(value)s.")
    ),
    "fax-impossible": _warning(_("“%(value)s” cannot be a fax number and was left out.")),
    "homepage-invalid": _warning(
        _("What stood in the field for the homepage is no web address; it was not kept.")
    ),
    "kind-damaged": _warning(
        _("The kind “%(value)s” was damaged on its way; the only kind it can be was taken.")
    ),
    "kind-unknown": _warning(_("The kind “%(value)s” is unknown; the facility is listed under “other”.")),
    "more-children-than-places": _warning(_("More children than places: %(value)s.")),
    "name-repeated": _warning(
        _("Another facility of this district that is not closed has the same name: %(value)s.")
    ),
    "name-repeated-closed": _warning(_("A closed facility of this district has the same name: %(value)s.")),
    "nip-invalid": _warning(_("The check digit of the tax number (NIP) %(value)s is wrong.")),
    "number-invalid": _warning(_("“%(value)s” is not a number that can stand in %(field)s.")),
    "postcode-invalid": _warning(_("“%(value)s” is not a postcode.")),
    "regon-invalid": _warning(_("The check digit of the statistical number (REGON) %(value)s is wrong.")),
    "service-unknown": _warning(_("The service “%(value)s” is unknown.")),
    "staff-do-not-add-up": _warning(_("The numbers of staff contradict each other: %(value)s.")),
    "status-missing": _warning(_("The register does not say whether the facility is open.")),
    "status-unknown": _warning(_("The status “%(value)s” is unknown.")),
    "telephone-impossible": _warning(_("“%(value)s” cannot be a telephone number and was left out.")),
}
