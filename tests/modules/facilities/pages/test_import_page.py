"""Handing in a register: a job reads it, the page follows, a refused file says why and changes nothing."""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
import resource
import time
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
import xlsxwriter
from markupsafe import escape

from core.db.base import db
from core.errors import Forbidden
from core.host import packs
from core.host.running import running
from core.jobs.delivery import drain
from core.jobs.letters import backlog
from core.jobs.models import JobRun
from core.regions.atlas import atlas
from modules.facilities import words
from modules.facilities.layouts import LAYOUT_NAMES, LAYOUTS
from modules.facilities.models import Facility, ImportRun
from modules.facilities.services import handing_in

PAGE = "/office/facilities/import/"
REGISTER = Path(__file__).parents[3] / "data" / "facilities" / "seoul_standard.csv"


@pytest.fixture
def seoul(system):
    packs.open_with_modules(running().registry, "KR-11", "kr_seoul")
    db.session.commit()
    return atlas().find("KR-11")


@pytest.fixture
def officer(entered, seoul):
    return entered("city_officer", seoul.no)


@pytest.fixture
def hand_in(officer):
    def _hand_in(content=None, act="import", **form):
        facts = {"layout": "seoul-standard", "region": "KR-11", "act": act, **form}
        content = REGISTER.read_bytes() if content is None else content
        return officer.post(PAGE, data={**facts, "file": (io.BytesIO(content), facts.pop("name", "register.csv"))})

    return _hand_in


def counts(system):
    return tuple(db.session.scalar(sa.select(sa.func.count()).select_from(m)) for m in (Facility, ImportRun))


def kept():
    return list((running().settings.home / "uploads" / "registers").glob("*/*"))


def test_an_import_is_followed_to_its_report(hand_in, officer, system):
    answer = hand_in(name="구청 등록부.csv")
    assert answer.status_code == 302
    assert officer.get(f"{answer.location}/progress").json["state"] == "queued"
    assert "Waiting" in officer.get(answer.location).text
    assert drain()["failed"] == 0, db.session.execute(sa.text("select error from core.outbox")).all()
    told = officer.get(f"{answer.location}/progress").json
    assert "refused" not in db.session.scalars(sa.select(JobRun.result)).one()
    assert (told["state"], told["done"], told["total"], told["result_url"]) == ("done", 4, 4, answer.location)
    page = officer.get(answer.location).text
    assert "What was changed" in page
    run = db.session.scalars(sa.select(ImportRun)).one()
    assert run.file_name == "구청 등록부.csv"
    assert run.account_id, "the officer, not the worker, imported it"
    assert f"details/?id={run.id}" in page
    assert counts(system)[0] == run.totals["created"] > 0


def test_comparing_writes_nothing(hand_in, officer, system):
    answer = hand_in(act="compare")
    drain()
    assert "What would change" in officer.get(answer.location).text
    assert counts(system) == (0, 0)


def test_what_would_change_is_said_in_words(hand_in, officer, system):
    hand_in()
    drain()
    other = "select id from facilities.facility where kind <> 'HOME' and status <> 'closed' and bus is not null limit 1"
    change = "set kind = 'HOME', status = 'closed', closed_on = '2020-03-02', bus = not bus, row_hash = 'old'"
    db.session.execute(sa.text(f"update facilities.facility {change} where id = ({other})"))
    db.session.commit()
    answer = hand_in(act="compare")
    drain()
    page = officer.get(answer.location).text
    for said in ("Kind: <del>Home daycare center</del>", "Status: <del>Closed</del>", "Closed on: <del>March 2, 2020</del>", "School bus: <del>"):
        assert said in page
    for raw in (">HOME<", ">closed<", ">open<", ">True<", ">False<", "2020-03-02"):
        assert raw not in page


