"""Photographs people upload, made safe to show: decoded, turned upright, made smaller and written anew as JPEG.

Nothing of the file's own bytes survives: no place, camera, time, comment or thumbnail (ASVS V14.2.8), and nothing that
only looks like a picture.
"""

from __future__ import annotations

import io
import warnings
from typing import BinaryIO, ClassVar, Final

from core.errors import Refusal
from core.text import _

MAX_BYTES: Final = 8 * 1024 * 1024
#: Width times height; a larger one would need too much memory while it is read.
MAX_PIXELS: Final = 40_000_000
#: The longer side of what is kept, where nobody asks for more.
EDGE: Final = 1280
_FORMATS: Final = ("JPEG", "PNG", "WEBP")


class BadPicture(Refusal):
    """A file that is no photograph we can show."""

    code: ClassVar[str] = "documents.bad-picture"
    http: ClassVar[int] = 422


def clean_picture(upload: BinaryIO, edge: int = EDGE) -> bytes:
    """The photograph as a clean JPEG, its longer side at most `edge` pixels. Raises `BadPicture` with one sentence that says what to do."""
    raw = upload.read(MAX_BYTES + 1)
    if not raw:
        raise BadPicture(_("Choose a photograph first."))
    if len(raw) > MAX_BYTES:
        raise BadPicture(
            _("The photograph is larger than %(most)s MB: make it smaller.", most=MAX_BYTES // 2**20)
        )
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a camera's odd notes are thrown away with all others
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _written_anew(raw, edge)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadPicture(_TOO_MANY) from None
    except BadPicture:
        raise
    # Pillow raises nearly anything on a file made to hurt it.
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, TypeError, IndexError, ArithmeticError):
        raise BadPicture(_("This is no photograph we can read: use a JPEG, PNG or WebP file.")) from None


def _written_anew(raw: bytes, edge: int) -> bytes:
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(raw), formats=_FORMATS) as found:
        if found.width * found.height > MAX_PIXELS:
            raise BadPicture(_TOO_MANY)
        found.draft("RGB", (edge, edge))  # a JPEG is decoded at a fraction of its size
        upright = ImageOps.exif_transpose(found).convert("RGBA")
    upright.thumbnail((edge, edge))
    # A fresh canvas has no info dictionary from which a comment could be written again.
    clean = Image.new("RGB", upright.size, "white")
    clean.paste(upright, mask=upright.getchannel("A"))
    into = io.BytesIO()
    clean.save(into, format="JPEG", quality=82, optimize=True, progressive=True)
    return into.getvalue()


_TOO_MANY = _("The photograph has more than 40 million pixels: make it smaller.")
