"""Papers: handed in by the family or shown at the counter, looked at once for all lists (S1-125, rulebook 1b.10, D21)."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any, BinaryIO, ClassVar

import sqlalchemy as sa

from core.sdk import (
    NotFound,
    Refusal,
    _,
    audit,
    db,
    documents,
    policies,
    publish,
    require,
    scope,
    sealed_files,
)
from modules.families.events import DocumentDecided
from modules.families.models import Child, Document
from modules.families.models.papers import AREA
from modules.families.services import persons
from modules.families.services.reading_files import form_of

KEY = "families.papers.kinds"
#: Papers that may lie unseen for a child; a family that needs more takes one back.
MAX_PAPERS = 30
#: Papers of one work list.
MOST = 50
#: The longer side of a photographed paper: A4 stays readable.
EDGE = 2200


class BadDocument(Refusal):
    """A paper that cannot be handed in or decided this way."""

    code: ClassVar[str] = "family.bad-document"
    http: ClassVar[int] = 422


def kinds(place: int) -> list[str]:
    """The kinds of papers that are handed in at a place, in the policy's order."""
    return [str(kind) for kind in _rule(place).value["kinds"]]


def copies_kept(place: int) -> bool:
    """Whether a place keeps copies at all; where not, papers are shown at the counter."""
    return bool(_rule(place).value["copies"])


def hand_in(child: Child, kind: str, upload: BinaryIO) -> Document:
    """Hand in a photographed paper or a PDF; the same page again is a further paper, which the family may take back."""
    require("families.document.hand_in")
    _asked(child.region_no, kind)
    if not copies_kept(child.region_no):
        raise BadDocument(_("Copies are not kept here: show the paper at the centre's counter."))
    if len(papers_of(child.id)) >= MAX_PAPERS:
        raise BadDocument(_("A child has at most %(most)s papers here: take one back first.", most=MAX_PAPERS))
    form, raw = form_of(upload)
    content = documents.clean_picture(io.BytesIO(raw), EDGE) if form == "jpeg" else raw
    made = Document(
        family_id=child.family_id, child_id=child.id, region_no=child.region_no, kind=kind, form=form, size=len(content),
        file=sealed_files.keep(AREA, child.family_id, content), handed_by="online",
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def show(child: Child, kind: str, note: str, *, facility_id: int) -> int:
    """The centre's people record a paper they were shown: it counts at once, no copy stays; gives its number. Commits."""
    require("families.document.show", at=facility_id)
    _asked(child.region_no, kind)
    words = _said(note)
    facts = {"family_id": child.family_id, "child_id": child.id, "region_no": child.region_no, "kind": kind}
    with scope.system("a paper was shown at the counter"):
        made = Document(
            **facts, form="shown", handed_by="counter", status="accepted", note=words, decided_by=scope.current().account_id,
            decided_at=datetime.now(UTC),
        )  # fmt: skip
        db.session.add(made)
        db.session.flush()
        number = int(made.id)
        db.session.commit()
    return number


def decide(number: int, *, accepted: bool, note: str, facility_id: int | None = None) -> None:
    """Say that a paper counts, or why not; the family is told. At a centre for children it sees, else in one's district. Commits."""
    found = paper(number)
    require("families.document.decide", at=facility_id or found.region_no)
    words = _said(note) if not accepted else persons.text(note)
    if found.status == "accepted" and accepted:
        return
    by = scope.current().account_id
    with scope.system("a paper was looked at"):
        one = db.session.get_one(Document, number, with_for_update=True)
        one.status, one.note = "accepted" if accepted else "refused", words
        one.decided_by, one.decided_at = by, datetime.now(UTC)
        db.session.flush()
        publish(DocumentDecided(number, one.child_id, one.family_id, one.kind, accepted, words), place=one.region_no)
        db.session.commit()


def take_back(found: Document) -> tuple[int, str]:
    """The family takes a paper back before it counted; gives owner and file for `discard` after the commit."""
    require("families.document.take_back")
    if found.status == "accepted":
        raise BadDocument(_("This paper counts already, so it stays as long as the law asks. File a request instead."))
    owner, file = found.family_id, found.file
    db.session.delete(found)
    db.session.flush()
    return owner, file


def discard(owner: int, file: str) -> None:
    """Delete the file of a paper that was taken back; internal, its record was taken back by somebody allowed."""
    if file:
        sealed_files.remove(AREA, owner, file)


def paper(number: int) -> Document:
    """A paper one may see, or `NotFound`."""
    require("families.document.read")
    found = db.session.get(Document, number)
    if found is None:
        raise NotFound(_("There is no such paper here."))
    return found


def content_of(found: Document) -> bytes:
    """What is on a paper; that somebody other than the family looked stands in the record of readings. Commits."""
    require("families.document.read")
    if not found.file:
        raise NotFound(_("This paper was shown at the counter; no copy was kept."))
    me, number, owner, file = scope.current(), found.id, found.family_id, found.file
    if not me.own_only:
        with scope.system("somebody looks at a paper"):
            audit.note_reading(db.session.get_one(Document, number), ["file"], "looked at a paper as evidence", by=me)
            db.session.commit()
    return sealed_files.opened(AREA, owner, file)


def papers_of(child_id: int) -> list[Document]:
    """The papers of a child, the newest first."""
    require("families.document.read")
    query = sa.select(Document).where(Document.child_id == child_id).order_by(Document.id.desc())
    return list(db.session.scalars(query.limit(MAX_PAPERS * 2)))


def waiting_papers() -> list[Any]:
    """Papers nobody looked at yet with their child's name, the longest waiting first, at most `MOST`."""
    require("families.document.read")
    query = (
        sa.select(Document.id, Document.kind, Document.handed_at, Document.child_id, Child.name)
        .join(Child, Child.id == Document.child_id)
        .where(Document.status == "waiting")
        .order_by(Document.id)
        .limit(MOST)
    )
    return list(db.session.execute(query).all())


def sweep_papers() -> int:
    """Delete sealed files that no paper names, as a purge or a crash leaves them; gives how many."""
    require("families.document.take_back")

    def known(owners: list[int]) -> list[tuple[int, str]]:
        query = sa.select(Document.family_id, Document.file).where(Document.family_id.in_(owners))
        return [(row.family_id, row.file) for row in db.session.execute(query)]

    return sealed_files.sweep(AREA, known)


def _rule(place: int) -> policies.Policy:
    return policies.resolve(KEY, place=place, on=scope.current().on_date)


def _asked(place: int, kind: str) -> None:
    if kind not in kinds(place):
        raise BadDocument(_("Nobody asks for this paper here."))


def _said(note: str) -> str:
    words = persons.text(note)
    if not words:
        raise BadDocument(_("Say which paper you saw, or why it does not count."))
    return words