def test_the_page_and_the_report_count_the_same(hand_in, officer, system):
    answer = hand_in(_with_defects())
    drain()
    followed = officer.get(answer.location).text
    run = db.session.scalars(sa.select(ImportRun)).one()
    report = officer.get(f"/office/facilities/runs/details/?id={run.id}").text
    assert run.warnings, "the file has defects"
    assert counted(followed) == counted(report)
    assert f"id={run.id}&amp;code={next(iter(run.warnings))}" in followed


def _with_defects():
    """The register with the number of places of its first centre made impossible."""
    header, first, *rest = REGISTER.read_bytes().decode("cp949").splitlines(keepends=True)
    return (header + first + first + "".join(rest)).encode("cp949")


def counted(page):
    """The tiles and the table of defects."""
    tiles = re.search(r'<(\w+) class="tiles.*?</\1>', page, re.DOTALL)
    table = re.search(r"<table(?:(?!</table>).)*Defects by kind.*?</table>", page, re.DOTALL)
    assert tiles
    assert table
    return tiles.group(), table.group()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00garbage", b"a,b\n1,2\n"])
def test_a_file_that_cannot_be_read_says_why(hand_in, officer, system, content):
    answer = hand_in(content)
    drain()
    page = officer.get(answer.location).text
    assert "The file was not read. Nothing was changed." in page
    assert counts(system) == (0, 0)
    with officer.app.app_context():
        assert backlog().dead == 0, "a bad file is an answer, no failure of ours"


HEADINGS = next(iter(csv.reader(io.StringIO(REGISTER.read_bytes().decode("cp949")))))
ROW = [str(number) for number in range(len(HEADINGS))]


def text(*rows):
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("cp949")


def workbook(*rows):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 2**25)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(lambda: REGISTER.read_bytes()[:4000] + b"\xff\n", "save the file as UTF-8 and try again", id="wrong encoding"),
        pytest.param(lambda: gzip.compress(REGISTER.read_bytes())[:-99], "ends in its middle; copy or download it again", id="truncated"),
        pytest.param(lambda: workbook(HEADINGS, ROW)[:-60], "ends in its middle; copy or download it again", id="truncated workbook"),
        pytest.param(bomb, "200 times its size, as no register does; save the register anew", id="zip bomb"),
        pytest.param(lambda: text(HEADINGS, ["x"] * 300), "remove the others and save it again", id="300 columns"),
        pytest.param(lambda: workbook(HEADINGS, ["=1+1", *ROW[1:]]), "Cell A2 holds a formula; paste the sheet as values", id="formula"),
    ],
)
def test_a_bad_file_is_one_line_that_says_what_to_do_and_changes_nothing(hand_in, officer, system, content, says):
    handed = content()
    ending = {b"PK": "xlsx", b"\x1f\x8b": "csv.gz"}.get(handed[:2], "csv")
    answer = hand_in(handed, name=f"register.{ending}")
    assert drain()["failed"] == 0
    page = officer.get(answer.location).text
    assert "The file was not read. Nothing was changed." in page
    told = db.session.scalar(sa.text("select result ->> 'refused' from core.job_run order by outbox_id desc limit 1"))
    assert says in told
    assert "\n" not in told
    assert str(escape(told)) in page
    assert counts(system) == (0, 0)
    assert db.session.scalar(sa.text("select count(*) from facilities.import_defect")) == 0
    with officer.app.app_context():
        assert backlog().dead == 0


def test_a_formula_in_a_text_keeps_its_row_out_and_takes_the_others(hand_in, officer, system):
    rows = list(csv.reader(io.StringIO(REGISTER.read_bytes().decode("cp949"))))
    rows[1][1] = "=1+1"
    answer = hand_in(text(*rows))
    assert drain()["failed"] == 0
    run = db.session.scalars(sa.select(ImportRun)).one()
    assert run.totals["rejected"] == 1
    codes = db.session.execute(sa.text("select line from facilities.import_defect where code = 'formula-in-cell'"))
    assert [row.line for row in codes] == [2]
    assert counts(system)[0] == run.totals["created"] > 0
    assert "What was changed" in officer.get(answer.location).text


