"""What waits for a second person: read what is asked and why, agree or refuse, or take one's own request back (V2.3.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, request
from flask_admin import expose
from flask_wtf.csrf import generate_csrf

from core.db.base import db
from core.errors import NotFound
from core.security import access, approvals
from core.security import scope as scopes
from core.security.accounts import Account
from core.security.approvals import Approval
from core.security.factors import lost
from core.text import _
from core.web import i18n
from core.web.admin.guarded import PageView, attempting
from core.web.office import account_links, asked, naming
from core.web.shell import role_title

SIZE = 50
_ENDED = {
    "approved": ("ok", _("agreed")), "refused": ("stop", _("refused")), "withdrawn": ("neutral", _("taken back")),
    "waiting": ("waiting", _("waiting")),
}  # fmt: skip


class ApprovalsPage(PageView):
    """Agree to what others ask for: four eyes."""

    slug = "approvals"
    title = _("Approvals")
    section = _("Administration")
    icon = "shield-check"
    weight = 16
    permission = "core.approval"

    @expose("/")
    def index(self) -> Any:
        """What waits for me, what I asked for, and what was decided lately."""
        access.require("core.approval.read")
        mark = request.args.get("after")
        found = approvals.waiting(limit=SIZE + 1, after=asked.number(mark) if mark else None)
        rows, me = found[:SIZE], scopes.current().account_id
        lately = self._lately()
        words = Words([*rows, *lately])
        return self.render(
            "office/approvals.html", ended=_ENDED, zone=i18n.zone(),
            theirs=[one for one in rows if one.requested_by != me and self._may_decide(one)],
            mine=[one for one in rows if one.requested_by == me],
            others=[one for one in rows if one.requested_by != me and not self._may_decide(one)],
            lately=lately, words={one.id: words.of(one) for one in (*rows, *lately)},
            places=naming.places(one.place_no for one in (*rows, *lately)),
            names=naming.people(no for one in (*rows, *lately) for no in (one.requested_by, one.decided_by)),
            next=self.get_url(".index", after=rows[-1].id) if len(found) > SIZE else None,
            first=self.get_url(".index") if mark else None,
        )  # fmt: skip

    def _lately(self) -> list[Approval]:
        query = sa.select(Approval).where(Approval.state != "waiting").order_by(Approval.id.desc()).limit(20)
        return list(db.session.scalars(query))

    def _may_decide(self, one: Approval) -> bool:
        kind = approvals.find(one.kind)  # none: its module is gone since
        return kind is not None and access.allowed(kind.permission, at=one.place_no)

    @expose("/<number>")
    def details(self, number: str) -> Any:
        """One request with all that is known of it."""
        one = self._here(number)
        names = naming.people([one.requested_by, one.decided_by])
        own = one.requested_by == scopes.current().account_id
        waits = approvals.waits(one)
        return self.render(
            "office/approval.html", one=one, words=Words([one]).of(one), names=names, zone=i18n.zone(), own=own,
            place=naming.places([one.place_no])[one.place_no], ended=_ENDED, waits=waits, csrf=generate_csrf(),
            may_decide=waits and not own and self._may_decide(one), may_withdraw=waits and own and self.may("withdraw", one),
        )  # fmt: skip

    def _here(self, number: str) -> Approval:
        access.require("core.approval.read")
        found: Approval | None = db.session.scalar(
            sa.select(Approval).where(Approval.id == asked.number(number))
        )
        if found is None:
            raise NotFound(_("There is no such request here."))
        return found

    @expose("/<number>/<act>", methods=("POST",))
    def decide(self, number: str, act: str) -> Any:
        """Agree, refuse or take back, with a reason."""
        acts: dict[str, Callable[[int, str], Any]] = {
            "approve": approvals.approve, "refuse": approvals.refuse, "withdraw": approvals.withdraw,
        }  # fmt: skip
        if act not in acts:
            raise NotFound(_("There is no such act: choose one of the buttons on the page of the request."))
        one = self._here(number)
        kind, subject = one.kind, one.subject
        with attempting() as attempt:
            made = acts[act](one.id, asked.reason())
        if attempt.refused:
            flash(str(attempt.refused), "error")
            return redirect(self.get_url(".details", number=number))
        if act == "approve" and kind == "core.account.reset":
            return account_links.show(self, db.session.get_one(Account, int(subject)), made, "reset")
        flash(_SAID[act], "success")
        return redirect(self.get_url(".index"))


_SAID = {
    "approve": _("You agreed: it is done."),
    "refuse": _("You refused: nothing was done. The person who asked sees your reason."),
    "withdraw": _("Your request is taken back."),
}


class Words:
    """What requests ask for, each in one sentence; the names in them are asked for once."""

    def __init__(self, requests: Iterable[Approval]) -> None:
        given = [one for one in requests if one.kind == "core.post.give"]
        resets = [one for one in requests if one.kind in ("core.account.reset", lost.ACT)]
        self._people = naming.people([
            *(one.facts["account"] for one in given), *(int(one.subject) for one in resets),
        ])  # fmt: skip
        self._places = naming.places(one.facts["place"] for one in given)

    def of(self, one: Approval) -> str:
        """The sentence; kinds of modules are said by the title they registered."""
        if one.kind == "core.post.give":
            return self._give(one.facts)
        if one.kind == "core.account.reset":
            person = self._people[int(one.subject)]
            return str(_("Let %(person)s choose a new password; you hand the link over.", person=person))
        if one.kind == lost.ACT:
            person = self._people[int(one.subject)]
            return str(_("Remove the second step of %(person)s, who lost it.", person=person))
        kind = approvals.find(one.kind)
        return f"{kind.title if kind and kind.title else one.kind} · {one.subject}"

    def _give(self, facts: dict[str, Any]) -> str:
        return str(
            _(
                "Give %(person)s the role %(role)s at %(place)s from %(day)s.",
                person=self._people[facts["account"]],
                role=role_title(facts["role"]),
                place=self._places[facts["place"]],
                day=i18n.day(date.fromisoformat(facts["first_day"])),
            )
        )
