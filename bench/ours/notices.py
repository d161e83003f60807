"""`notices`: messages in the outbox until the practice gateway has taken them all, by one worker as `dolbom worker` starts it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import psycopg

from bench.bed import CITY, Bed, bed, fill
from bench.families import centres
from bench.frame import BATCH, Bench, Measured, Pair
from bench.web import ROOT, NoAnswer

#: The promise is a minute for ten thousand: so many seconds for each.
SECONDS_EACH = 60 / 10_000
PATIENCE = 900.0


def measure(sizes: Sequence[int]) -> Iterator[tuple[int, Measured]]:
    """Write them in one go, then let one worker drain them."""
    with bed() as made:
        fill(made, 10)
        place = centres(made, 1)[0]
        connect(made)
        for size in sizes:
            write(made, place, size)
            took = drained(made, size)
            yield size, {"drained": Pair(took, size * SECONDS_EACH)}


def connect(made: Bed) -> None:
    """Switch the practice gateway on for the city, and register a sender number."""
    from core.db.base import db
    from core.host.running import running
    from core.regions import activation, policies
    from core.regions.atlas import atlas
    from core.security import access
    from core.security import scope as scopes

    with made.app.app_context(), access.asking(), scopes.system("the gateway of a bench"):
        city = atlas().find(CITY).no
        for name in running().registry.closure("gateway_sandbox"):
            if not activation.is_active(name, city):
                activation.switch(name, city, on=True, first_day=date(2024, 1, 1), reason="bench")
        policies.override(
            "messaging.delivery.sender", place=city, value={"number": "02-0000-0000", "email": "bench@example.org"},
            valid_from=date(2024, 1, 1), legal_basis="bench",
        )  # fmt: skip
        db.session.commit()


def write(made: Bed, place: int, count: int) -> None:
    """So many messages to people with a telephone number, as a module sends them."""
    from core.db.base import db
    from core.security import access
    from core.security import scope as scopes
    from modules.messaging.api import Recipient, send

    with made.app.app_context(), access.asking(), scopes.system("notices of a bench"):
        for number in range(count):
            to = Recipient("김지영", "ko", phone=f"010-{1000 + number // 9000:04}-{1000 + number % 9000:04}")
            facts = {"subject": "3월 필요경비", "text": f"3월 필요경비 납부 안내: {number}원, 25일까지 납부해 주세요."}
            send("messaging.notice", to=to, place=place, facts=facts, key=f"bench:{count}:{number}")
            if number % 500 == 499:
                db.session.commit()
        db.session.commit()
    made.dispose()


def drained(made: Bed, count: int) -> float:
    """Seconds from the worker's first attempt to its last, as the database has them; starting it is `start`'s to measure."""
    worker = subprocess.Popen([sys.executable, "-m", "core.cli", "worker"], cwd=ROOT, env=dict(made.environ), stdin=subprocess.DEVNULL,
                              start_new_session=True)  # fmt: skip
    try:
        with made.owner() as owner:
            mark = owner.execute("select clock_timestamp()").fetchone()
            total, left = _taken(owner), time.monotonic() + PATIENCE
            while time.monotonic() < left and worker.poll() is None:
                if _taken(owner) >= total + count:
                    return _between(owner, mark)
                time.sleep(0.2)
        raise NoAnswer(f"{_missing(made)} of {count} notices were not taken within {PATIENCE:.0f} s; exit code {worker.poll()}")
    finally:
        worker.terminate()
        worker.wait(60)


def _between(owner: psycopg.Connection[Any], mark: Any) -> float:
    """Seconds between the first attempt begun after a moment and the last one ended; the last commit is waited for."""
    query = """select extract(epoch from max(ended_at) - min(started_at)), count(*) filter (where ended_at is null)
               from core.job_attempt where started_at > %s"""
    while True:
        seconds, running = owner.execute(query, mark).fetchone() or (0, 0)
        if not running:
            return float(seconds)
        time.sleep(0.05)


def _taken(owner: psycopg.Connection[Any]) -> int:
    found = owner.execute("select count(*) from gateway_sandbox.delivery where refused = ''").fetchone()
    return int((found or [0])[0])


def _missing(made: Bed) -> int:
    with made.owner() as owner:
        found = owner.execute("select count(*) from messaging.message where state = 'queued'").fetchone()
    return int((found or [0])[0])


BENCH = Bench(
    "notices", "notices drained by one worker into the practice gateway", "s", "a minute for ten thousand", 10_000,
    {"drained": 1.0}, measure, growth=BATCH,
)  # fmt: skip
