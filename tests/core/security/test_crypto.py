"""Sealed fields: what is swapped, altered, dumped or left without its key must never be readable."""

from __future__ import annotations

import itertools
import subprocess
import sys

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.config import ROOT
from core.db.base import db
from core.host.running import running
from core.security import access, crypto, walls
from core.security import scope as scopes
from core.security.keyring import KeyFileUnsafe, KeyRing, UnknownKey
from core.security.rows import FacilityScoped

PLANTED = "900101-2345678"


class Person(FacilityScoped, db.Model):
    """A row as a module would have it."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    national_no: Mapped[bytes | None] = crypto.sealed_column()
    national_no_index: Mapped[bytes | None] = crypto.sealed_column(index=True)
    alien_no: Mapped[bytes | None] = crypto.sealed_column()


SCHEMA = Person.__table__.schema


@pytest.fixture
def table(app):
    """The table in the test database, behind its wall."""

    class Op:
        def __init__(self, connection: sa.Connection) -> None:
            self.connection = connection

        def execute(self, statement: str) -> None:
            self.connection.execute(sa.text(statement))

    with running().owner.begin() as connection:
        connection.execute(sa.schema.CreateSchema(SCHEMA))
        Person.__table__.create(connection)
        connection.execute(sa.text(f"grant usage on schema {SCHEMA} to dolbom_app, dolbom_system"))
        connection.execute(sa.text(f"grant all on {SCHEMA}.person to dolbom_app, dolbom_system"))
        secret = ("national_no", "national_no_index", "alien_no")
        walls.protect(Op(connection), f"{SCHEMA}.person", secret=secret)
    app.extensions.pop("dolbom.keys", None)
    yield app
    db.session.remove()
    with running().owner.begin() as connection:
        connection.execute(sa.text(f"drop schema {SCHEMA} cascade"))


def person(place: int, number: str = PLANTED) -> Person:
    row = Person(facility_id=place)
    db.session.add(row)
    db.session.flush()
    crypto.seal(row, "national_no", number, index="national_no_index")
    crypto.seal(row, "alien_no", number)
    db.session.commit()
    return row


def test_a_sealed_value_comes_back_and_the_look_is_recorded(table, world, acting):
    with acting("director", world.facilities[0]):
        access.note("test")
        row = person(world.facilities[0], "학생-080102-4")
        assert crypto.reveal(row, "national_no", "admission") == "학생-080102-4"
        looks = db.session.execute(
            sa.text("select table_name, pk, fields, reason from core.reading where table_name = :t"),
            {"t": f"{SCHEMA}.person"},
        ).all()
        assert looks == [(f"{SCHEMA}.person", str(row.id), ["national_no"], "admission")]
        with pytest.raises(crypto.NoReason):
            crypto.reveal(row, "national_no", " ")


def test_equal_texts_look_different(table, world):
    with scopes.system("test"):
        one, two = person(world.facilities[0]), person(world.facilities[0])
        assert one.national_no != two.national_no
        assert PLANTED.encode() not in (one.national_no or b"")


def test_every_swap_between_rows_columns_tables_and_tenants_is_rejected(tmp_path):
    """1,260 swaps: each ciphertext in every place but its own."""
    ring = KeyRing(tmp_path / "keys")
    places = [
        crypto.Place(table, column, (row,), tenant)
        for table, column, row, tenant in itertools.product(
            ("families.child", "staff.person"), ("national", "alien"), ("1", "11", "2"), ("1", "11", "2")
        )
    ]
    sealed = [crypto.seal_text(ring, place, PLANTED) for place in places]
    rejected = 0
    for (i, value), (j, place) in itertools.product(enumerate(sealed), enumerate(places)):
        if i == j:
            assert crypto.open_text(ring, place, value) == PLANTED
        else:
            with pytest.raises(crypto.WrongPlace):
                crypto.open_text(ring, place, value)
            rejected += 1
    assert rejected == len(places) * (len(places) - 1) == 1260


def test_a_swap_in_the_database_is_noticed(table, world):
    with scopes.system("test"):
        one, two = person(world.facilities[0]), person(world.facilities[1], "111111-1111111")
        db.session.execute(
            sa.text(f"update {SCHEMA}.person p set national_no = q.national_no from {SCHEMA}.person q "
                    "where p.id = :a and q.id = :b"), {"a": one.id, "b": two.id},
        )  # fmt: skip
        db.session.commit()
        with pytest.raises(crypto.WrongPlace, match="history"):
            crypto.reveal(one, "national_no", "test")


def test_a_row_moved_to_another_tenant_does_not_open(table, world):
    with scopes.system("test"):
        row = person(world.facilities[0])
        db.session.execute(sa.text(f"update {SCHEMA}.person set facility_id = :f"), {"f": world.far[0]})
        db.session.commit()
        with pytest.raises(crypto.WrongPlace):
            crypto.reveal(row, "national_no", "test")


def test_every_altered_byte_is_rejected(tmp_path):
    ring, place = KeyRing(tmp_path / "keys"), crypto.Place("t.t", "c", ("1",), "1")
    sealed = crypto.seal_text(ring, place, PLANTED)
    for index in range(len(sealed)):
        altered = sealed[:index] + bytes([sealed[index] ^ 1]) + sealed[index + 1 :]
        with pytest.raises((crypto.WrongPlace, UnknownKey)):
            crypto.open_text(ring, place, altered)
    for length in range(len(sealed)):
        with pytest.raises((crypto.WrongPlace, UnknownKey)):
            crypto.open_text(ring, place, sealed[:length])


def test_rotation_reseals_everything_and_the_old_key_may_leave(table, world):
    with scopes.system("test"):
        ids = [person(world.facilities[n % 2], f"90010{n}-1234567").id for n in range(7)]
        old = crypto.keyring().current()
        assert crypto.reseal(Person, "national_no", index="national_no_index") == 0, "nothing is old yet"
        new = crypto.keyring().add()
        assert crypto.keyring().current().id == new.id
        # Between adding a key and the end of the rotation, searches ask under both.
        found = sa.select(Person.id).where(crypto.has(Person.national_no_index, "9001031234567"))
        assert db.session.scalars(found).all() == [ids[3]]
    assert crypto.reseal(Person, "national_no", index="national_no_index", batch=3) == 7
    assert crypto.reseal(Person, "alien_no", batch=3) == 7
    (crypto.keyring().folder / f"{old.name}.key").unlink()
    with scopes.system("test"):
        rows = db.session.scalars(sa.select(Person).order_by(Person.id)).all()
        opened = [crypto.reveal(row, "national_no", "test") for row in rows]
        assert opened == [f"90010{n}-1234567" for n in range(7)]
        found = sa.select(Person.id).where(crypto.has(Person.national_no_index, " 900103 1234567"))
        assert db.session.scalars(found).all() == [ids[3]]
        assert crypto.reseal(Person, "national_no") == 0


def test_a_lost_key_is_named(table, world):
    with scopes.system("test"):
        row = person(world.facilities[0])
        name = crypto.keyring().current().name
        (crypto.keyring().folder / f"{name}.key").unlink()
        crypto.keyring().add()
        with pytest.raises(UnknownKey, match=f"put {name}.key back"):
            crypto.reveal(row, "national_no", "test")


def test_a_row_without_id_cannot_be_sealed(table, world):
    with scopes.system("test"), pytest.raises(crypto.NotSealable, match="flush"):
        crypto.seal(Person(facility_id=world.facilities[0]), "national_no", PLANTED)


def test_blind_indexes_say_nothing_without_the_key_and_differ_by_column(table, world, tmp_path):
    ring, other = KeyRing(tmp_path / "a"), KeyRing(tmp_path / "b")
    digests = {
        crypto._blind(ring.current(), "t.t", "one", PLANTED)[6:],
        crypto._blind(ring.current(), "t.t", "two", PLANTED)[6:],
        crypto._blind(ring.current(), "t.u", "one", PLANTED)[6:],
        crypto._blind(other.current(), "t.t", "one", PLANTED)[6:],
    }
    assert len(digests) == 4


def test_planted_numbers_are_in_no_dump(table, world, app, tmp_path):
    with scopes.system("test"):
        row = person(world.facilities[0])
        crypto.seal(row, "national_no", PLANTED.replace("2345678", "2345679"))
        db.session.commit()
    servers = running().servers
    assert servers.pg_bin is not None and servers.admin_url is not None
    for form in ("plain", "tar"):
        dump = subprocess.run(
            [servers.pg_bin / "pg_dump", "-F", form[0], servers.admin_url], capture_output=True, check=True
        ).stdout
        assert f"{SCHEMA}.person".encode() in dump
        for number in (PLANTED, PLANTED.replace("-", ""), "2345678", "2345679"):
            assert number.encode() not in dump
            assert number.encode().hex().encode() not in dump.lower()
        for key in crypto.keyring().folder.iterdir():
            assert key.read_bytes().strip() not in dump


def test_keys_are_private_files(tmp_path):
    ring = KeyRing(tmp_path / "keys")
    path = ring.folder / f"{ring.current().name}.key"
    assert (path.stat().st_mode & 0o777, ring.folder.stat().st_mode & 0o777) == (0o600, 0o700)
    path.chmod(0o644)
    with pytest.raises(KeyFileUnsafe, match="chmod 600"):
        KeyRing(tmp_path / "keys").current()
    path.chmod(0o600)
    path.write_text("c2hvcnQ=\n")
    with pytest.raises(KeyFileUnsafe, match="32 bytes"):
        KeyRing(tmp_path / "keys").current()


def test_many_processes_asking_first_get_along(tmp_path):
    program = (
        "import sys; from pathlib import Path; from core.security.keyring import KeyRing; "
        "print(KeyRing(Path(sys.argv[1])).current().name)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "keys")]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(4)]
    names = {run.communicate()[0].strip() for run in runs}
    assert all(run.returncode == 0 for run in runs)
    ring = KeyRing(tmp_path / "keys")
    assert names <= {key.name for key in ring}, "each process sealed with a key that is still there"


def test_masking_keeps_the_shape():
    assert crypto.mask("900101-2345678") == "900101-•••••••"


