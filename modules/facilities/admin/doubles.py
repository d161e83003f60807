"""Possible doubles in the back office: look for them, read both records side by side, decide each (S2-42)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_wtf.csrf import generate_csrf

from core.sdk import (
    NotFound,
    SafeView,
    _,
    allowed,
    atlas,
    attempting,
    audit,
    db,
    expose,
    histories,
    naming,
    require,
)
from modules.facilities import words
from modules.facilities.models import MergeProposal
from modules.facilities.services.merging import MENDED, decide, pair_of, propose

REASONS: dict[str, Any] = {
    "same_name": _("same name"),
    "same_phone": _("same telephone"),
    "same_address": _("same address"),
    "same_point": _("same place on the map"),
}
#: State → (status look, word).
STATES: dict[str, tuple[str, Any]] = {
    "open": ("waiting", _("to be decided")),
    "merged": ("ok", _("merged")),
    "distinct": ("neutral", _("two centres")),
}


class DoublesView(SafeView):
    """Centres that may be one, from different sources; nothing is merged unless a person says so."""

    of = MergeProposal
    slug = "doubles"
    title = _("Possible doubles")
    permission = "facilities.merge_proposal"
    column_list = ("id", "score", "evidence", "state")
    column_labels = {"id": _("Pair"), "score": _("Likeness"), "evidence": _("Why"), "state": _("State")}
    column_numbers = ("score",)
    column_filters = ("state",)
    column_words = {"state": lambda: {code: word for code, (_look, word) in STATES.items()}}
    column_sortable_list = ("score",)
    order = ("score", True)
    list_template = "facilities/office/doubles.html"
    details_template = "facilities/office/double.html"
    empty_hint = _("Look for doubles after registers of two sources were imported.")
    column_formatters = {"evidence": lambda view, context, row, name: reasons(row)}

    def render(self, template: str, **kwargs: Any) -> Any:
        """Give the list the regions in which one may look."""
        if template == self.list_template:
            kwargs["regions"] = naming.regions()
            kwargs["may_look"] = allowed("facilities.facility.merge")
            kwargs["csrf"] = generate_csrf()
        return super().render(template, **kwargs)

    @expose("/look", methods=("POST",))
    def look_view(self) -> Any:
        """Compare the centres of a region; what is found waits in the list."""
        code = request.form.get("region", "")
        if code not in atlas().by_code:
            raise NotFound(_("There is no region %(code)s here: use a code like KR-11.", code=code))
        count = propose(code)
        db.session.commit()
        flash(
            _("%(count)s new pairs wait for a decision.", count=count)
            if count
            else _("No new pairs were found."),
            "success",
        )
        return redirect(self.get_url(".index_view"))

    @expose("/details/")
    def details_view(self) -> Any:
        """Both records side by side, what speaks for one centre, and how it was decided."""
        require("facilities.merge_proposal.read")
        proposal = self.get_one(request.args.get("id", ""))
        pair = pair_of(proposal)
        return self.render(
            self.details_template, proposal=proposal, pair=pair, rows=rows(pair), words=words, csrf=generate_csrf(),
            state=STATES[proposal.state], why=reasons(proposal),
            may_decide=proposal.state == "open" and allowed("facilities.facility.merge", at=proposal.region_no),
            history=_history(proposal),
        )  # fmt: skip

    @expose("/<int:number>/decide", methods=("POST",))
    def decide_view(self, number: int) -> Any:
        """Merge the two, or say that they are two."""
        proposal = self.get_one(number)
        keep = request.form.get("keep", "")
        with attempting() as attempt:
            decide(
                proposal, merge=request.form.get("act") == "merge", reason=request.form.get("reason", ""),
                keep=int(keep) if keep.isdecimal() else None,
            )  # fmt: skip
        if attempt.refused:
            flash(str(attempt.refused), "error")
            return redirect(self.get_url(".details_view", id=number))
        flash(
            _("The two records are one now.") if proposal.state == "merged" else _("They stay two centres."),
            "success",
        )
        return redirect(self.get_url(".index_view"))


def reasons(proposal: MergeProposal) -> str:
    """What speaks for one centre, in words."""
    return ", ".join(str(REASONS[name]) for name in REASONS if proposal.evidence.get(name))


def _history(proposal: MergeProposal) -> list[dict[str, Any]]:
    """How it was decided, by whom and why."""
    changes = audit.history("facilities.merge_proposal", proposal.id)
    decided = [change for change in changes if change.op == "U"]
    return histories.entries(decided, {}, words.said, lambda _change: STATES[proposal.state][1])


#: What is compared, in this order.
_COMPARED = (
    "name", "code", "register", "register_no", "kind", "status", "address", "postcode", "phone", "fax", "homepage", "lat",
    "lon", "licensed_on", "capacity", "enrolled", "rooms", "room_area_m2", "total_area_m2", "playgrounds", "cctv",
    "staff_count", "bus", "operator", "source_on",
)  # fmt: skip


def rows(pair: list[Any]) -> list[dict[str, Any]]:
    """One row a fact: its label, both values, whether they differ, and whether a merge fills a gap with it."""
    found = []
    for name in _COMPARED:
        values = [getattr(facility, name) if facility else None for facility in pair]
        empty = [value is None or value == "" for value in values]
        if all(empty):
            continue
        found.append(
            {"label": words.FIELDS[name], "values": [words.said(name, value) for value in values], "differ": values[0] != values[1],
             "fills": name in MENDED and empty[0] and not empty[1]}
        )  # fmt: skip
    return found
