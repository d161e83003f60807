"""An offer out of order: only for an enumerated reason, asked for by one officer and agreed to by one of another organisation (point 13)."""

from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy as sa

from core.sdk import Refusal, _, approvals, atlas, db, require, scope
from modules.enrollment.models import Application, Entry, Vacancy
from modules.enrollment.services import writing
from modules.enrollment.services.offering import NotNext, locked, place_offered
from modules.enrollment.services.places import vacancy_of
from modules.facilities import api as facilities

#: The only reasons (docs/log.md).
REASONS = ("court_order", "child_protection", "disaster", "error_of_office")
ACT = "enrollment.offer.override"


class OneOffice(Refusal):
    """Both officers work for one organisation."""

    code: ClassVar[str] = "enrollment.one-office"
    http: ClassVar[int] = 403


def ask(vacancy_id: int, application_id: int, *, code: str, reason: str) -> int:
    """Ask an officer of another organisation to agree that an application is offered a vacancy out of order. Commits."""
    found = vacancy_of(vacancy_id)
    require("enrollment.application.override", at=found.facility_id)
    if code not in REASONS:
        raise NotNext(_("Choose one of the reasons the rules name."))
    entry = db.session.scalar(sa.select(Entry).where(Entry.application_id == application_id, Entry.state == "waiting"))
    if entry is None or entry.list_name != found.list_name or found.state != "open":
        raise NotNext(_("This family takes no part in this vacancy."))
    request = approvals.ask(
        ACT, at=found.facility_id, subject=f"{vacancy_id}", reason=reason,
        facts={"application": application_id, "code": code, "office": _office(), "officer": _officer()},
    )  # fmt: skip
    number = int(request.id)
    db.session.commit()
    return number


@approvals.act(ACT, permission="enrollment.application.override", title=_("A place offered out of order"))
def _agreed(request: Any) -> None:
    """The second officer agrees: the override stands in the log, and the place is offered."""
    require("enrollment.application.override", at=request.place_no)
    facts, office, officer = request.facts, _office(), _officer()
    if office == facts["office"]:
        raise OneOffice(_("You work for the same office as the one who asked: an officer of another one has to agree."))
    with scope.system("two officers put an application first"):
        vacancy = locked(int(request.subject))
        application = db.session.get_one(Application, int(facts["application"]), with_for_update=True, populate_existing=True)
        entry = writing.entry_of(application)
        if application.state != "waiting" or entry.list_name != vacancy.list_name:
            raise NotNext(_("This family takes no part in this vacancy."))
        writing.step(
            entry, "override", vacancy=int(vacancy.id), reason=facts["code"], first=f"{facts['office']}/{facts['officer']}",
            second=f"{office}/{officer}",
        )  # fmt: skip
        place_offered(vacancy, application)
        db.session.commit()


def open_in(list_name: str, facility_id: int) -> list[Vacancy]:
    """Vacancies of a list that nobody is offered; vacancies are public."""
    require("enrollment.place.read")
    query = sa.select(Vacancy).where(Vacancy.facility_id == facility_id, Vacancy.list_name == list_name, Vacancy.state == "open")
    return list(db.session.scalars(query.order_by(Vacancy.id).limit(50)))


def _office() -> str:
    """The organisation of the post at hand: the code of its region or centre."""
    place = scope.current().place or 0
    region = atlas().nodes.get(place)
    if region is not None:
        return str(region.code)
    centre = facilities.centre(place)
    return centre.code if centre else str(place)


def _officer() -> str:
    """An officer as the log names them: a number that says nothing to strangers and leads to one person in an inquiry."""
    return f"{scope.current().account_id:x}"
