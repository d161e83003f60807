"""What an uploaded paper is, told by its content and never by its name."""

from __future__ import annotations

from typing import BinaryIO, ClassVar, Final

from core.sdk import Refusal, _

MAX_BYTES: Final = 8 * 2**20
#: So near its end a PDF says that it ends (bytes).
_TAIL = 2048
#: What makes a PDF act by itself; a paper is only read.
_ACTIVE = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/Encrypt")


class BadFile(Refusal):
    """A file that is neither a photograph nor a quiet PDF, or too large."""

    code: ClassVar[str] = "family.bad-file"
    http: ClassVar[int] = 422


def form_of(upload: BinaryIO) -> tuple[str, bytes]:
    """(`pdf` or `jpeg`, the bytes): what is no PDF must be a photograph, which the cleaning of pictures then proves."""
    raw = upload.read(MAX_BYTES + 1)
    if not raw:
        raise BadFile(_("Choose a file first: a photograph of the paper, or a PDF."))
    if len(raw) > MAX_BYTES:
        raise BadFile(_("The file is larger than %(most)s MB: photograph the paper instead.", most=MAX_BYTES // 2**20))
    if not raw.startswith(b"%PDF-"):
        return "jpeg", raw
    if b"%%EOF" not in raw[-_TAIL:]:
        raise BadFile(_("This PDF is not whole: save it again, or photograph the paper."))
    if any(mark in raw for mark in _ACTIVE):
        raise BadFile(_("This PDF is locked or does more than show a paper: print it into a new PDF, or photograph the paper."))
    return "pdf", raw
