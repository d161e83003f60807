"""The two walls: what a scope may read and write, through the ORM and through raw SQL."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.db.session import NoScope, ScopeChanged
from core.errors import Forbidden
from core.regions.activation import Activation
from core.regions.tree import Place, Region
from core.security import access, rows
from core.security import scope as scopes
from core.security.accounts import Post
from core.testing import NOBODY, count_queries


def test_no_scope_no_session(app):
    with pytest.raises(NoScope, match=r"scope\.use"):
        db.session.scalars(sa.select(Region)).all()


def test_raw_insert_of_a_foreign_place_is_refused_by_the_database(acting, world):
    with (
        acting("administrator", world.district),
        pytest.raises(sa.exc.ProgrammingError, match="row-level security"),
    ):
        db.session.execute(
            sa.text("insert into core.place values (:n, :r)"),
            {"n": world.other_district + 9, "r": world.other_district},
        )


def test_flush_of_a_foreign_row_is_refused_readably(acting, world):
    with acting("administrator", world.district):
        access.note("test")
        db.session.add(
            Activation(module="x", place_no=world.other_district, state="on", first_day=date(2026, 1, 1))
        )
        with pytest.raises(rows.OutOfScope, match="outside your post"):
            db.session.flush()


def test_moving_an_own_row_away_is_refused(acting, world):
    with acting("administrator", world.district):
        access.note("test")
        row = Activation(module="x", place_no=world.district, state="on", first_day=date(2026, 1, 1))
        db.session.add(row)
        db.session.flush()
        row.place_no = world.other_district
        with pytest.raises(rows.OutOfScope):
            db.session.flush()


def test_write_without_asking_is_refused(acting, world):
    with acting("administrator", world.district):
        db.session.add(
            Activation(module="x", place_no=world.district, state="on", first_day=date(2026, 1, 1))
        )
        with pytest.raises(access.NotAsked, match="require"):
            db.session.flush()


def test_bulk_write_without_asking_is_refused(acting, world):
    with acting("administrator", world.district), pytest.raises(access.NotAsked):
        db.session.execute(sa.update(Activation).values(reason="x"))


def test_a_session_serves_one_scope(acting, world):
    from core.db import session as sessions

    with acting("administrator", world.district):
        session = db.session()
        session.scalars(sa.select(Region)).all()
        token = sessions._key.set(scopes.Scope("user", "account:2"))
        try:
            with pytest.raises(ScopeChanged):
                session.scalars(sa.select(Region)).all()
        finally:
            sessions._key.reset(token)


def test_posts_of_other_places_are_invisible_but_own_ones_are_not(acting, world, app):
    with scopes.system("posts for the test"):
        from core.security.accounts import Account

        for index, place in enumerate((world.district, world.other_district), 1):
            account = Account(login=f"u{index}", name="N", fs_uniquifier=f"f{index}", region_no=place)
            db.session.add(account)
            db.session.flush()
            db.session.add(Post(account_id=account.id, role="x", place_no=place, first_day=date(2026, 1, 1)))
        db.session.commit()
        ids = db.session.scalars(sa.select(Account.id).order_by(Account.id)).all()
    with acting("administrator", world.district, account_id=ids[0]):
        assert [p.place_no for p in db.session.scalars(sa.select(Post))] == [world.district]
        assert db.session.execute(sa.text("select count(*) from core.post")).scalar() == 1
    with acting("front_desk", world.facilities[0], account_id=ids[1]):
        assert [p.account_id for p in db.session.scalars(sa.select(Post))] == [ids[1]]
        access.note("test")
        changed = db.session.execute(sa.text("update core.post set role = 'administrator'"))
        assert changed.rowcount == 0, "nobody promotes themselves, also not by raw SQL"


def test_the_app_role_cannot_leave_its_wall(acting, world):
    for statement in ("set role dolbom_owner", "alter table core.post disable row level security",
                      "select * from core.alembic_version", "delete from core.change"):  # fmt: skip
        with acting("administrator", world.district), pytest.raises(sa.exc.ProgrammingError):
            db.session.execute(sa.text(statement))


def test_visitors_read_only_what_is_published(app, world):
    with scopes.public():
        assert len(db.session.scalars(sa.select(Region)).all()) == 6
        for table in ("core.account", "core.post", "core.change"):
            with pytest.raises(sa.exc.ProgrammingError):
                db.session.execute(sa.text(f"select * from {table}"))
            db.session.rollback()


def test_history_catches_raw_sql_with_actor_and_reason(acting, world):
    from core.security.audit import history

    with acting("administrator", world.city) as scope, scopes.use(scope.because("moved")), access.asking():
        access.note("test")
        row = db.session.execute(
            sa.text(
                "insert into core.activation (module, place_no, state, first_day) values ('x', :p, 'on', '2026-01-01') returning id"
            ),
            {"p": world.city},
        ).scalar()
        db.session.execute(sa.text("update core.activation set state = 'off' where id = :i"), {"i": row})
        changes = history("core.activation", row)
        assert [c.op for c in changes] == ["U", "I"]
        assert changes[0].diff == {"state": ["on", "off"]}
        assert (changes[0].actor, changes[0].reason) == (f"account:{NOBODY}", "moved")


def test_role_without_right_is_forbidden(acting, world):
    with acting("front_desk", world.facilities[0]), pytest.raises(Forbidden, match="front_desk"):
        access.require("core.region.create")


def test_place_table_blocks_are_numbered_inside_their_district(app, world):
    with scopes.system("look"):
        for place in db.session.scalars(sa.select(Place)):
            region = db.session.get(Region, place.region_no)
            assert region.no < place.no <= region.hi


def test_a_request_of_one_row_costs_two_round_trips(acting, world):
    with acting("administrator", world.city), count_queries(at_most=2):
        db.session.scalars(sa.select(Region).limit(1)).all()
