"""What other modules may ask of the register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from core.sdk import db, scope
from modules.facilities.models import Facility
from modules.facilities.models.facility import OPEN_STATUSES

__all__ = ["Centre", "capacity", "centre", "centre_of", "code_of", "codes", "names", "number_of"]


def names(numbers: Iterable[int]) -> dict[int, str]:
    """What centres are called, published or not, for pages of those who have to do with them; an unknown one by its number."""
    wanted = sorted(set(numbers))
    query = sa.select(Facility.id, Facility.name).where(Facility.id.in_(wanted))
    with _held_or_system("what a centre is called"):
        rows = db.session.execute(query).all()
    found = {row.id: row.name for row in rows}
    return {number: found.get(number, str(number)) for number in wanted}


def codes(numbers: Iterable[int]) -> dict[int, str]:
    """The public codes of published centres, for links to their pages; others are left out."""
    with scope.public():
        rows = db.session.execute(sa.select(Facility.id, Facility.code).where(Facility.id.in_(sorted(set(numbers)))))
        return {row.id: row.code for row in rows}


def code_of(facility_id: int) -> str:
    """The public code of a published centre; empty for another."""
    return codes([facility_id]).get(facility_id, "")


@dataclass(frozen=True)
class Centre:
    """A centre as other modules know it, published or not."""

    id: int
    code: str
    name: str
    kind: str
    status: str
    published: bool

    @property
    def takes_children(self) -> bool:
        """Whether a family may ask it for a place: it is open and everybody may see it."""
        return self.published and self.status in OPEN_STATUSES


def centre(number: int) -> Centre | None:
    """A centre by its place number; its kind decides which rules hold there."""
    return _one(Facility.id == number)


def capacity(number: int) -> int | None:
    """How many children a centre is approved for, all classes together; None when the register does not say."""
    with _held_or_system("how many children a centre may take"):
        return db.session.scalar(sa.select(Facility.capacity).where(Facility.id == number))


def centre_of(code: str) -> Centre | None:
    """A published centre by its public code."""
    return _one(sa.and_(Facility.code == code, Facility.published))


#: Names of registers on the command line and in addresses → how the register itself is called here.
REGISTERS = {"stcode": "kr-stcode", "rz": "pl-rz"}


def number_of(code: str) -> int | None:
    """The place number of a published centre by Dolbom's code ("F-2AB") or its register's ("stcode:11440000487", "rspo:12345")."""
    register, colon, number = code.partition(":")
    which = (
        sa.and_(Facility.register == REGISTERS.get(register, register), Facility.register_no == number) if colon else Facility.code == code
    )
    with scope.public():
        return db.session.scalar(sa.select(Facility.id).where(which).order_by(Facility.id).limit(1))


def _one(which: sa.ColumnElement[bool]) -> Centre | None:
    query = sa.select(Facility.id, Facility.code, Facility.name, Facility.kind, Facility.status, Facility.published).where(which)
    with _held_or_system("what a centre is"):
        row = db.session.execute(query).one_or_none()
    return Centre(*row) if row else None


@contextmanager
def _held_or_system(reason: str) -> Iterator[None]:
    """The system's session: the one at hand if there is one, for a second connection inside it could wait for the first."""
    if scope.current().kind == "system":
        yield
    else:
        with scope.system(reason):
            yield
