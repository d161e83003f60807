"""The child process that makes one PDF: `python -m core.web.documents.typesetter LIMITS STATIC`.

It binds itself before it reads anything. Exit codes: 3 the document asked for something foreign, 4 it needs
too much, 5 something is not installed, 1 anything else; the last line on standard error is for people.
"""

from __future__ import annotations

import json
import logging
import mmap
import os
import resource
import sys
from pathlib import Path
from typing import Any, NoReturn

PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
STYLE = Path(__file__).with_name("paper.css")
FONT = "vendor/pretendard/Pretendard-Regular.otf"


def main(limits: dict[str, int], static: Path) -> None:
    """Bind, read, set, write."""
    bind(limits)
    asked = json.load(sys.stdin.buffer)
    if not (static / FONT).is_file():
        leave(5, f"the font {static / FONT} is missing; run: make setup")
    try:
        from weasyprint import CSS, HTML
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import FatalURLFetchingError

        from core.web.documents.fetcher import ThemeOnly
    except (OSError, ImportError) as error:  # cffi names the library it did not find
        if not _room():
            raise MemoryError from error  # then the library is there, and did not fit
        leave(5, f"{str(error).splitlines()[0]}; as root: apt-get install {PACKAGES}")
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    fonts = FontConfiguration()
    ours = {"base_url": static.as_uri() + "/", "url_fetcher": ThemeOnly(static)}
    try:
        styles = [CSS(string=text, font_config=fonts, **ours) for text in (STYLE.read_text(), asked["style"])]
        document: Any = HTML(string=asked["html"], **ours)
        made: bytes = document.write_pdf(stylesheets=styles, font_config=fonts, pdf_tags=True)
    except FatalURLFetchingError as refused:
        leave(3, str(refused))
    if len(made) > limits["pdf_megabytes"] << 20:
        leave(4, f"the document has {len(made) >> 20} MB; print fewer rows or smaller pictures")
    sys.stdout.buffer.write(made)


def _room() -> bool:
    """Whether a library could still be loaded; the largest take some thirty megabytes."""
    try:
        mmap.mmap(-1, 64 << 20).close()
    except OSError:
        return False
    return True


def bind(limits: dict[str, int]) -> None:
    """Give up, for good, what the document may not take."""
    for what, most in (
        (resource.RLIMIT_AS, limits["megabytes"] << 20),
        (resource.RLIMIT_CPU, limits["seconds"] + 1),  # an orphan ends by itself
        (resource.RLIMIT_FSIZE, limits["pdf_megabytes"] << 20),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def leave(code: int, line: str) -> NoReturn:
    """End with a line for people."""
    sys.stderr.write(f"{line}\n")
    sys.exit(code)


if __name__ == "__main__":
    allowed = json.loads(sys.argv[1])
    # Said beforehand: where memory ends, in an import as well as on a page, none is left for words.
    too_much = b"the document needs more than %d MB; print fewer rows or use a spreadsheet" % allowed["megabytes"]
    try:
        main(allowed, Path(sys.argv[2]))
    except MemoryError:
        os.write(2, too_much)
        os._exit(4)
