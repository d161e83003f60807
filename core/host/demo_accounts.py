"""Accounts to try Dolbom with: passwords are made up and handed back once, and production refuses them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import ClassVar
from uuid import uuid4

import sqlalchemy as sa

from core.db.base import db
from core.errors import Refusal
from core.host import hooks
from core.host.running import running
from core.regions.atlas import atlas
from core.security import passwords, places, roles
from core.security import scope as scopes
from core.security.accounts import EVERYWHERE, Account, Post

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are mistaken for another when read from a screen


class NoDemoHere(Refusal):
    """Demo accounts were wanted where real people work, or for a place that is not there."""

    code: ClassVar[str] = "demo.not-here"


def issue_demo(accounts: Iterable[Mapping[str, str]], first_day: date | None = None) -> dict[str, str]:
    """Issue accounts given as login, role, place (a region's code or a facility's reference), language, name.

    Gives {login: password} of those that are new; existing ones are left as they are. The caller commits.
    """
    if running().settings.env == "prod":
        raise NoDemoHere("Demo accounts are refused in production: their passwords are printed on a screen.")
    made: dict[str, str] = {}
    with scopes.system("demo accounts"):
        known = set(db.session.scalars(sa.select(Account.login)))
        for row in accounts:
            if row["login"] not in known:
                made[row["login"]] = _issue(row, first_day or date(2024, 1, 1))
        db.session.commit()
    return made


def _issue(row: Mapping[str, str], first_day: date) -> str:
    place = _place(row["place"])
    roles.check_place(roles.book.get(row["role"]), place)
    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    account = Account(
        login=row["login"],
        name=row["name"],
        language=row["language"],
        fs_uniquifier=uuid4().hex,
        region_no=places.region_of(place) or EVERYWHERE,
        password=passwords.hashed(password),
        activated_at=datetime.now(UTC),
    )
    db.session.add(account)
    db.session.flush()
    db.session.add(
        Post(account_id=account.id, role=row["role"], place_no=place, first_day=first_day, reason="demo")
    )
    db.session.flush()
    return password


def _place(code: str) -> int:
    if code in ("", "*"):
        return EVERYWHERE
    node = atlas().by_code.get(code)
    if node is not None:
        return node.no
    found: int | None = next((n for n in hooks.ask("facility_number", reference=code) if n is not None), None)
    if found is None:
        raise NoDemoHere(
            f"There is no place {code}: load the demo's regions and facilities before its accounts."
        )
    return found
