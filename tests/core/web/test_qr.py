"""QR codes are read back from the picture a browser paints."""

from __future__ import annotations

import base64
import io
import secrets

import pytest
import zxingcpp
from PIL import Image

from core.web.documents.qr import MOST, TooLong, draw_qr


def receipt(size):
    """Text like a receipt's: lines of base64 that no encoder can shorten."""
    text = "c2sp.org/tlog-proof@v1\n"
    while len(text) < size:
        text += base64.b64encode(secrets.token_bytes(32)).decode() + "\n"
    return text[: size - 2] + "ż" if size > 40 else text[:size]


@pytest.mark.browser
@pytest.mark.parametrize("size", [30, 600, 1_500, 2_000, 2_500, MOST])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_stands_in_the_code_is_read_back(chromium, size, theme):
    text = receipt(size)
    page = chromium.new_page(color_scheme=theme, viewport={"width": 900, "height": 900})
    page.set_content(f'<body style="margin:0;background:#222">{draw_qr(text, "Receipt", scale=4)}</body>')
    picture = Image.open(io.BytesIO(page.locator("svg").screenshot()))
    page.close()
    [found] = zxingcpp.read_barcodes(picture)
    assert found.text == text


def test_what_does_not_fit_is_refused(app):
    with pytest.raises(TooLong, match="Save it as a file"):
        draw_qr("x" * (MOST + 1), "x")


def test_a_title_is_escaped():
    assert "<script>" not in draw_qr("x", "<script>")
