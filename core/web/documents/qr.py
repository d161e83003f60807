"""QR codes, drawn the same way everywhere: dark on light also in the dark theme, else cameras do not read them."""

from __future__ import annotations

from typing import Any

import segno
from markupsafe import Markup


def draw_qr(text: str, title: Any, *, scale: int = 5) -> Markup:
    """The text as a drawing to put into a page or a paper; up to 1,800 bytes with correction, up to 2,900 with less.

    Long texts are drawn with the least correction, which still fits a sheet of paper and a screen.
    """
    code = segno.make(text, error="m" if len(text.encode()) <= 1_000 else "l", micro=False, boost_error=False)
    drawn = code.svg_inline(scale=scale, border=4, dark="#000", light="#fff", title=str(title), svgclass="qr")
    return Markup(drawn)  # noqa: S704  drawn by the library, which escapes the title
