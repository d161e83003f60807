"""Photographs of meals: added by the centre, cleaned, kept under the home, taken down with a reason (S2-28).

A file is named by its content and lies in its centre's folder; the name it was uploaded under is forgotten.
"""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO, ClassVar

import sqlalchemy as sa

from core.sdk import Refusal, _, because, db, documents, require, running, scope, write_whole
from modules.facilities.models import Facility, MealPhoto

MAX_A_DAY = 6
MAX_CAPTION = 200
#: Meals longer ago are news to nobody.
OLDEST = timedelta(days=31)
#: A younger file may belong to an upload that is being committed (seconds).
_SETTLED = 3600


class BadPhotograph(Refusal):
    """A photograph that cannot be shown for this day."""

    code: ClassVar[str] = "facility.bad-photograph"
    http: ClassVar[int] = 422


def add_photograph(facility: Facility, upload: BinaryIO, day: date, caption: str) -> MealPhoto:
    """Show a meal of a day; the caption says in words what is on the plate, for those who cannot see it."""
    require("facilities.meal_photo.create", at=facility.id)
    words, today = " ".join(caption.split()), scope.current().on_date
    if not words or len(words) > MAX_CAPTION:
        raise BadPhotograph(_("Say in at most %(most)s characters what is on the plate.", most=MAX_CAPTION))
    if not today - OLDEST <= day <= today:
        raise BadPhotograph(_("Choose a day of the last month, up to today."))
    there = db.session.scalars(
        sa.select(MealPhoto.sha256).where(MealPhoto.facility_id == facility.id, MealPhoto.day == day)
    ).all()
    if len(there) >= MAX_A_DAY:
        raise BadPhotograph(_("A day has at most %(most)s photographs: take one down first.", most=MAX_A_DAY))
    content = documents.clean_picture(upload)
    photo = MealPhoto(
        facility_id=facility.id, day=day, caption=words, sha256=hashlib.sha256(content).hexdigest()
    )
    if photo.sha256 in there:
        raise BadPhotograph(_("This photograph is shown on that day already."))
    write_whole(file_of(photo), content)
    db.session.add(photo)
    db.session.flush()
    return photo


def take_down(photo: MealPhoto, reason: str) -> None:
    """Stop showing a photograph; the record goes, who did it and why stays in the history.

    The caller commits and then calls `discard`, so that a failed commit leaves the picture whole.
    """
    require("facilities.meal_photo.remove", at=photo.facility_id)
    because(reason)
    db.session.delete(photo)
    db.session.flush()


def discard(facility_id: int, sha256: str) -> None:
    """Delete a file that no record of its centre names any more; internal, its record was taken down by somebody allowed."""
    query = sa.select(sa.exists().where(MealPhoto.facility_id == facility_id, MealPhoto.sha256 == sha256))
    if not db.session.scalar(query):
        _path(facility_id, sha256).unlink(missing_ok=True)


def sweep() -> int:
    """Delete files without a record, as a crash between file and commit leaves them; gives how many."""
    require("facilities.meal_photo.remove")
    gone, before = 0, time.time() - _SETTLED
    folders = [path for path in _root().glob("*") if path.name.isdecimal()]
    for start in range(0, len(folders), 500):
        part = folders[start : start + 500]
        numbers = [int(path.name) for path in part]
        known: dict[int, set[str]] = defaultdict(set)
        query = sa.select(MealPhoto.facility_id, MealPhoto.sha256).where(MealPhoto.facility_id.in_(numbers))
        for number, sha256 in db.session.execute(query):
            known[number].add(sha256)
        for path in (file for folder in part for file in folder.iterdir()):
            if path.stem not in known[int(path.parent.name)] and path.stat().st_mtime < before:
                path.unlink(missing_ok=True)
                gone += 1
    return gone


def file_of(photo: MealPhoto) -> Path:
    """Where a photograph lies."""
    return _path(photo.facility_id, photo.sha256)


def _root() -> Path:
    return running().settings.home / "uploads" / "photographs"


def _path(facility_id: int, sha256: str) -> Path:
    return _root() / str(facility_id) / f"{sha256}.jpg"
