"""What is on where: remembered by version, and never more than was true."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.host.running import running
from core.regions import activation
from core.regions.atlas import ActivationVersion
from core.security import access
from core.security import scope as scopes


@pytest.fixture
def other():
    """Another process: `other(statement)` as the owner, committed at once."""

    def run(statement):
        with running().owner.begin() as owner:
            owner.execute(sa.text(statement))

    return run


def version():
    with access.asking(), scopes.system("look"):
        return db.session.scalar(sa.select(ActivationVersion.v))


def test_what_was_rolled_back_is_not_remembered(app, world, other):
    """Versions once were counted: other changes reached the number under which something else had been remembered."""
    with access.asking(), scopes.system("switch off, and fail"):
        activation.switch("facilities", world.city, on=False, first_day=date(2020, 1, 1), reason="by mistake")
        db.session.flush()
        assert not activation.is_active("facilities", world.district)
        assert not activation.is_active_somewhere("facilities")
        mistaken = db.session.scalar(sa.select(ActivationVersion.v))
        db.session.rollback()
    while version() < mistaken:
        other("update core.activation set reason = 'said again' where module = 'facilities'")
    with access.asking(), scopes.system("look"):
        assert activation.is_active("facilities", world.district)
        assert activation.is_active_somewhere("facilities")


def test_each_change_has_a_version_of_its_own(app, world, other):
    first = version()
    other("update core.activation set reason = 'a' where module = 'facilities'")
    second = version()
    other("update core.activation set reason = 'b' where module = 'facilities'")
    assert first < second < version()


def test_lines_in_force_of_a_day(app, world):
    with access.asking(), scopes.system("switch one district off from March"):
        activation.switch("facilities", world.district, on=False, first_day=date(2026, 3, 1), reason="works")
        db.session.commit()
        before = activation.active_places("facilities", date(2026, 2, 28))
        after = activation.active_places("facilities", date(2026, 3, 1))
    assert [(place, on) for place, _depth, on in before] == [(world.city, True)]
    assert [(place, on) for place, _depth, on in after] == [(world.city, True), (world.district, False)]
    assert after[0][1] < after[1][1], "the deeper line comes later"
