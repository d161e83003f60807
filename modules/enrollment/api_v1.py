"""The open API of waiting lists and free places, version 1: what the public pages show, for other sites and other cities (S2-51, S2-53).

No sign-in, no names: pseudonyms as in the public log, with its head, so that a program of another installation can compare.
"""

from __future__ import annotations

from typing import Any

from core.sdk import NotFound, _, activation, api, open_to_all, require
from modules.enrollment import words
from modules.enrollment.services import explaining, places
from modules.facilities import api as facilities
from modules.transparency import api as log

bp = api.Api("enrollment", __name__, title="Waiting lists")
PUBLIC = "waiting lists and free places are public by pseudonym (S2-14, S2-51)"
f = api.fields


class Places(api.Schema):
    """The places of one class."""

    year = f.Integer(metadata={"description": "The school year begins in March of this year."})
    class_age = f.Integer()
    places = f.Integer()
    free = f.Integer(metadata={"description": "Neither taken nor being offered."})


class Waiting(api.Schema):
    """One list of a centre."""

    name = f.String(metadata={"description": "What `list` asks for, e.g. rolling-2."})
    title = f.String()
    waiting = f.Integer()


class Lists(api.Schema):
    """What a centre has free, and who waits for it."""

    facility = f.String()
    classes = f.List(f.Nested(Places))
    lists = f.List(f.Nested(Waiting))
    head = f.Dict(metadata={"description": "Size and root of the newest sealed head of the public log."})


class Which(api.Schema):
    """Which list, and which part of it."""

    list = f.String(load_default="", validate=api.validators.Length(max=60), metadata={"description": "e.g. rolling-2; default: the first."})
    after = f.Integer(load_default=0, validate=api.validators.Range(0, 1_000_000), metadata={"description": "Places to leave out before."})
    size = f.Integer(load_default=100, validate=api.validators.Range(1, 500))


class Standing(api.Schema):
    """One entry of a list."""

    rank = f.Integer()
    entry = f.String(metadata={"description": "Its pseudonym."})
    tier = f.Integer()
    points = f.Integer()
    leaf = f.Integer(allow_none=True, metadata={"description": "Index of the leaf since which the place holds."})


class Order(api.Schema):
    """A list in its order."""

    facility = f.String()
    list = f.String()
    size = f.Integer()
    leaves = f.Integer(metadata={"description": "Size of the newest sealed head."})
    root = f.String()
    entries = f.List(f.Nested(Standing))


@bp.get("/api/v1/facilities/<code>/lists")
@bp.output(Lists)
@open_to_all(PUBLIC)
def lists(code: str) -> dict[str, Any]:
    """Free places and waiting lists of a centre."""
    centre = _centre(code)
    require("enrollment.place.read")
    size, root = log.head()
    return {
        "facility": centre.code, "classes": places.classes(centre.id), "head": {"size": size, "root": root},
        "lists": [
            {"name": name.rpartition("/")[2], "title": words.list_title(name), "waiting": count}
            for name, count in places.waiting_by_list(centre.id).items()
        ],
    }  # fmt: skip


@bp.get("/api/v1/facilities/<code>/waiting")
@bp.input(Which, location="query", arg_name="asked")
@bp.output(Order)
@open_to_all(PUBLIC)
def waiting(code: str, asked: dict[str, Any]) -> dict[str, Any]:
    """One list in its order, a part at a time."""
    centre = _centre(code)
    require("enrollment.entry.read")
    return explaining.shown(centre.code, asked["list"], after=asked["after"], limit=asked["size"])


class Place(api.Schema):
    """Where an entry stands, by its pseudonym."""

    entry = f.String()
    list = f.String()
    state = f.String()
    tier = f.Integer()
    points = f.Integer()
    rank = f.Integer(allow_none=True, metadata={"description": "1 is next; null when it no longer waits."})
    ahead = f.Dict(metadata={"description": "How many wait before it by tier; groups below five are joined."})


@bp.get("/api/v1/waiting/<entry>")
@bp.output(Place)
@open_to_all(PUBLIC)
def place(entry: str) -> dict[str, Any]:
    """The place of one entry, for whoever knows its sign."""
    require("enrollment.entry.read")
    return explaining.placed(entry)


def _centre(code: str) -> facilities.Centre:
    centre = facilities.centre_of(code)
    if centre is None or not activation.is_active("enrollment", centre.id):
        raise NotFound(_("There is no centre with this code. Search for it by name."))
    return centre

