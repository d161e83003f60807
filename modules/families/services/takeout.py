"""Everything of a family in one file it can keep, read and give to others (E-18, D-24), and its days as a calendar."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import IO, Any

import icalendar
import sqlalchemy as sa

from core.sdk import _, ask, audit, db, documents, require, scope, sealed_files
from modules.families import words
from modules.families.models import Child, Collector, Consent, Document, Family, Guardian, Request, Sharing
from modules.families.models.papers import AREA
from modules.families.questions import Moment, Taken
from modules.messaging import api as messaging

#: More rows of one table no family has; beyond them something is wrong, and the file says so by its length.
MOST = 2000
_ENDINGS = {"jpeg": "jpg", "pdf": "pdf"}


def tables_of(family: Family) -> list[Taken]:
    """What is kept about a family, ours first, then every module's that is on where it lives."""
    require("families.family.read")
    number, region = family.id, family.region_no
    asked = [table for answer in ask("takeout", at=region, family_id=number) for table in answer]
    return [*_ours(number), *asked]


def write_takeout(family: Family, readme: str) -> IO[bytes]:
    """A ZIP with the tables as CSV and JSON, the papers as they lie here, the calendar, and a page that explains it."""
    require("families.family.read")
    tables, days = tables_of(family), days_of(family)
    papers = db.session.execute(
        sa.select(Document.id, Document.family_id, Document.kind, Document.form, Document.file)
        .where(Document.family_id == family.id, Document.file != "")
        .order_by(Document.id)
        .limit(MOST)
    ).all()
    made = tempfile.TemporaryFile()  # noqa: SIM115  whoever sends it closes it
    try:
        _pack(made, tables, days, papers, readme)
    except BaseException:
        made.close()
        raise
    made.seek(0)
    return made


def _pack(made: IO[bytes], tables: list[Taken], days: list[Moment], papers: Sequence[Any], readme: str) -> None:
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("read-me.html", readme)
        archive.writestr("data.json", _json(tables))
        for table in tables:
            columns = [documents.Column(title) for title in table.columns]
            archive.writestr(f"tables/{table.name}.csv", documents.write_csv(columns, table.rows))
        for row in papers:
            content = sealed_files.opened(AREA, row.family_id, row.file)
            archive.writestr(f"papers/{row.id}-{row.kind}.{_ENDINGS[row.form]}", content, zipfile.ZIP_STORED)
        archive.writestr("calendar.ics", calendar(days))


def days_of(family: Family) -> list[Moment]:
    """The days a family should not miss, the next first."""
    require("families.family.read")
    found = [moment for answer in ask("family_days", at=family.region_no, family_id=family.id) for moment in answer]
    return sorted(found, key=lambda moment: (moment.on, moment.key))


def calendar(days: list[Moment]) -> bytes:
    """The days as a file every calendar opens (RFC 5545); imported again, moved days move and nothing is doubled."""
    made = icalendar.Calendar()
    made.add("prodid", "-//Dolbom//family//EN")
    made.add("version", "2.0")
    for moment in days:
        event = icalendar.Event()
        event.add("uid", f"{moment.key}@dolbom")
        event.add("dtstamp", datetime.now(UTC))
        event.add("dtstart", moment.on)
        event.add("summary", moment.title)
        if moment.text:
            event.add("description", moment.text)
        made.add_component(event)
    return bytes(made.to_ical())


def _json(tables: list[Taken]) -> str:
    whole = {
        table.name: [dict(zip(table.columns, map(_plain, row), strict=True)) for row in table.rows] for table in tables
    }
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value if value is None else str(value)


def _ours(number: int) -> list[Taken]:
    names = {row.id: row.name for row in db.session.execute(sa.select(Child.id, Child.name).where(Child.family_id == number))}
    return [
        _table("children", _("Our children"), Child, number, {
            _("Full name"): "name", _("Birthday"): "born_on", _("Expected on"): "expected_on", _("Twin or more"): "multiple",
            _("Registered"): "registered_at",
        }),
        _table("guardians", _("Guardians"), Guardian, number, {
            _("Full name"): "name", _("Relation"): lambda one: words.RELATIONS[one.relation], _("Telephone"): "phone",
            _("E-mail"): "email", _("Postal address"): "postal",
        }),
        _table("collectors", _("Persons who may collect"), Collector, number, {
            _("Child"): lambda one: names.get(one.child_id), _("Full name"): "name", _("Telephone"): "phone",
            _("Relation"): "relation", _("From day"): "starts_on", _("Until"): "ends_on",
        }),
        _table("consents", _("Consents"), Consent, number, {
            _("Child"): lambda one: names.get(one.child_id), _("Consent"): lambda one: words.consent(one.purpose),
            _("Consented on"): "given_at", _("Withdrawn on"): "withdrawn_at",
        }),
        _table("shared", _("Who sees the child"), Sharing, number, {
            _("Child"): lambda one: names.get(one.child_id), _("Centre number"): "facility_id",
            _("Why"): lambda one: words.PURPOSES.get(one.purpose, one.purpose), _("From day"): "since", _("Until"): "ends_on",
        }),
        _table("papers", _("Papers"), Document, number, {
            _("Number"): "id", _("Child"): lambda one: names.get(one.child_id), _("Paper"): lambda one: words.paper(one.kind),
            _("Handed in"): "handed_at", _("State"): lambda one: words.PAPER_STATES[one.status][1], _("Note"): "note",
        }),
        _messages(),
        _looked_at(number),
        _table("requests", _("Requests about your data"), Request, number, {
            _("Asked for"): lambda one: words.REQUESTS[one.kind], _("Text"): "text", _("Made"): "made_at",
            _("Answer"): "answer", _("Answered"): "answered_at",
        }),
    ]  # fmt: skip


def _table(name: str, title: Any, model: Any, number: int, columns: dict[Any, Any]) -> Taken:
    rows = db.session.scalars(sa.select(model).where(model.family_id == number).order_by(model.id).limit(MOST)).all()
    cells = [[_cell(row, what) for what in columns.values()] for row in rows]
    return Taken(name, str(title), [str(column) for column in columns], cells)


def _cell(row: Any, what: Any) -> Any:
    value = what(row) if callable(what) else getattr(row, what)
    return value if value is None or isinstance(value, date | datetime | bool | int) else str(value)


def _messages() -> Taken:
    """What was written to whoever takes the data along: another guardian's messages are that guardian's."""
    rows = messaging.own_texts()
    return Taken(
        "messages", str(_("Messages")), [str(one) for one in (_("Written"), _("Subject"), _("Text"), _("Read"))],
        [[one.written_at, one.subject, one.text, one.read_at] for one in rows],
    )  # fmt: skip


def _looked_at(number: int) -> Taken:
    """When somebody other than the family looked at its papers: it has a right to know."""
    with scope.system("who looked at a family's papers, for the family"):
        query = (
            sa.select(audit.Reading.at, Document.id, Document.kind)
            .join(Document, sa.cast(Document.id, sa.String) == audit.Reading.pk)
            .where(audit.Reading.table_name == Document.__table__.fullname, Document.family_id == number)
            .order_by(audit.Reading.id)
            .limit(MOST)
        )
        rows = [[row.at, row.id, str(words.paper(row.kind))] for row in db.session.execute(query)]
    titles = [str(_("When")), str(_("Number")), str(_("Paper"))]
    return Taken("looked-at", str(_("Who looked at your papers")), titles, rows)
