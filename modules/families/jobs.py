"""Background work of families: files that no paper names any more go; families are told what happened."""

from __future__ import annotations

from datetime import date

from core.sdk import daily, job, on
from modules.families.events import ChildBorn, ChildEntered, DocumentDecided, GuardianJoined, RequestAnswered
from modules.families.services import likeness, notices
from modules.families.services.papers import sweep_papers


@job("families.document.sweep", effect="outside")
@daily(at="03:30")
def sweep_files(on: date, idempotency_key: str) -> None:
    """Delete files without a paper"""
    sweep_papers()


@on(DocumentDecided)
def tell_paper(happened: DocumentDecided) -> None:
    """Tell a family what became of a paper"""
    notices.paper_decided(happened)


@on(RequestAnswered)
def tell_answer(happened: RequestAnswered) -> None:
    """Tell a family the answer to its request"""
    notices.request_answered(happened)


@on(GuardianJoined)
def tell_joined(happened: GuardianJoined) -> None:
    """Tell a family who joined it"""
    notices.guardian_joined(happened)


@on(ChildEntered)
def look_for_doubles(happened: ChildEntered) -> None:
    """Look for another record of the child"""
    likeness.look_for(happened.child_id)


@on(ChildBorn)
def look_again(happened: ChildBorn) -> None:
    """Look for another record after the birth"""
    likeness.look_for(happened.child_id)
