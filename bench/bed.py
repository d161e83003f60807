"""An installation for one bench: its own home and servers, Seoul opened, as many centres as wanted, people signed in."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from apiflask import APIFlask
from flask import session

from core.config import ROOT, Settings, load_settings
from core.db.servers import attach
from core.db.servers.address import Servers

DEMO = ROOT / "plugins" / "kr_seoul" / "data" / "demo_facilities.csv.gz"
CITY = "KR-11"


@dataclass
class Bed:
    """One installation under test."""

    home: Path
    environ: Mapping[str, str]
    settings: Settings
    servers: Servers
    _app: list[APIFlask] = field(default_factory=list)

    @property
    def app(self) -> APIFlask:
        """The application in this process, made on first use."""
        if not self._app:
            from core.app import create_app

            self._app.append(create_app(self.settings, servers=self.servers))
        return self._app[0]

    def owner(self) -> psycopg.Connection[Any]:
        """A connection past all walls, to lay out the ground of a bench."""
        return psycopg.connect(self.servers.admin_url or self.servers.owner_url, autocommit=True)

    def dispose(self) -> None:
        """Close every connection of the application."""
        from core.db.base import db

        for app in self._app:
            with app.app_context():
                for engine in db.engines.values():
                    engine.dispose()


@contextmanager
def bed(*, opened: bool = True) -> Iterator[Bed]:
    """A home of its own with servers, removed afterwards; `opened` ones are migrated and hold Seoul's regions."""
    home = Path(tempfile.mkdtemp(prefix="dolbom-bench-"))
    given = {name: value for name, value in os.environ.items() if not name.startswith(("DOLBOM_", "DATABASE_", "REDIS_"))}
    given.pop("PORT", None)
    environ = {**given, "DOLBOM_HOME": str(home), "DOLBOM_ENV": "dev", "DOLBOM_DEMO": "none", "DOLBOM_LOG_LEVEL": "error",
               "PYTHONPATH": str(ROOT)}  # fmt: skip
    guardian = 0
    try:
        settings = load_settings(environ)
        with attach(settings) as attached:
            guardian = int(json.loads((home / "ready").read_text())["pid"])
            made = Bed(home, environ, settings, attached.servers)
            try:
                if opened:
                    _open(made)
                yield made
            finally:
                made.dispose()
    finally:
        _gone(guardian)
        shutil.rmtree(home, ignore_errors=True)


