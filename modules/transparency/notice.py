"""The head of the log on a sheet of paper: whoever photographs it can hold the log to it later (point 11)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from markupsafe import Markup

from core.sdk import _, documents, i18n, page_address
from modules.transparency.services.proving import Sealed

_STYLE = (
    ".root { font-family: monospace; font-size: 20pt; line-height: 1.6; letter-spacing: .05em } "
    ".qr { width: 62mm; height: 62mm } .lines { font-size: 26pt; margin: 4mm 0 }"
)


def in_groups(root: bytes) -> list[str]:
    """A root in lines of four groups of four signs, to be read aloud and typed."""
    text = root.hex()
    groups = [text[at : at + 4] for at in range(0, len(text), 4)]
    return [" ".join(groups[at : at + 4]) for at in range(0, len(groups), 4)]


def sheet(head: Sealed) -> bytes:
    """The notice as PDF in the language in force; its QR code is the signed head itself."""
    body = [
        Markup("<p>{} {}</p>").format(
            str(_("Every step of every waiting list stands in a public log, and this is its seal.")),
            str(_("Photograph it. If anybody reorders a list later, the seal no longer fits.")),
        ),
        Markup('<h2>{}</h2><p class="lines">{}</p>').format(str(_("Lines")), i18n.number(head.size)),
        Markup('<h2>{}</h2><p class="root">{}</p>').format(str(_("Root")), Markup("<br>").join(in_groups(head.root))),
        Markup("<p>{}</p>").format(
            str(_("Type both in at %(address)s: the page says whether they still fit.", address=page_address("transparency.log")))
        ),
        documents.draw_qr(head.note, _("Signed head of the log"), scale=3),
    ]
    facts = {
        _("Sealed"): i18n.day(head.at.astimezone(ZoneInfo(i18n.zone())).date()), _("Log"): head.note.partition("\n")[0],
        _("Witnesses under it"): head.witnesses,
    }  # fmt: skip
    return documents.write_pdf(documents.paper(_("Notice of the public log"), *body, facts=facts), style=_STYLE)
