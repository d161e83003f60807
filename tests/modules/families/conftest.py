"""People of the tests: parents with accounts in a district, and a way to act as one."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from core.db.base import db
from core.security import access
from core.security import scope as scopes
from core.security.accounts import Account, Post

TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _korea(monkeypatch):
    """Telephone numbers of the test world are read as Korean ones."""
    monkeypatch.setattr("core.security.addresses.countries", lambda region_no: ["KR"])


@pytest.fixture
def parent(app, world):
    """Makes a parent's account in the first district; gives its number."""

    def make(name="Parent", place=None):
        with scopes.system("a parent of a test"):
            account = Account(
                login=f"p-{uuid4().hex[:10]}", name=name, fs_uniquifier=uuid4().hex, region_no=place or world.district,
                activated_at=datetime.now(UTC),
            )  # fmt: skip
            db.session.add(account)
            db.session.flush()
            db.session.add(
                Post(account_id=account.id, role="parent", place_no=place or world.district,
                     first_day=date(2020, 1, 1), reason="test")
            )  # fmt: skip
            number = account.id
            db.session.commit()
        return number

    return make


@pytest.fixture
def being(world):
    """`with being(account):` acts as that parent: sees what is its own and nothing else."""

    @contextmanager
    def act(account_id, place=None, on=TODAY):
        mine = scopes.Scope(
            "user", f"account:{account_id}", role="parent", account_id=account_id, place=place or world.district,
            on_date=on,
        )  # fmt: skip
        with access.asking(), scopes.use(mine):
            yield mine

    return act


@pytest.fixture
def family(parent, being):
    """A mother with a daughter; gives (account, family number, child number)."""
    from modules.families.models import Family
    from modules.families.services import add_child, found

    account = parent("Kim Jiyoung")
    with being(account):
        number = found(name="김지영", relation_to_child="mother", phone="010-1234-5678")
        child = add_child(db.session.get(Family, number), name="박서연", born_on=date(2024, 5, 4))
        child_id = child.id
        db.session.commit()
    return account, number, child_id
