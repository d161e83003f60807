"""The host's own papers: certificates of purges and the register of processing, as PDF and as spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.host.retention import Processing, PurgeCertificate
from core.regions.atlas import atlas
from core.text import _
from core.web.documents import Column, paper, table, write_pdf, write_xlsx
from core.web.i18n import language, moment


def certificate_pdf(certificate: PurgeCertificate, *, zone: str = "UTC") -> bytes:
    """A purge certificate to sign and file: what went, by which rule and law, by whom, why, and the digest."""
    return write_pdf(certificate_html(certificate, zone=zone))


def certificate_html(certificate: PurgeCertificate, *, zone: str = "UTC") -> str:
    """The same before it is set."""
    ended = certificate.finished_at
    facts = {
        _("Certificate"): f"{certificate.id}",
        _("Rule"): certificate.rule,
        _("Table"): certificate.table_name,
        _("Place"): _place(certificate.place_no),
        _("Due up to"): certificate.on_day,
        _("Rows purged"): certificate.rows,
        _("Entries of the change history blanked"): certificate.forgotten,
        _("Purged by"): certificate.actor,
        _("Reason"): certificate.reason,
        _("Begun"): moment(certificate.started_at, zone),
        _("Finished"): moment(ended, zone) if ended else _("not finished"),
        _("Digest of the purged keys (SHA-256)"): certificate.digest,
    }
    columns = [
        Column(_("Places")), Column(_("Period")), Column(_("Rows up to")), Column(_("Rule in force")), Column(_("Law")),
    ]  # fmt: skip
    rows = [
        (
            f"{period['places'][0]}–{period['places'][1]}",
            period["period"],
            period["up_to"],
            period["policy"],
            period["law"],
        )
        for period in certificate.periods
    ]
    return paper(_("Certificate of a purge"), table(columns, rows, _("Periods that were over")), facts=facts)


def register_xlsx(entries: Sequence[Processing]) -> bytes:
    """The register of processing as a spreadsheet."""
    return write_xlsx(_register_columns(), _register_rows(entries), sheet=_("Register"), title=_REGISTER)


def register_pdf(entries: Sequence[Processing]) -> bytes:
    """The register of processing as a paper for the authority."""
    style = "@page { size: a4 landscape } html { font-size: 8pt }"
    return write_pdf(register_html(entries), style=style)


def register_html(entries: Sequence[Processing]) -> str:
    """The same before it is set."""
    return paper(_REGISTER, table(_register_columns(), _register_rows(entries)))


_REGISTER = _("Register of processing activities")


def _register_columns() -> list[Column]:
    titles = (
        _("Part"), _("Personal data"), _("Purpose"), _("Legal basis"), _("Recipients"), _("Hosts it talks to"), _("Kept"),
        _("Purge rules"),
    )  # fmt: skip
    return [Column(title) for title in titles]


def _register_rows(entries: Sequence[Processing]) -> list[tuple[Any, ...]]:
    return [
        (
            f"{_(entry.title)} ({entry.module} {entry.version})", ", ".join(entry.personal), entry.purpose,
            entry.legal_basis, ", ".join(entry.recipients), ", ".join(entry.hosts), entry.retain,
            ", ".join(entry.rules),
        )
        for entry in entries
    ]  # fmt: skip


def _place(number: int) -> str:
    node = atlas().nodes.get(number)
    if node is not None:
        return f"{node.name(language())} ({node.code})"
    return str(number) if number else str(_("everywhere"))
