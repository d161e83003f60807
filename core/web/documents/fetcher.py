"""What a document may load while it is printed: files of the theme and data it carries itself."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

#: How addresses of the theme begin on web pages.
_ON_PAGES = "/static/"


class ThemeOnly(URLFetcher):  # type: ignore[misc]  # weasyprint has no types
    """WeasyPrint's own fetcher would open the network and any file (security.md)."""

    def __init__(self, static: Path) -> None:
        super().__init__(allowed_protocols=("data", "file"), allow_redirects=False)
        self.static = static.resolve()

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """The resource, or the end of the document: a silent hole would hide an attack or our mistake."""
        if url[:5].lower() == "data:":
            return super().fetch(url, headers)
        path = self._ours(url)
        if path is None:
            raise FatalURLFetchingError(
                f"the document may load only files of the theme, not {url[:120]}; "
                "put a picture into the page as data"
            )
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    def _ours(self, url: str) -> Path | None:
        parts = urlsplit(url)
        if parts.scheme != "file" or parts.netloc:
            return None
        asked = unquote(parts.path)
        if asked.startswith(_ON_PAGES):
            asked = str(self.static / asked.removeprefix(_ON_PAGES))
        # Links are followed before we judge: one inside the theme may point out of it.
        path = Path(asked).resolve()
        return path if path.is_relative_to(self.static) and path.is_file() else None
