"""What the four database roles may do, further databases, and a PostgreSQL somebody else runs."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from core.db.servers import Servers, attach, create_database, drop_database, roles
from core.db.servers.address import as_role, on_database
from core.db.servers.refusals import DatabaseNotPrepared, DatabaseUnreachable

from .lab import Lab, answers, rows, settings_for


@pytest.fixture(scope="module")
def town(seed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One running home for all tests of this file."""
    home = tmp_path_factory.mktemp("town") / "home"
    shutil.copytree(seed, home)
    lab = Lab(home)
    with attach(lab.settings):
        yield lab
    lab.close()


@pytest.fixture
def servers(town: Lab) -> Iterator[Servers]:
    """Its addresses."""
    with attach(town.settings) as attached:
        yield attached.servers


def admin(servers: Servers) -> str:
    """The superuser's address."""
    assert servers.admin_url
    return servers.admin_url


def test_no_role_is_above_the_walls(servers: Servers) -> None:
    flags = "rolcanlogin, rolinherit, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb"
    ours = "rolname like 'dolbom\\_%' and rolname <> 'dolbom_admin'"
    found = rows(admin(servers), f"select rolname, {flags} from pg_roles where {ours} order by 1")
    assert found == [(role, True, False, False, False, False, False) for role in sorted(roles.ROLES)]


