"""QR codes, drawn the same way everywhere: dark on light also in the dark theme, else cameras do not read them."""

from __future__ import annotations

from typing import Any, ClassVar

import segno
from markupsafe import Markup

from core.errors import Refusal
from core.text import _

#: The most bytes a QR code holds at the lowest level of correction (ISO/IEC 18004, version 40-L).
MOST = 2_953


class TooLong(Refusal):
    """A text does not fit a QR code."""

    code: ClassVar[str] = "documents.too-long-for-qr"


def draw_qr(text: str, title: Any, *, scale: int = 5) -> Markup:
    """The text as a drawing to put into a page or a paper. Raises `TooLong` beyond 2,953 bytes.

    Long texts are drawn with the least correction: smaller squares are harder to read than a clean sheet is to keep.
    """
    raw = text.encode()
    if len(raw) > MOST:
        raise TooLong(_("This is too long for a QR code. Save it as a file instead."))
    code = segno.make_qr(raw, error="m" if len(raw) <= 600 else "l", boost_error=False, mode="byte")
    drawn = code.svg_inline(scale=scale, border=4, dark="#000", light="#fff", title=str(title), svgclass="qr")
    return Markup(drawn)  # noqa: S704  drawn by the library, which escapes the title
