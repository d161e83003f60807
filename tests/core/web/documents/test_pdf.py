"""PDF: what is on the paper, what may not be loaded, and that no document takes the machine with it."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import time
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from core.web.documents import Column, Limits, paper, table, write_pdf
from core.web.documents.pdf import STATIC, Foreign, NotMade, TookTooLong, TookTooMuch
from core.web.i18n import speaking

pytestmark = [pytest.mark.needs("pdf"), pytest.mark.slow]
NASTY = "<script>alert(1)</script> & „Łąka” 하늘빛"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    columns = [Column("이름"), Column("Nazwa"), Column("Kwota", "money", exponent=2), Column("Dzień", "date")]
    rows = [(f"하늘빛어린이집 {n}", NASTY, 123450 + n, date(2026, 3, 2)) for n in range(60)]
    with speaking("pl"):
        facts = {"기간": "2026-03"}
        sheet = paper("Zaświadczenie 증명서", table(columns, rows), sender="Gmina Łódź", facts=facts)
    path = tmp_path_factory.mktemp("pdf") / "paper.pdf"
    path.write_bytes(write_pdf(sheet))
    return path


def said(*command) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.needs("pdftotext")
def test_korean_and_polish_can_be_read_out(made):
    text = said("pdftotext", "-layout", made, "-")
    for part in ("Zaświadczenie 증명서", "Gmina Łódź", "하늘빛어린이집 59", "2 marca 2026", "234,50"):
        assert part in text, part
    assert "<script>alert(1)</script>" in text, "shown as text, never run or dropped"
    assert re.search(r"\b2 ?/ ?2\b", text), "pages are counted; how wide a space is depends on the reader"
    assert text.count("Kwota") >= 2, "table titles repeat on every page"


@pytest.mark.needs("pdftotext")
def test_it_is_set_in_our_font_and_tagged_for_screen_readers(made):
    fonts = said("pdffonts", made)
    assert "Pretendard" in fonts
    assert "DejaVu" not in fonts
    facts = said("pdfinfo", made)
    assert "Zaświadczenie 증명서" in facts
    assert "Tagged:          yes" in facts
    assert "A4" in facts


@pytest.mark.needs("pdftotext")
def test_the_picture_is_not_boxes_or_white(made, tmp_path):
    subprocess.run(
        ["pdftoppm", "-r", "60", "-png", "-f", "1", "-l", "1", made, tmp_path / "page"], check=True
    )
    (picture,) = tmp_path.glob("page*.png")
    shades = Image.open(picture).convert("L").histogram()
    ink = sum(shades[:128]) / sum(shades)
    assert 0.005 < ink < 0.25


def attack(address: str) -> str:
    return f'<html><body><p>x</p><img src="{address}"></body></html>'


@pytest.mark.parametrize(
    "document",
    [
        attack("http://127.0.0.1:9/x.png"),
        attack("https://example.org/x.png"),
        attack("ftp://127.0.0.1/x"),
        attack("file:///etc/passwd"),
        attack("../../../../../../../../etc/passwd"),
        attack("/static/../../../../../etc/passwd"),
        attack("css/%2e%2e/%2e%2e/templates/dolbom/base.html"),
        attack("file://evil.example/etc/passwd"),
        attack("FILE:///proc/self/environ"),
        '<html><head><link rel="attachment" href="file:///etc/passwd"></head><body>x</body></html>',
        '<html><body><a rel="attachment" href="file:///etc/hostname">x</a></body></html>',
        '<html><head><link rel="stylesheet" href="http://127.0.0.1:9/x.css"></head><body>x</body></html>',
        '<html><head><style>@import url("file:///etc/passwd");</style></head><body>x</body></html>',
        '<html><body style="background:url(http://127.0.0.1:9/x.png)">x</body></html>',
    ],
)  # fmt: skip
def test_nothing_foreign_is_loaded(document):
    """In this process, to start WeasyPrint once; the next test goes through the child."""
    from weasyprint import HTML
    from weasyprint.urls import FatalURLFetchingError

    from core.web.documents.fetcher import ThemeOnly

    with pytest.raises(FatalURLFetchingError, match="only files of the theme"):
        HTML(string=document, base_url=f"{STATIC.as_uri()}/", url_fetcher=ThemeOnly(STATIC)).write_pdf()


def test_a_picture_that_asks_for_a_file_is_left_out(monkeypatch):
    """WeasyPrint drops a picture that cannot be drawn; what counts is that nothing was read for it."""
    from weasyprint import HTML

    from core.web.documents.fetcher import ThemeOnly

    asked = []
    real = ThemeOnly._ours
    monkeypatch.setattr(ThemeOnly, "_ours", lambda self, url: asked.append((url, real(self, url))) or asked[-1][1])
    inner = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd" width="9" height="9"/></svg>'
    document = attack("data:image/svg+xml;base64," + base64.b64encode(inner).decode())
    HTML(string=document, base_url=f"{STATIC.as_uri()}/", url_fetcher=ThemeOnly(STATIC)).write_pdf()
    assert asked == [("file:///etc/passwd", None)]


def test_the_child_hands_the_refusal_back():
    with pytest.raises(Foreign, match="not file:///etc/passwd; put a picture into the page as data"):
        write_pdf(attack("file:///etc/passwd"))


def test_a_link_out_of_the_theme_is_not_followed(tmp_path):
    from core.web.documents.fetcher import ThemeOnly

    static = tmp_path / "static"
    static.mkdir()
    (static / "vendor").symlink_to(STATIC / "vendor")
    (static / "mine.txt").symlink_to("/etc/hostname")
    assert ThemeOnly(static)._ours(f"{static.as_uri()}/mine.txt") is None
    assert ThemeOnly(static)._ours(f"{static.as_uri()}/vendor/pretendard/Pretendard-Bold.otf") is None
    (static / "own.txt").write_text("x")
    assert ThemeOnly(static)._ours(f"{static.as_uri()}/own.txt") == static / "own.txt"


def test_data_and_theme_pictures_are_loaded():
    dot = base64.b64encode(
        (STATIC / next(STATIC.glob("img/*.svg")).relative_to(STATIC)).read_bytes()
    ).decode()
    name = next(STATIC.glob("img/*.svg")).name
    document = (
        f'<img src="data:image/svg+xml;base64,{dot}"><img src="img/{name}"><img src="/static/img/{name}">'
    )
    assert write_pdf(f"<html><body>{document}</body></html>").startswith(b"%PDF")


def test_too_much_work_is_ended_and_leaves_nothing(tmp_path):
    rows = "".join(f"<tr><td>{n}</td><td>하늘</td></tr>" for n in range(20_000))
    begun = time.monotonic()
    with pytest.raises(TookTooLong, match="fewer rows"):
        write_pdf(
            f"<html><body><table>{rows}</table></body></html>", limits=Limits(seconds=3, megabytes=2048)
        )
    assert time.monotonic() - begun < 300
    assert not _children()


def test_too_long_waiting_is_ended_and_leaves_nothing():
    with pytest.raises(TookTooLong, match="not ready"):
        write_pdf("<html></html>", limits=Limits(patience=0))
    assert not _children()


@pytest.mark.parametrize("megabytes", [40, 90, 180, 330])
def test_too_much_memory_is_refused(megabytes):
    """Wherever it ends: in an import, while the text is read or on a page."""
    rows = "".join(f"<tr><td>{n}</td></tr>" for n in range(30_000))
    with pytest.raises((TookTooMuch, TookTooLong), match="fewer rows"):
        write_pdf(
            f"<html><body><table>{rows}</table></body></html>",
            limits=Limits(megabytes=megabytes, seconds=20),
        )


def test_too_much_text_is_refused_at_once():
    with pytest.raises(TookTooMuch, match="MB of text"):
        write_pdf("x" * (17 << 20))


def test_missing_fonts_say_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr("core.web.documents.pdf.STATIC", tmp_path)
    with pytest.raises(Exception, match="make setup"):
        write_pdf("<html></html>")


def test_a_child_that_just_ends_is_an_error(monkeypatch):
    monkeypatch.setattr("core.web.documents.pdf.sys.executable", "/bin/false")
    with pytest.raises(NotMade, match="no reason"):
        write_pdf("<html></html>")


def _children() -> list[str]:
    """Typesetters that still run below this process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_text()
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if "documents.typesetter" in line and parent == str(os.getpid()):
            found.append(line)
    return found
