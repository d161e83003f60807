"""Letters for those no gateway reaches: print them, then say that they were posted."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request
from flask_wtf.csrf import generate_csrf

from core.sdk import PageView, _, allowed, attempting, expose, i18n, ngettext, require
from modules.messaging import rules
from modules.messaging.services.letters import letters_pdf, print_letters, waiting


class LettersPage(PageView):
    """The oldest letters first."""

    slug = "letters"
    title = _("Letters to print")
    permission = "messaging.letter"
    listed = False

    @expose("/")
    def index(self) -> Any:
        """What waits."""
        require("messaging.letter.read")
        found = waiting()
        return self.render(
            "messaging/office/letters.html", rows=found, csrf=generate_csrf(), zone=i18n.zone(), masked=rules.masked_name,
            may_print=allowed("messaging.letter.print"),
        )  # fmt: skip

    @expose("/letters.pdf")
    def pdf(self) -> Any:
        """All that wait, each on a sheet of its own."""
        require("messaging.letter.read")
        found = waiting()
        if not found:
            flash(_("No letter waits."), "warning")
            return redirect(self.get_url(".index"))
        head = {"Content-Disposition": "attachment; filename=letters.pdf"}
        return Response(letters_pdf(found), mimetype="application/pdf", headers=head)

    @expose("/posted", methods=("POST",))
    def posted(self) -> Any:
        """The chosen letters are in the post."""
        chosen = [int(number) for number in request.form.getlist("letter") if number.isdigit()]
        count = 0
        with attempting() as attempt:
            count = print_letters(chosen)
        if attempt.refused:
            flash(str(attempt.refused), "error")
        elif count:
            flash(ngettext("%(num)s letter is posted.", "%(num)s letters are posted.", count), "success")
        else:
            flash(_("Nothing was chosen: tick the letters first."), "warning")
        return redirect(self.get_url(".index"))
