"""Papers: handed in as photograph or quiet PDF, looked at once, shown at the counter where no copies are kept."""

from __future__ import annotations

import io
from datetime import date

import pytest
import sqlalchemy as sa
from PIL import Image

from core.db.base import db
from core.errors import Forbidden, NotFound
from core.regions.policies import PolicyOverride
from core.security import audit
from core.security import scope as scopes
from core.web.documents import BadPicture
from modules.families import api
from modules.families.models import Child, Document
from modules.families.services import decide, hand_in, show, take_back
from modules.families.services.papers import (
    BadDocument,
    content_of,
    discard,
    paper,
    papers_of,
    waiting_papers,
)
from modules.families.services.reading_files import BadFile

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def photograph(size=(60, 40)):
    into = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "CameraOfSomebody"
    Image.new("RGB", size, "gray").save(into, "JPEG", exif=exif)
    return io.BytesIO(into.getvalue())


@pytest.fixture
def seen(family, world):
    """The family's child, which the first centre may see."""
    _account, number, child_id = family
    with scopes.system("a test lets a centre see a child"):
        api.share(child_id, number, world.facilities[0], "application")
        db.session.commit()
    return child_id


@pytest.mark.rule("S1-125")
def test_a_paper_is_handed_in_seen_by_the_centre_and_decided(family, being, acting, world, seen):
    account = family[0]
    with being(account):
        made = hand_in(db.session.get(Child, seen), "employment", photograph())
        number = made.id
        assert (made.form, made.status) == ("jpeg", "waiting")
        db.session.commit()
        assert b"CameraOfSomebody" not in content_of(paper(number))
    here = world.facilities[0]
    with acting("front_desk", here):
        assert paper(number).kind == "employment"
        with pytest.raises(Forbidden):
            decide(number, accepted=True, note="", facility_id=here)
    with acting("director", here):
        assert content_of(paper(number))[:2] == b"\xff\xd8"
        with pytest.raises(BadDocument, match="why it does not count"):
            decide(number, accepted=False, note=" ", facility_id=here)
        decide(number, accepted=False, note="The date is cut off.", facility_id=here)
    with being(account):
        assert (paper(number).status, paper(number).note) == ("refused", "The date is cut off.")
        again = hand_in(db.session.get(Child, seen), "employment", io.BytesIO(PDF))
        second = again.id
        db.session.commit()
    with acting("district_officer", world.district):
        assert [row.id for row in waiting_papers()] == [second]
        decide(second, accepted=True, note="")
        decide(second, accepted=True, note="")  # a double click
    with being(account):
        assert content_of(paper(second)) == PDF
        with pytest.raises(BadDocument, match="counts already"):
            take_back(paper(second))
        gone = take_back(paper(number))
        db.session.commit()
        discard(*gone)
        assert [one.id for one in papers_of(seen)] == [second]


def test_that_somebody_looked_is_recorded_and_the_family_itself_is_not(family, being, acting, world, seen):
    with being(family[0]):
        number = hand_in(db.session.get(Child, seen), "medical", io.BytesIO(PDF)).id
        db.session.commit()
        content_of(paper(number))
    with acting("director", world.facilities[0]):
        content_of(paper(number))
    with scopes.system("who looked"):
        rows = db.session.scalars(
            sa.select(audit.Reading).where(audit.Reading.table_name == "families.document", audit.Reading.pk == str(number))
        ).all()
        assert [row.fields for row in rows] == [["file"]]


def test_a_paper_is_only_for_those_the_child_is_shared_with(family, being, parent, acting, world, seen):
    with being(family[0]):
        number = hand_in(db.session.get(Child, seen), "other", io.BytesIO(PDF)).id
        db.session.commit()
    with being(parent("Stranger")), pytest.raises(NotFound):
        paper(number)
    with acting("director", world.facilities[1]), pytest.raises(NotFound):
        decide(number, accepted=True, note="", facility_id=world.facilities[1])
    with acting("district_officer", world.neighbors[0] // 10**7 * 10**7):
        assert waiting_papers() == []


@pytest.mark.parametrize(
    ("content", "refusal", "words"),
    [
        (b"", BadFile, "Choose a file"),
        (b"MZ\x90 not a picture", BadPicture, "no photograph"),
        (b"<svg onload='alert(1)'/>", BadPicture, "no photograph"),
        (b"PK\x03\x04 a zip", BadPicture, "no photograph"),
        (b"%PDF-1.7 cut off", BadFile, "not whole"),
        (PDF.replace(b"/Type", b"/OpenAction<</JS(app.alert(1))>>/Type"), BadFile, "locked or does more"),
        (PDF.replace(b"trailer<<", b"trailer<</Encrypt 2 0 R "), BadFile, "locked or does more"),
        (b"%PDF-" + b"x" * (8 * 2**20 + 1), BadFile, "larger than"),
    ],
    ids=["nothing", "program", "svg", "zip", "half", "script", "locked", "large"],
)
def test_what_is_no_quiet_paper_is_refused_and_nothing_stays(app, family, being, seen, content, refusal, words):
    folder = app.extensions["dolbom"].settings.home / "uploads" / "sealed" / "families" / str(family[1])
    with being(family[0]), pytest.raises(refusal, match=words):
        hand_in(db.session.get(Child, seen), "other", io.BytesIO(content))
    assert not folder.exists() or not list(folder.iterdir())


def test_only_papers_somebody_asks_for(family, being, seen):
    with being(family[0]):
        child = db.session.get(Child, seen)
        with pytest.raises(BadDocument, match="Nobody asks"):
            hand_in(child, "passport", io.BytesIO(PDF))
        db.session.add_all(
            Document(family_id=family[1], child_id=seen, region_no=child.region_no, kind="other", form="pdf", file=f"{n:032x}",
                     handed_by="online") for n in range(30)
        )  # fmt: skip
        db.session.flush()
        with pytest.raises(BadDocument, match="at most 30"):
            hand_in(child, "other", io.BytesIO(PDF))


def test_where_no_copies_are_kept_the_paper_is_shown_and_counts(family, being, acting, world, seen):
    with scopes.system("a rule of a test"):
        db.session.add(
            PolicyOverride(
                key="families.papers.kinds", value={"copies": False, "kinds": ["disability"]}, valid_from=date(2020, 1, 1),
                legal_basis="test", status="confirmed", place_no=world.district,
            )
        )  # fmt: skip
        db.session.commit()
    with being(family[0]), pytest.raises(BadDocument, match="Copies are not kept"):
        hand_in(db.session.get(Child, seen), "disability", io.BytesIO(PDF))
    here = world.facilities[0]
    with acting("front_desk", here):
        with pytest.raises(BadDocument, match="which paper you saw"):
            show(db.session.get(Child, seen), "disability", "", facility_id=here)
        number = show(db.session.get(Child, seen), "disability", "card of 2025", facility_id=here)
    with being(family[0]):
        assert (paper(number).status, paper(number).form, paper(number).file) == ("accepted", "shown", "")
        with pytest.raises(NotFound, match="no copy"):
            content_of(paper(number))
