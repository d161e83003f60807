"""Files of open data kept under the home, named by what they contain: an unchanged register is written once.

A small region's file is made while the caller waits; a large one by a job, so that no visitor can keep a worker busy.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import sqlalchemy as sa

from core.sdk import atlas, db, enqueue, running, scope
from modules.facilities.models import Facility, Service
from modules.facilities.open_data import files
from modules.facilities.open_data.facts import FIELDS, facts
from modules.facilities.open_data.terms import Terms, terms
from modules.facilities.search import Search

#: More centres than this are written by a job.
MADE_AT_ONCE = 5_000
JOB = "facilities.open_data.make"
#: Rises when what the files contain changes.
_VERSION = 1


@dataclass(frozen=True)
class Kept:
    """A file to give: `path` is None while its first edition is being made."""

    path: Path | None
    etag: str
    fresh: bool


@dataclass(frozen=True)
class _Edition:
    region: str
    form: str
    mark: str
    count: int
    terms: Terms

    @property
    def path(self) -> Path:
        return _folder() / f"{self.region}-{self.mark}.{self.form}"


def current_file(region: str, form: str) -> Kept:
    """The newest edition of a region's file; makes it when small, asks a job for it when large. Region and form exist."""
    with scope.public():
        edition = _edition(region, form)
        if not edition.path.exists() and edition.count <= MADE_AT_ONCE:
            _write(edition)
    if edition.path.exists():
        return Kept(edition.path, edition.mark, fresh=True)
    _ask(edition)
    older = _editions(region, form)
    return Kept(older[-1] if older else None, older[-1].stem if older else "", fresh=False)


def make(region: str, form: str) -> None:
    """Write the current edition if it is not there yet; for the job, which may run twice."""
    with scope.public():
        edition = _edition(region, form)
        if not edition.path.exists():
            _write(edition)


def renew(region_no: int) -> None:
    """Make the current edition of every file that was ever asked for, of the region and of those above it."""
    tree = atlas()
    for no in tree.chain(region_no):
        code = tree.nodes[no].code
        for form in files.FORMS:
            if _editions(code, form):
                make(code, form)


def _edition(region: str, form: str) -> _Edition:
    """What the file would contain now, by a mark that changes with any row, its licence or its source."""
    conditions = Search(region=region, closed=True).conditions()
    stamp = sa.func.sum(sa.func.extract("epoch", Facility.changed_at))
    count, changed = db.session.execute(sa.select(sa.func.count(), stamp).where(*conditions)).one()
    found = terms(atlas().by_code[region].no, conditions)
    content = repr((_VERSION, count, str(changed), found))
    return _Edition(region, form, hashlib.blake2b(content.encode(), digest_size=12).hexdigest(), count, found)


def _write(edition: _Edition) -> None:
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".making-", delete=False) as file:
        try:
            files.write(
                edition.form, cast("BinaryIO", file), edition.region, edition.terms, _rows(edition.region)
            )
        except BaseException:
            Path(file.name).unlink()
            raise
    older = _editions(edition.region, edition.form)
    os.replace(file.name, edition.path)  # noqa: PTH105  a reader sees the whole file or none
    for path in older:
        if path != edition.path:
            path.unlink(missing_ok=True)


def _rows(region: str) -> Iterator[dict[str, Any]]:
    """All published rows of a region by number, in one query read piece by piece."""
    offered = (
        sa.select(sa.func.array_agg(Service.service))
        .where(Service.facility_id == Facility.id, Service.standing != "paused")
        .scalar_subquery()
    )
    columns = [
        getattr(Facility, name) for name in FIELDS if name not in ("region", "places_free", "services")
    ]
    query = (
        sa.select(Facility.region_no, *columns, offered.label("offered"))
        .where(*Search(region=region, closed=True).conditions())
        .order_by(Facility.id)
        .execution_options(yield_per=1000)
    )
    for row in db.session.execute(query):
        yield facts(row, row.offered or ())


def _ask(edition: _Edition) -> None:
    """Have the edition made; within an hour one row is enough however many ask."""
    hour = datetime.now(UTC).strftime("%Y%m%d%H")
    with scope.system("a visitor asked for open data"):
        enqueue(JOB, key=f"{edition.path.name}:{hour}", region=edition.region, form=edition.form)
        db.session.commit()


def _folder() -> Path:
    return running().settings.home / "open-data"


def _editions(region: str, form: str) -> list[Path]:
    """Editions there are, the newest last."""
    return sorted(_folder().glob(f"{region}-{'[0-9a-f]' * 24}.{form}"), key=lambda path: path.stat().st_mtime)
