"""How questions and answers of the open API look: the source of its part of the OpenAPI document."""

from __future__ import annotations

from core.sdk import api
from modules.facilities.models.facility import STATUSES
from modules.facilities.words import SERVICES

MAX_SIZE = 100
f = api.fields


class Question(api.Schema):
    """The search of the public page, and which page of it."""

    q = f.String(load_default="", validate=api.validators.Length(max=100),
                 metadata={"description": "Words of name or address, in any script."})  # fmt: skip
    region = f.String(load_default="", metadata={"description": "Code of a region, e.g. KR-11."})
    kind = f.List(f.String(), load_default=list, validate=api.validators.Length(max=20),
                  metadata={"description": "Kinds of centre; several mean any of them."})  # fmt: skip
    service = f.List(f.String(validate=api.validators.OneOf(list(SERVICES))), load_default=list,
                     metadata={"description": "Services offered; several mean all of them."})  # fmt: skip
    free = f.Boolean(load_default=False, metadata={"description": "Only centres with free places."})
    closed = f.Boolean(load_default=False, metadata={"description": "Closed centres too."})
    lat = f.Float(load_default=None, validate=api.validators.Range(-90, 90))
    lon = f.Float(load_default=None, validate=api.validators.Range(-180, 180),
                  metadata={"description": "With `lat`: the nearest centres first, without pages."})  # fmt: skip
    at = f.String(load_default=None, metadata={"description": "Where to go on: `next` of the page before."})
    size = f.Integer(load_default=40, validate=api.validators.Range(1, MAX_SIZE))


class Centre(api.Schema):
    """What is given away about a centre."""

    code = f.String()
    name = f.String()
    kind = f.String()
    status = f.String(validate=api.validators.OneOf(STATUSES))
    region = f.String(metadata={"description": "Code of the district."})
    address = f.String()
    postcode = f.String()
    phone = f.String()
    homepage = f.String()
    lat = f.Float(allow_none=True)
    lon = f.Float(allow_none=True)
    licensed_on = f.Date(allow_none=True)
    closed_on = f.Date(allow_none=True)
    capacity = f.Integer(allow_none=True)
    enrolled = f.Integer(allow_none=True)
    places_free = f.Integer(allow_none=True)
    rooms = f.Integer(allow_none=True)
    room_area_m2 = f.Decimal(as_string=True, allow_none=True)
    playgrounds = f.Integer(allow_none=True)
    cctv = f.Integer(allow_none=True)
    staff_count = f.Integer(allow_none=True)
    bus = f.Boolean(allow_none=True)
    services = f.List(f.String())
    register = f.String()
    register_no = f.String()
    source = f.String()
    source_on = f.Date(allow_none=True)


class Answer(api.Schema):
    """One page of centres."""

    facilities = f.List(f.Nested(Centre))
    next = f.String(allow_none=True, metadata={"description": "Mark of the next page, if there is one."})
    previous = f.String(allow_none=True)


class Ages(api.Schema):
    """Classes and children of one age (S2-35)."""

    age = f.String()
    classes = f.Integer(allow_none=True)
    children = f.Integer(allow_none=True)


class Offered(api.Schema):
    """A service with its standing."""

    service = f.String()
    standing = f.String()


class Hours(api.Schema):
    """Hours of a weekday (1 = Monday) in a season."""

    season = f.String()
    weekday = f.Integer()
    opens = f.Time(format="%H:%M")
    closes = f.Time(format="%H:%M")
    meals = f.Integer()
    snacks = f.Integer()


class ClosingDay(api.Schema):
    """A day the centre is closed, and why."""

    day = f.Date()
    reason = f.String()


class Fee(api.Schema):
    """A fee in the smallest unit of its currency."""

    name = f.String()
    amount = f.Integer()
    unit = f.String()


class Told(api.Schema):
    """What the centre tells parents (S2-30 … S2-34)."""

    fees = f.List(f.Nested(Fee))
    currency = f.String()
    programmes = f.String()
    insurance = f.String()
    meals = f.String()
    extent = f.String()


class WholeCentre(Centre):
    """Everything that is published about one centre."""

    offered = f.List(f.Nested(Offered))
    ages = f.List(f.Nested(Ages))
    hours = f.List(f.Nested(Hours))
    closing_days = f.List(f.Nested(ClosingDay))
    told = f.Nested(Told, allow_none=True)


class WhichFile(api.Schema):
    """Whose register as a file."""

    region = f.String(required=True, metadata={"description": "Code of a region, e.g. KR-11."})
