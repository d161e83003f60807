"""The register of processing activities, built from the manifests, on screen and as papers (RODO art. 30)."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_admin import expose
from flask_babel import gettext

from core.host.retention import Processing, register_of_processing
from core.host.running import running
from core.text import _
from core.web import papers
from core.web.admin.guarded import PageView

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ProcessingPage(PageView):
    """Who holds which personal data, why, and how long."""

    slug = "processing"
    title = _("Register of processing")
    section = _("Administration")
    icon = "books"
    weight = 72
    permission = "core.retention"

    @expose("/")
    def index(self) -> Any:
        """One line a module that holds personal data."""
        return self.render("office/processing.html", entries=self._entries(), say=gettext)

    @expose("/register.xlsx")
    def spreadsheet(self) -> Any:
        """The register as a spreadsheet."""
        return _file(papers.register_xlsx(self._entries()), _XLSX, "register.xlsx")

    @expose("/register.pdf")
    def paper(self) -> Any:
        """The register as a paper for the authority."""
        return _file(papers.register_pdf(self._entries()), "application/pdf", "register.pdf")

    def _entries(self) -> list[Processing]:
        return register_of_processing(running().registry)


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, mimetype=kind, headers={"Content-Disposition": f"attachment; filename={name}"})
