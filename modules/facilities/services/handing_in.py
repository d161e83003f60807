"""Registers handed in at the back office: kept under the home until a job has read them, with progress.

The file lies in a folder of its own under `<home>/uploads/registers`, under the name it was handed in with, because
the import keeps that name. It is deleted a week later, whatever became of it.
"""

from __future__ import annotations

import shutil
import time
import uuid
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, ClassVar

from core.sdk import DolbomError, Progress, Refusal, _, atlas, db, enqueue, require, running
from modules.facilities.layouts import find_layout
from modules.facilities.layouts.endings import ENDINGS, HEAD, fits, is_known
from modules.facilities.services.importing import import_register

JOB = "facilities.register.read"
KEPT = timedelta(days=7)
_LONGEST_NAME = 120


class NoFile(Refusal):
    """Nothing was handed in."""

    code: ClassVar[str] = "facilities.no-file"
    http: ClassVar[int] = 422


class WrongEnding(Refusal):
    """The name's ending is none of a register's, or the file is something else than it says."""

    code: ClassVar[str] = "facilities.wrong-ending"
    http: ClassVar[int] = 422


def hand_in(upload: IO[bytes], name: str, layout: str, region_code: str, *, compare: bool) -> int:
    """Keep a register and have it read after the caller's commit; gives the job's number.

    Refuses at once what needs no reading: no file, a name that says something else than the file, an unknown layout or
    region, no right there.
    """
    region = atlas().find(region_code)
    require("facilities.facility.import", at=region.no)
    plain = Path(name.replace("\\", "/")).name.replace("\0", "")[-_LONGEST_NAME:]
    if not plain or plain.startswith("."):
        raise NoFile(_("Choose a file first."))
    find_layout(layout)
    upload = _as_named(upload, plain)
    folder = uuid.uuid4().hex
    path = _root() / folder / plain
    path.parent.mkdir(parents=True)
    try:
        with path.open("wb") as kept:
            shutil.copyfileobj(upload, kept)
    except BaseException:  # half a register must not wait for its job on a full disk
        shutil.rmtree(path.parent, ignore_errors=True)
        raise
    number = enqueue(
        JOB, place=region.no, folder=folder, file=plain, layout=layout, region=region_code, compare=compare
    )
    assert number is not None, "without a key each call writes a row"
    return number


def _as_named(upload: IO[bytes], name: str) -> IO[bytes]:
    """The upload, at its beginning. Raises `WrongEnding`."""
    if not is_known(name):
        raise WrongEnding(
            _("%(name)s is no register: hand in a file that ends in %(endings)s.", name=name, endings=", ".join(ENDINGS))
        )
    head = upload.read(HEAD)
    upload.seek(0)
    if not fits(name, head):
        raise WrongEnding(
            _("%(name)s is not what its ending says: save it anew from the program it comes from.", name=name)
        )
    return upload


def read(folder: str, file: str, layout: str, region_code: str, *, compare: bool, progress: Progress) -> None:
    """Import or compare a register that was handed in; a refusal is the result too, in the reader's words.

    A comparison and a refused import leave nothing behind.
    """
    require("facilities.facility.import", at=atlas().find(region_code).no)

    def tick(done: int, total: int, what: Any) -> None:
        if progress.total != total:
            progress.expect(total)
        progress.step(done - progress.done, what)

    part = db.session.begin_nested()
    try:
        report = import_register(_root() / folder / file, layout, region_code, dry_run=compare, tick=tick)
    except DolbomError as refused:
        part.rollback()
        if refused.http >= 500:
            raise
        progress.result(refused=str(refused))
        return
    if compare:
        part.rollback()
    else:
        part.commit()
    progress.result(**asdict(report))


def sweep_registers() -> int:
    """Delete what was handed in longer ago than `KEPT`; gives how many."""
    require("facilities.facility.import")
    before = time.time() - KEPT.total_seconds()
    old = [folder for folder in _root().glob("*") if folder.stat().st_mtime < before]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def _root() -> Path:
    return running().settings.home / "uploads" / "registers"
