"""Which connections keep plans: the system's, before which no wall stands, and no other."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.db.base import db


@pytest.mark.parametrize(("engine", "kept"), [("system", True), (None, False), ("public", False)])
def test_only_the_system_keeps_plans(app, engine, kept):
    mine = sa.text("select name from pg_prepared_statements where statement like '%kept_for_a_test%'")
    with db.engines[engine].connect() as connection:
        for number in range(8):
            connection.execute(sa.text("select cast(:n as int) as kept_for_a_test"), {"n": number})
        found = connection.execute(mine).all()
    assert bool(found) is kept
