"""Reading registers in the back office: hand in and follow, the runs so far, the defects of each."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, request
from flask_wtf.csrf import generate_csrf
from werkzeug.datastructures import FileStorage

from core.sdk import PageView, SafeView, _, attempting, db, expose, following, naming, require
from modules.facilities import words
from modules.facilities.layouts import LAYOUTS
from modules.facilities.models import ImportDefect, ImportRun
from modules.facilities.services import handing_in


class RunsView(SafeView):
    """Imports with their counts; each opens its defects."""

    of = ImportRun
    slug = "runs"
    title = _("Imports")
    permission = "facilities.import_run"
    column_list = ("at", "layout", "file_name", "totals")
    column_labels = {"at": _("When"), "layout": _("Layout"), "file_name": _("File"), "totals": _("Result")}
    column_sortable_list = ()
    order = ("id", True)
    details_template = "facilities/office/run.html"
    column_formatters = {
        "layout": lambda view, context, row, name: words.LAYOUTS.get(row.layout, row.layout),
        "totals": lambda view, context, row, name: ", ".join(
            f"{word} {row.totals[key]}" for key, word in words.TOTALS.items() if row.totals.get(key)
        ),
    }

    @expose("/details/")
    def details_view(self) -> Any:
        """One import: counts by code and the first defects; the whole report is a file."""
        require("facilities.import_run.read")
        run = self.get_one(request.args.get("id", ""))
        code = request.args.get("code")
        query = (
            db.session.query(ImportDefect)
            .filter_by(run_id=run.id)
            .order_by(ImportDefect.line, ImportDefect.id)
        )
        defects = (query.filter_by(code=code) if code else query).limit(200).all()
        return self.render(
            self.details_template,
            run=run,
            defects=defects,
            code=code,
            words=words,
        )


class ImportPage(PageView):
    """Hand in a register: a job compares or imports it, this page follows."""

    slug = "import"
    title = _("Import a register")
    permission = "facilities.facility"

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        """Choose file, layout and region; comparing writes nothing."""
        require("facilities.facility.import")
        if request.method == "POST" and (number := self._handed_in()):
            return redirect(self.get_url(".follow", number=number))
        return self.render(
            "facilities/office/import.html",
            regions=naming.regions(),
            layouts={name: words.LAYOUTS[name] for name in LAYOUTS},  # one that needs a mapping is for the command line
            csrf=generate_csrf(),
        )

    def _handed_in(self) -> int | None:
        upload, form = request.files.get("file", FileStorage()), request.form
        with attempting() as attempt:
            number = handing_in.hand_in(
                upload.stream, upload.filename or "", form.get("layout", ""), form.get("region", ""),
                compare=form.get("act") != "import",
            )  # fmt: skip
        if attempt.refused:
            flash(str(attempt.refused), "error")
            return None
        return number

    @expose("/<int:number>")
    def follow(self, number: int) -> Any:
        """How far the reading is; then what it found, or why the file was refused."""
        require("facilities.facility.import")
        run = following.run(number, handing_in.JOB)
        return self.render(
            "facilities/office/reading.html", run=run, state=following.state(run), result=run.result or {},
            words=words, here=self.get_url(".follow", number=number),
            asked=self.get_url(".progress", number=number), again=self.get_url(".index"),
        )  # fmt: skip

    @expose("/<int:number>/progress")
    def progress(self, number: int) -> Any:
        """The same for the script of that page."""
        require("facilities.facility.import")
        return jsonify(following.facts(following.run(number, handing_in.JOB), self.get_url(".follow", number=number)))
