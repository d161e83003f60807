"""Background work of enrollment: applications of unborn children end when nobody tells the birth."""

from __future__ import annotations

from datetime import date

from core.sdk import daily, db, job, on
from modules.enrollment.events import ChildAdmitted
from modules.enrollment.services import expire_unborn
from modules.enrollment.services.admitting import judge_siblings


@job("enrollment.unborn.expire")
@daily(at="00:30")
def applications_expire(on: date) -> None:
    """End applications whose birth nobody told"""
    while expire_unborn(on):  # in bounded bites
        db.session.flush()


@on(ChildAdmitted)
def look_at_siblings(happened: ChildAdmitted) -> None:
    """Judge waiting brothers and sisters anew"""
    judge_siblings(happened.application_id)
