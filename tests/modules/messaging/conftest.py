"""What the tests of messaging share: someone to write to, and the sandbox gateway as it is after a fresh start."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from core.db.base import db
from core.security import scope as scopes
from core.security.accounts import Account, Post
from modules.messaging.api import Recipient

MOTHER = Recipient("김지영", "ko", phone="010-1234-5678")
FACTS = {"subject": "March fees", "text": "Please pay by the 25th."}


@pytest.fixture
def parent(app, world):
    """Makes a parent's account in the first district; gives its number."""

    def make(name="Kim Jiyoung", place=None, email="", language="en"):
        with scopes.system("a parent of a test"):
            account = Account(
                login=f"p-{uuid4().hex[:10]}", name=name, fs_uniquifier=uuid4().hex, region_no=place or world.district,
                activated_at=datetime.now(UTC), email=email or None, language=language,
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