def test_the_owner_makes_schemas_and_nobody_else_does(servers: Servers) -> None:
    rows(servers.owner_url, "create schema care create table care.child (id int)")
    for address in (servers.app_url, servers.system_url, servers.public_url):
        for statement in (
            "create schema mine",
            "create table public.mine (x int)",
            "select * from care.child",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                rows(address, statement)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            rows(address, "set role dolbom_owner")
    rows(servers.owner_url, "drop schema care cascade")


def test_visitors_make_not_even_temporary_tables(servers: Servers) -> None:
    rows(servers.app_url, "create temporary table note (x int)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(servers.public_url, "create temporary table note (x int)")


def test_roles_reach_only_dolboms_database(servers: Servers) -> None:
    for database in ("postgres", "template1"):
        assert not answers(on_database(servers.app_url, database))


def test_extensions_and_leakproof_functions_are_there(servers: Servers) -> None:
    found = {name for (name,) in rows(servers.owner_url, "select extname from pg_extension")}
    assert found >= set(roles.EXTENSIONS)
    with psycopg.connect(servers.owner_url) as connection:
        assert roles.is_leakproof(connection)
    assert (
        rows(servers.app_url, "select similarity('어린이집', '어린이'), unaccent('zażółć')")[0][1] == "zazolc"
    )


def test_the_search_path_has_no_module_schema(servers: Servers) -> None:
    for address in (servers.owner_url, servers.app_url, servers.system_url, servers.public_url):
        assert rows(address, "show search_path") == [("public",)]


def test_passwords_are_private_and_not_shown(town: Lab, servers: Servers) -> None:
    for path in (town.home.path / "secrets").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_text().strip() not in repr(servers)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(as_role(servers.owner_url, "dolbom_owner", "wrong"))


def test_further_databases_are_copies_with_the_same_rights(servers: Servers) -> None:
    first = create_database(servers, "worker_0")
    rows(
        first.owner_url,
        "create table public.seed as select 1 as x; grant select on public.seed to dolbom_app",
    )
    lingering = psycopg.connect(first.app_url)
    second = create_database(servers, "worker_1", template="worker_0", redis_db=7)
    assert rows(second.app_url, "select x from public.seed") == [(1,)]
    assert second.redis_url == servers.redis_url.replace("db=0", "db=7")
    assert not answers(on_database(second.app_url, "postgres"))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(second.public_url, "create temporary table note (x int)")
    lingering.close()
    for name in ("worker_0", "worker_1", "never_there"):
        drop_database(servers, name)
    assert not answers(second.owner_url)


@pytest.fixture
def foreign(servers: Servers) -> Iterator[str]:
    """The address of a database on a server where only CREATEROLE and that database are ours.

    The four roles of the embedded cluster are renamed out of the way: roles belong to the whole server.
    """
    aside = {role: f"aside_{role}" for role in (roles.APP, roles.SYSTEM, roles.PUBLIC)}
    for role, name in aside.items():
        rows(admin(servers), f"alter role {role} rename to {name}")
    rows(admin(servers), "create role keeper login createrole password 'hush'")
    with psycopg.connect(admin(servers), autocommit=True) as connection:
        connection.execute("create database county owner keeper template template0")
    yield as_role(on_database(servers.owner_url, "county"), "keeper", "hush")
    drop_database(servers, "county")
    for role, name in aside.items():
        rows(admin(servers), f"drop role if exists {role}")
        rows(admin(servers), f"alter role {name} rename to {role}")
    rows(admin(servers), "drop role keeper")


def test_a_foreign_server_gets_our_roles(
    foreign: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_for(tmp_path / "home", DATABASE_URL=foreign, REDIS_URL="redis://127.0.0.1:1/0")
    for _ in range(2):  # the second time everything is there already
        with attach(settings) as attached:
            found = attached.servers
    assert (found.owner_url, found.admin_url, found.embedded) == (foreign, None, False)
    assert found.redis_url == "redis://127.0.0.1:1/0"
    assert rows(found.app_url, "select current_user, current_database()") == [("dolbom_app", "county")]
    assert rows(found.public_url, "show search_path") == [("public",)]
    rows(found.owner_url, "create schema care")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(found.app_url, "create schema mine")
    assert not (tmp_path / "home" / "pg").exists()
    assert "alter function pg_catalog.texticlike(text, text) leakproof" in caplog.text
    with pytest.raises(DatabaseNotPrepared, match="unset DATABASE_URL"):
        create_database(found, "more")


def test_another_machine_is_told_to_share_the_passwords(foreign: str, tmp_path: Path) -> None:
    bell = {"REDIS_URL": "redis://127.0.0.1:1/0"}
    one = settings_for(tmp_path / "one", DATABASE_URL=foreign, **bell)
    with attach(one) as attached:
        found = attached.servers
    with pytest.raises(DatabaseNotPrepared, match=r"role dolbom_app exists there but its password is not in"):
        attach(settings_for(tmp_path / "two", DATABASE_URL=foreign, **bell))
    given = {
        "DATABASE_APP_URL": found.app_url,
        "DATABASE_SYSTEM_URL": found.system_url,
        "DATABASE_PUBLIC_URL": found.public_url,
    }
    with attach(settings_for(tmp_path / "two", DATABASE_URL=foreign, **bell, **given)) as attached:
        assert attached.servers == found
    (tmp_path / "one" / "secrets" / "dolbom_app").write_text("lost\n")
    with pytest.raises(DatabaseUnreachable, match=r"role dolbom_app .*password"):
        attach(one)


def test_a_keeper_without_createrole_is_told_so(foreign: str, servers: Servers, tmp_path: Path) -> None:
    rows(admin(servers), "alter role keeper nocreaterole")
    settings = settings_for(tmp_path / "home", DATABASE_URL=foreign, REDIS_URL="redis://127.0.0.1:1/0")
    with pytest.raises(
        DatabaseNotPrepared, match="may not create roles; grant it CREATEROLE, or set DATABASE_APP_URL"
    ):
        attach(settings)


def test_a_role_above_the_walls_is_refused(foreign: str, servers: Servers, tmp_path: Path) -> None:
    given = {"DATABASE_APP_URL": on_database(admin(servers), "county"), "REDIS_URL": "redis://127.0.0.1:1/0"}
    with pytest.raises(
        DatabaseNotPrepared, match="DATABASE_APP_URL: the role dolbom_admin ignores row-level security"
    ):
        attach(settings_for(tmp_path / "home", DATABASE_URL=foreign, **given))


def test_a_keeper_who_may_not_make_schemas_is_told_so(foreign: str, servers: Servers, tmp_path: Path) -> None:
    rows(admin(servers), "create role guest login password 'hush'")
    try:
        settings = settings_for(
            tmp_path / "home", DATABASE_URL=as_role(foreign, "guest", "hush"), REDIS_URL="redis://h"
        )
        with pytest.raises(DatabaseNotPrepared, match="alter database county owner to guest"):
            attach(settings)
    finally:
        rows(admin(servers), "drop role guest")


def test_a_foreign_database_with_our_own_queue(foreign: str, tmp_path: Path) -> None:
    lab = Lab(tmp_path / "home")
    with attach(settings_for(lab.home.path, DATABASE_URL=foreign)) as attached:
        assert attached.servers.redis_url.startswith("unix://")
        assert not (lab.home.path / "pg").exists()
        assert (lab.home.sockets / "valkey.sock").exists()
    lab.close()