def test_a_full_disk_says_so_and_keeps_no_half_of_a_file(hand_in, officer, system):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))  # the system refuses the 4097th byte of any file
    try:
        answer = hand_in()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert answer.status_code == 503
    assert "There is no room left to keep a file, and nothing of it was kept." in answer.text
    assert "server.disk-full" in answer.text
    assert "Traceback" not in answer.text
    assert list((running().settings.home / "uploads" / "registers").iterdir()) == []
    assert db.session.scalar(sa.text("select count(*) from core.outbox where name = 'facilities.register.read'")) == 0
    assert hand_in().status_code == 302, "with room again it is taken"


def test_what_needs_no_look_into_the_file_is_refused_at_once(officer, hand_in):
    assert "Choose a file first." in officer.post(PAGE, data={"layout": "seoul-standard", "region": "KR-11"}).text
    assert "Choose a file first." in hand_in(name="..").text
    assert "There is no layout" in hand_in(layout="papyrus").text
    assert "XX-99" in hand_in(region="XX-99").text
    assert kept() == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("register.csv", packed := b"PK\x03\x04" + bytes(60)),
        ("register.csv", gzip.compress(b"a,b", mtime=0)),
        ("register.txt", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(60)),
        ("register.xlsx", b"a,b\n1,2\n"),
        ("register.xls", packed),
        ("register.gz", b"a,b\n1,2\n"),
    ],
)
def test_a_file_that_is_not_what_its_name_says(hand_in, name, content):
    assert "is not what its ending says" in hand_in(content, name=name).text
    assert kept() == []


@pytest.mark.parametrize("name", ["register.php", "register.csv.exe", "register.html", "register", "register.svg", "csv"])
def test_only_files_of_a_register_are_taken(hand_in, name):
    assert "is no register: hand in a file that ends in .csv" in hand_in(name=name).text
    assert kept() == []
    assert hand_in(name="REGISTER.CSV").status_code == 302, "the control, and letters of any size"


def test_a_name_is_no_way_out_of_the_folder(hand_in):
    assert hand_in(name="../../../evil.csv").status_code == 302
    assert [path.name for path in kept()] == ["evil.csv"]


def test_it_is_theirs_alone(hand_in, entered, seoul, world):
    answer = hand_in()
    assert entered("city_officer", world.city).get(answer.location).status_code == 404
    assert entered("director", world.facilities[0]).post(PAGE, data={}).status_code == 403


def test_the_right_is_asked_before_anything_is_said_of_the_file(acting, seoul, world):
    with acting("director", world.facilities[0]), pytest.raises(Forbidden):
        handing_in.hand_in(io.BytesIO(), "", "papyrus", "KR-11", compare=True)


def test_another_job_is_not_shown_as_a_register(hand_in, officer, system):
    answer = hand_in()
    db.session.execute(sa.text("update core.outbox set name = 'core.retention.purge'"))
    db.session.commit()
    assert officer.get(answer.location).status_code == 404
    assert officer.get(f"{answer.location}/progress").status_code == 404


def test_every_layout_has_a_title_and_the_form_offers_those_that_need_no_mapping(officer):
    assert set(words.LAYOUTS) == set(LAYOUT_NAMES)
    form = re.search(r'<select[^>]*name="layout".*?</select>', officer.get(PAGE).text, re.DOTALL).group()
    assert re.findall(r'<option value="([^"]+)"', form) == list(LAYOUTS)


def test_registers_are_deleted_after_a_week(hand_in, system):
    hand_in()
    hand_in()
    first, second = sorted(kept())
    week = handing_in.KEPT.total_seconds()
    os.utime(first.parent, (time.time() - week - 60,) * 2)
    assert handing_in.sweep_registers() == 1
    assert kept() == [second]
