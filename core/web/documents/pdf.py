"""HTML to PDF in a child process that may take only so much time and memory, and reads only our theme.

A thousand table rows take seconds: call it in a job, never in a request.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import ClassVar

from core.config import ROOT
from core.errors import DolbomError, Refusal

STATIC = ROOT / "core" / "web" / "theme" / "static"


class NotMade(DolbomError):
    """The document could not be made; the message carries the child's last line."""

    code: ClassVar[str] = "pdf.not-made"
    http: ClassVar[int] = 500


class TookTooLong(Refusal):
    """The document needs more time than one may take."""

    code: ClassVar[str] = "pdf.too-long"


class TookTooMuch(Refusal):
    """The document needs more memory than one may take, or is larger than we print."""

    code: ClassVar[str] = "pdf.too-large"


class Foreign(DolbomError):
    """The document asks for what is not ours: an address in the network, a file outside the theme."""

    code: ClassVar[str] = "pdf.foreign"


class NotInstalled(DolbomError):
    """Pango or the fonts are missing on this machine."""

    code: ClassVar[str] = "pdf.not-installed"
    http: ClassVar[int] = 503


@dataclass(frozen=True)
class Limits:
    """What one document may take: `seconds` of work, and `patience` of waiting on a busy machine."""

    seconds: int = 60
    patience: int = 600
    megabytes: int = 1024
    html_megabytes: int = 16
    pdf_megabytes: int = 64


_BY_EXIT: dict[int, type[DolbomError]] = {3: Foreign, 4: TookTooMuch, 5: NotInstalled}


def write_pdf(html: str, *, limits: Limits = Limits(), style: str = "") -> bytes:
    """Make a PDF of a whole HTML document (see `paper`); `style` is CSS that comes after ours.

    Raises `Foreign`, `TookTooLong`, `TookTooMuch`, `NotInstalled`, `NotMade`.
    """
    source = json.dumps({"html": str(html), "style": style}).encode()
    if len(source) > limits.html_megabytes << 20:
        raise TookTooMuch(
            f"the document has {len(source) >> 20} MB of text; print fewer rows or export a spreadsheet"
        )
    child = subprocess.Popen(
        [sys.executable, "-m", "core.web.documents.typesetter", json.dumps(asdict(limits)), str(STATIC)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        cwd=ROOT, env=_environment(), start_new_session=True,
    )  # fmt: skip
    try:
        made, said = child.communicate(source, timeout=limits.patience)
    except subprocess.TimeoutExpired:
        raise TookTooLong(
            f"the document was not ready after {limits.patience} seconds; print fewer rows or export them"
        ) from None
    finally:
        _end(child)
    if child.returncode == 0:
        return made
    if child.returncode in {-signal.SIGXCPU, -signal.SIGKILL}:
        raise TookTooLong(f"the document took more than {limits.seconds} seconds of work; print fewer rows")
    if child.returncode in {-signal.SIGABRT, -signal.SIGTRAP, -signal.SIGSEGV}:  # C libraries without memory
        raise TookTooMuch(f"the document needs more than {limits.megabytes} MB; print fewer rows")
    last = (said.decode(errors="replace").strip().splitlines() or ["it gave no reason"])[-1]
    raise _BY_EXIT.get(child.returncode, NotMade)(last[:400])


def _end(child: subprocess.Popen[bytes]) -> None:
    """Nothing of it stays behind, whatever happened here."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe:
            with suppress(BrokenPipeError):  # what it did not read before its end
                pipe.close()


def _environment() -> dict[str, str]:
    """The child learns where Python is and nothing else: no addresses, no passwords."""
    kept = ("PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR", "FONTCONFIG_PATH", "XDG_CACHE_HOME")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "PYTHONPATH": str(ROOT),
        "LC_ALL": "C.UTF-8",
    }
