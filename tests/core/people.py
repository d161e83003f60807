"""People for tests of accounts and sign-in: made straight in the database, with one known password."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from core.db.base import db
from core.security import passwords, places
from core.security import scope as scopes
from core.security.accounts import Account, Post

PASSWORD = "zielony parasol nad rzeką 7"
_hash: list[str] = []


def make(
    login: str,
    role: str | None = None,
    place: int = 0,
    *,
    name: str = "Someone",
    first_day: date = date(2024, 1, 1),
    **facts: Any,
) -> int:
    """An activated account with (or without) a post; gives its id."""
    if not _hash:
        _hash.append(passwords.hashed(passwords.normalized(PASSWORD)))
    with scopes.system("people for a test"):
        home = facts.pop("region_no", places.region_of(place) or 0)
        last_day = facts.pop("last_day", None)
        values = {"password": _hash[0], "activated_at": datetime.now(UTC), "language": "en", **facts}
        account = Account(login=login, name=name, fs_uniquifier=uuid4().hex, region_no=home, **values)
        db.session.add(account)
        db.session.flush()
        made: int = account.id
        if role is not None:
            db.session.add(
                Post(account_id=made, role=role, place_no=place, first_day=first_day, last_day=last_day)
            )
        db.session.commit()
    return made


def column(name: str, account_id: int) -> Any:
    """One column of an account, past all walls."""
    with scopes.system("look for a test"):
        return db.session.execute(
            sa.text(f"select {name} from core.account where id = :id"), {"id": account_id}
        ).scalar()


def run(statement: str, **facts: Any) -> Any:
    """Run a statement as the system and commit."""
    with scopes.system("arrange a test"):
        result = db.session.execute(sa.text(statement), facts)
        rows = result.all() if result.returns_rows else []
        db.session.commit()
    return rows


def sign_in(client: Any, login: str, password: str = PASSWORD, **more: Any) -> Any:
    """Post the form of the login page."""
    return client.post("/login", data={"username": login, "password": password, **more})


def centre(world, phone=""):
    """A centre on the first place number of the world, with a telephone: the module that keeps the register has it."""
    from core.security import access
    from modules.facilities.services import register

    with access.asking(), scopes.system("a centre for a test"):
        made = register(region_no=world.district, name="Centre", kind="HOME")
        made.phone = phone
        number: int = made.id
        db.session.commit()
    return number
