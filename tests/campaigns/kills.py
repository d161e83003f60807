"""Campaign: kill -9 of workers, their children and the relay, and FLUSHALL; nothing may be lost or done twice.

integrity.md 3 and 5. Real processes on a database of their own, effects into a table without a unique key. A killed
worker leaves its child running on purpose: that child and its successor must not both take effect.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

import psycopg
import redis

from core.config import ROOT, Settings, load_settings
from core.db.servers import attach
from core.db.servers.address import Servers
from core.db.servers.databases import create_database, drop_database
from tests.campaigns.campaign import Campaign, Figures
from tests.campaigns.hands import CHUNKS

HANDS = "tests.campaigns.hands"
DATABASE = "dolbom_kills"
#: Seconds in which everything must be done after the last kill; what is open then counts as lost, so a loaded machine gets long.
PATIENCE = 900.0
#: Where effects leave their marks; without a unique key, so that doubles show.
GROUND = (
    "create schema storm",
    "create table storm.mark (id bigint generated always as identity, kind text, n int, chunk int)",
    "create table storm.sent (id bigint generated always as identity, n int, key text)",
    "grant usage on schema storm to dolbom_system",
    "grant select, insert on all tables in schema storm to dolbom_system",
)
#: What the n-th intent is: seven in ten inside, two outside, one in chunks.
_KIND = "case when n %% 10 < 7 then 'inside' when n %% 10 < 9 then 'outside' else 'chunks' end"


@dataclass(frozen=True)
class Storm:
    """How hard one round blows."""

    kills: int
    seed: int
    flushes: int = 1
    workers: int = 3
    mode: str = "true"
    every: tuple[float, float] = (0.15, 0.6)
    lease: int = 2
    whole_redis: bool = True


def blow(
    settings: Settings, servers: Servers, storm: Storm, template: str | None = None, redis_db: int = 62
) -> Figures:
    """One round on a fresh database (a copy of `template`, else migrated anew); returns its figures."""
    drop_database(servers, DATABASE)
    own = create_database(servers, DATABASE, template, redis_db=redis_db)
    with ExitStack() as stack:
        stack.callback(drop_database, servers, DATABASE)
        crew = stack.enter_context(Crew(settings, own, storm))
        if template is None:
            crew.migrate()
        with psycopg.connect(own.owner_url, autocommit=True) as owner:
            for statement in GROUND:
                owner.execute(statement)
        with psycopg.connect(own.system_url, autocommit=True) as book:
            return _played(crew, book, storm)


def _put(book: psycopg.Connection[Any], first: int, count: int) -> int:
    """Write `count` intents of mixed kinds, numbered from `first`; returns the next number."""
    book.execute(
        f"with intended as (select n, {_KIND} as kind from generate_series(%s::int, %s::int) n), "
        "written as (insert into core.outbox (kind, name, module, handler, queue, retries, payload, actor) "
        "select 'job', 'core.storm.' || kind, 'core', 'core.' || kind, "
        "case kind when 'chunks' then 'slow' else 'default' end, 60, jsonb_build_object('n', n), 'storm' "
        "from intended returning id, handler) "
        "insert into core.job_run (outbox_id, title) select id, 'storm' from written where handler = 'core.chunks'",
        [first, first + count - 1],
    )
    return first + count


def _played(crew: Crew, book: psycopg.Connection[Any], storm: Storm) -> Figures:
    chance = random.Random(storm.seed)
    written = _put(book, 0, 100)
    crew.muster()
    killed = {"worker": 0, "child": 0, "relay": 0}
    flush_at = {storm.kills * (n + 1) // (storm.flushes + 1) for n in range(storm.flushes)}
    while sum(killed.values()) < storm.kills:
        time.sleep(chance.uniform(*storm.every))
        if _open(book) < 40:
            written = _put(book, written, 60)
        killed[crew.kill_one(chance)] += 1
        if sum(killed.values()) in flush_at:
            crew.flush()
    began = time.monotonic()
    while _open(book) and time.monotonic() - began < PATIENCE:
        crew.muster()
        time.sleep(0.2)
    return _figures(book, written) | {f"killed_{name}": count for name, count in killed.items()} | {
        "kills": sum(killed.values()), "flushes": storm.flushes, "cleared_after": time.monotonic() - began,
    }  # fmt: skip


def _open(book: psycopg.Connection[Any]) -> int:
    return _number(
        book,
        "select count(*) from core.outbox where done_at is null and dead_at is null and skipped_at is null",
    )


def _number(book: psycopg.Connection[Any], query: str) -> Any:
    row = book.execute(query).fetchone()
    assert row is not None
    return row[0]


def _figures(book: psycopg.Connection[Any], written: int) -> Figures:
    """Compare what was intended with what happened."""
    intended = (
        f"with intended as (select n, {_KIND.replace('%%', '%')} as kind from generate_series(0, {written - 1}) n), "
        "wanted as (select n, kind, c as chunk from intended, "
        f"generate_series(0, case when kind = 'chunks' then {CHUNKS - 1} else 0 end) c), "
        "happened as (select kind, n, chunk, count(*) as times from storm.mark group by 1, 2, 3 union all "
        "select 'outside', n, 0, count(distinct key) from storm.sent group by n) "
    )
    joined = "from wanted left join happened using (kind, n, chunk)"
    return {
        "intents": written,
        "lost": _number(book, intended + f"select count(*) {joined} where times is null"),
        # For effects outside a repetition is allowed, but only under the same key.
        "double": _number(book, intended + f"select count(*) {joined} where times > 1"),
        "unfinished": _open(book),
        "dead": _number(book, "select count(*) from core.outbox where dead_at is not null"),
        "sent_again": _number(book, "select count(*) - count(distinct key) from storm.sent"),
        "died": _number(book, "select count(*) from core.job_attempt where outcome = 'died'"),
        "slowest_repeat": float(
            _number(
                book,
                "select coalesce(max(extract(epoch from done_at - first)), 0) from core.outbox join (select outbox_id, "
                "min(started_at) as first, count(*) as tries from core.job_attempt group by 1) a on outbox_id = id "
                "where tries > 1 and queue = 'default'",
            )
        ),
    }


class Crew:
    """The processes of one round."""

    def __init__(self, settings: Settings, servers: Servers, storm: Storm) -> None:
        facts = {
            "home": str(settings.home), "lease": storm.lease,
            "servers": asdict(servers) | {"pg_bin": str(servers.pg_bin) if servers.pg_bin else None},
        }  # fmt: skip
        self._storm, self._redis_url = storm, servers.redis_url
        self._workers: list[int] = []
        self._relay = 0
        self._ready: set[int] = set()
        self._started: list[int] = []
        self._rest = b""
        self._strays: set[int] = set()
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("DOLBOM_", "COV_"))}
        self._mother = subprocess.Popen(
            [sys.executable, "-m", HANDS, storm.mode],
            cwd=ROOT, env=environment | {"PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._tell(json.dumps(facts))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pid in [*self._workers, self._relay]:
            for child in _children(pid):
                _kill(child)
        for stray in self._strays:
            _kill(stray)
        self._mother.kill()  # and with it all it forked
        self._mother.communicate()

    def _tell(self, line: str) -> None:
        assert self._mother.stdin is not None
        self._mother.stdin.write(line.encode() + b"\n")
        self._mother.stdin.flush()

    def _listen(self, patience: float = 0.0) -> None:
        """Take what the processes have said."""
        assert self._mother.stdout is not None
        ear = self._mother.stdout.fileno()
        while select.select([ear], [], [], patience)[0] and (said := os.read(ear, 4096)):
            *lines, self._rest = (self._rest + said).split(b"\n")
            for what, pid in map(bytes.split, lines):
                self._ready.add(int(pid)) if what == b"ready" else self._started.append(int(pid))
            patience = 0.0

    def start(self, what: str) -> int:
        """Start one process of ours; its number."""
        self._tell(what)
        while not self._started:
            self._listen(patience=1.0)
            assert self._mother.poll() is None, "the mother of all processes died"
        return self._started.pop()

    def migrate(self) -> None:
        """Bring the empty database up, and wait."""
        pid = self.start("migrate")
        while alive(pid):
            time.sleep(0.05)

    def muster(self) -> None:
        """Replace whoever is gone; does not wait until they are ready."""
        self._workers = [pid for pid in self._workers if alive(pid)]
        while len(self._workers) < self._storm.workers:
            self._workers.append(self.start("worker"))
        if not self._relay or not alive(self._relay):
            self._relay = self.start("relay")

    def _awake(self) -> list[int]:
        """Workers that have begun: killing one that still starts would prove little."""
        self._listen()
        return [pid for pid in self._workers if pid in self._ready and alive(pid)]

    def kill_one(self, chance: random.Random) -> str:
        """kill -9 of a child at work (half of the time), of a worker, or of the relay; the dead are replaced."""
        while not (ready := self._awake()):
            time.sleep(0.05)
            self.muster()
        children = [child for pid in ready for child in _children(pid)]
        dice = chance.random()
        if dice < 0.5 and children:
            _kill(chance.choice(children))
            return "child"
        if dice < 0.9:
            victim = chance.choice(ready)
            self._strays.update(_children(victim))
            _kill(victim)
            self.muster()
            return "worker"
        _kill(self._relay)
        self.muster()
        return "relay"

    def flush(self) -> None:
        """Make Redis forget everything."""
        with redis.Redis.from_url(self._redis_url) as bell:
            if self._storm.whole_redis:
                bell.flushall()
            else:
                bell.flushdb()


def alive(pid: int) -> bool:
    """Whether a process is still there."""
    return Path(f"/proc/{pid}").exists()


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _kill(pid: int) -> None:
    """kill -9 a process of ours and see it gone; its number may have gone to somebody else's by now."""
    with suppress(OSError):
        if HANDS.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
            for _ in range(200):
                if not alive(pid):
                    break
                time.sleep(0.01)


def broken(figures: Figures) -> list[str]:
    """What in the figures breaks the promise."""
    return [f"{figures[name]} {name}" for name in ("lost", "double", "unfinished", "dead") if figures[name]]


def _at_home(folder: Path, storm: Storm) -> Figures:
    settings = load_settings({**os.environ, "DOLBOM_ENV": "test", "DOLBOM_HOME": str(folder / "home")})
    with attach(replace(settings, database_url=None, redis_url=None)) as attached:
        return blow(settings, attached.servers, storm)


CAMPAIGN = Campaign(
    name="kills",
    promise="every committed intent is executed, its database effect exactly once, also after losing all of Redis",
    figure="kills",
    until=200,
    play=lambda number, folder: _at_home(folder, Storm(kills=25, seed=number, flushes=2)),
    broken=broken,
    controls={
        "done-first": lambda folder: _at_home(folder, Storm(kills=25, seed=1, mode="done-first")),
        "effect-first": lambda folder: _at_home(folder, Storm(kills=25, seed=1, mode="effect-first")),
    },
)