def _gone(guardian: int, patience: float = 60) -> None:
    """Wait until the guardian has stopped its servers: their files are ours to remove only then."""
    deadline = time.monotonic() + patience
    while guardian and Path(f"/proc/{guardian}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)


def _open(made: Bed) -> None:
    from core.commands.session import bring_up_to_date
    from core.db.base import db
    from core.host.packs import open_with_modules
    from core.host.running import running
    from core.security import access
    from core.security import scope as scopes

    with made.app.app_context():
        bring_up_to_date()
        with access.asking(), scopes.system("open the region of a bench"):
            open_with_modules(running().registry, CITY, "kr_seoul", date(2024, 1, 1))
            db.session.commit()


def demo_rows() -> tuple[list[str], list[list[str]]]:
    """Header and rows of Seoul's demonstration register."""
    with gzip.open(DEMO, "rt", encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        return next(rows), list(rows)


@dataclass(frozen=True)
class Visit:
    """A person who is signed in: the cookie of the browser, and the token its forms carry."""

    account_id: int
    cookie: str
    token: str


def cookies(made: Bed, count: int) -> list[str]:
    """Sign in `count` officers of the city; each cookie is as good as one the login page sets."""
    from core.regions.atlas import atlas
    from core.security import scope as scopes

    with made.app.app_context(), scopes.system("the city of a bench"):
        city = atlas().find(CITY).no
    return [one.cookie for one in signed_in(made, count, "city_officer", city)]


def signed_in(made: Bed, count: int, role: str, place: int) -> list[Visit]:
    """Sign in `count` new people with a post."""
    from flask_wtf.csrf import generate_csrf

    from core.db.base import db
    from core.security import places, sign_ins
    from core.security import scope as scopes
    from core.security.accounts import Account, Post

    found = []
    with made.app.app_context():
        with scopes.system("people of a bench"):
            accounts = [
                Account(login=f"bench-{uuid4().hex[:10]}", name="Bench Person", language="en", fs_uniquifier=uuid4().hex,
                        region_no=places.region_of(place) or place, activated_at=datetime.now(UTC))
                for _n in range(count)
            ]  # fmt: skip
            db.session.add_all(accounts)
            db.session.flush()
            db.session.add_all(
                Post(account_id=one.id, role=role, place_no=place, first_day=date(2024, 1, 1), reason="bench")
                for one in accounts
            )
            db.session.commit()
            known = [(one.id, one.fs_uniquifier) for one in accounts]  # the post made their marks anew
        signer = made.app.session_interface.get_signing_serializer(made.app)  # type: ignore[attr-defined]
        with made.app.test_request_context():
            token, csrf = generate_csrf(), session["csrf_token"]
        for number, uniquifier in known:
            facts = {"_user_id": uniquifier, "_fresh": True, "_permanent": True, "sign_in": sign_ins.begin(number), "csrf_token": csrf}
            found.append(Visit(number, f"{made.app.config['SESSION_COOKIE_NAME']}={signer.dumps(facts)}", token))
    return found


def empty(owner: psycopg.Connection[Any]) -> None:
    """Take all centres away; no trigger counts it."""
    owner.execute("set session_replication_role = replica")
    owner.execute("truncate core.place cascade")
    owner.execute("set session_replication_role = origin")


def fill(made: Bed, count: int) -> None:
    """Exactly `count` published centres over the city's districts: the demo's names with a number, indexes built after."""
    with made.owner() as owner:
        empty(owner)
        owner.execute("set session_replication_role = replica")
        owner.execute("set maintenance_work_mem = '512MB'")
        _base(owner)
        indexes = owner.execute(
            "select indexname, indexdef from pg_indexes where schemaname = 'facilities' and tablename = 'facility' "
            "and indexname like 'ix_%'"
        ).fetchall()
        for name, _definition in indexes:
            owner.execute(f'drop index facilities."{name}"')
        owner.execute("insert into core.place (no, region_no) select no, region_no from pg_temp.numbered(%s)", [count])
        owner.execute(_FILL, [count])
        for _name, definition in indexes:
            owner.execute(definition)
        owner.execute("vacuum (analyze) facilities.facility")
        owner.execute("vacuum (analyze) core.place")


_FILL = """
insert into facilities.facility (id, region_no, code, register, register_no, name, search_text, name_sort, kind, status,
                                 address, lat, lon, capacity, enrolled, published, source)
select n.no, n.region_no, 'F-' || lpad(n.i::text, 8, '0'), 'bench', n.i::text, b.name || ' ' || n.i,
       b.search_text || ' ' || n.i, b.name_sort || lpad(n.i::text, 8, '0') || chr(31) || b.name || n.i, b.kind,
       case when n.i %% 11 = 0 then 'closed' else 'open' end, b.address, 37.4 + (n.i %% 300) / 1000.0,
       126.8 + (n.i %% 400) / 1000.0, 20 + n.i %% 80, n.i %% 90, true, 'bench'
  from pg_temp.numbered(%s) n join base b on b.n = n.i %% (select count(*) from base)
"""
_NUMBERED = """
create or replace function pg_temp.numbered(wanted bigint) returns table (i bigint, no bigint, region_no bigint)
language sql as $$
  with district as (select r.no, row_number() over (order by r.no) - 1 as k, count(*) over () as many
                      from core.region r where r.level = 'district')
  select i, d.no + 1 + i / d.many, d.no
    from generate_series(0, wanted - 1) i join district d on d.k = i % d.many
$$
"""


def _base(owner: psycopg.Connection[Any]) -> None:
    from core.sdk import i18n
    from modules.facilities.services.register import search_text

    kinds = ("NATIONAL_PUBLIC", "PRIVATE", "HOME", "WORKPLACE")
    head, rows = demo_rows()
    name, address = head.index("어린이집명"), head.index("상세주소")
    owner.execute(
        "create temp table if not exists base "
        "(n int, name text, search_text text, name_sort text, kind text, address text)"
    )
    owner.execute("truncate base")
    owner.execute(_NUMBERED)
    with owner.cursor().copy("copy base from stdin") as copy:
        for n, row in enumerate(rows):
            sort = i18n.sort_key(row[name]).partition("\x1f")[0]
            copy.write_row((n, row[name], search_text(row[name], row[address]), sort, kinds[n % 4], row[address]))


def register_file(path: Path, count: int) -> None:
    """A register of `count` rows in the layout of Seoul's, made from the demo's rows with numbers and names of their own."""
    head, rows = demo_rows()
    code, name = head.index("어린이집코드"), head.index("어린이집명")
    text = io.StringIO(newline="")
    out = csv.writer(text, lineterminator="\r\n")
    out.writerow(head)
    for n in range(count):
        row = list(rows[n % len(rows)])
        row[code], row[name] = f"{row[code][:5]}{n:06d}", f"{row[name]} {n}"
        out.writerow(row)
    path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
