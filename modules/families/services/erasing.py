"""Erasing a child's data: at once when nothing holds it, else not before the day the law names (rulebook D10, D24)."""

from __future__ import annotations

from typing import ClassVar

import sqlalchemy as sa

from core.sdk import Refusal, _, ask, db, erase_record, require, scope
from modules.families.models import CHILDREN, Child, Document, Sharing
from modules.families.services.papers import discard

LAW = "개인정보 보호법 §36 · RODO art. 17"


class Held(Refusal):
    """Something keeps the data: an application, a place, or a period the law names."""

    code: ClassVar[str] = "family.held"


def holds(child: Child) -> list[str]:
    """Why the child's data must stay for now, one sentence each; empty when it may go at once."""
    require("families.child.read")
    number, family_id = child.id, child.family_id
    with scope.system("what holds a child's data"):
        found = [sentence for answers in ask("holds_of_child", child_id=number, family_id=family_id) for sentence in answers]
        seen = sa.exists().where(Sharing.child_id == number, Sharing.ends_on.is_(None), Sharing.purpose != "counter")
        if not found and db.session.scalar(sa.select(seen)):
            found.append(str(_("A centre looks after the child or keeps its application.")))
    return found


def erase(child: Child) -> None:
    """Erase a child with its consents, papers and collectors, for good. Raises `Held` with every reason. Commits."""
    require("families.child.erase")
    reasons = holds(child)
    if reasons:
        raise Held(" ".join(reasons))
    number, place = child.id, child.region_no
    with scope.system("the files of a child that is erased"):
        papers = db.session.execute(
            sa.select(Document.family_id, Document.file).where(Document.child_id == number, Document.file != "")
        ).all()
    erase_record(CHILDREN.name, number, place, LAW)
    for owner, file in papers:
        discard(owner, file)
