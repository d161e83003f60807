"""`disable`: a module switched off for a region is gone with the very next request, in every process, and back likewise."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence

from bench.bed import CITY, Bed, bed, cookies, fill
from bench.frame import Bench, Measured, Pair
from bench.ours.list_page import LIST
from bench.web import OURS, get, served

#: After each switch so many requests, over new connections, so that every process is asked.
ASKED = 4


def measure(sizes: Sequence[int]) -> Iterator[tuple[int, Measured]]:
    """Switch off and on in turns; count answers that are not as the switch says."""
    with bed() as made:
        fill(made, 100)
        people = cookies(made, 16)
        with served(OURS, made.environ, "/healthz") as server:
            stale, waits = 0, []
            for turn in range(sizes[-1]):
                on = bool(turn % 2)
                _switch(made, on=on)
                began = time.perf_counter()
                for n in range(ASKED):
                    answer = get(server.port, LIST, people[(turn + n) % len(people)])
                    stale += answer != (200 if on else 404)
                waits.append((time.perf_counter() - began) / ASKED)
        yield sizes[-1], {"stale answers": Pair(float(stale)), "milliseconds an answer": Pair(1000 * statistics.median(waits))}


def _switch(made: Bed, *, on: bool) -> None:
    from core.db.base import db
    from core.regions import activation
    from core.regions.atlas import atlas
    from core.security import access
    from core.security import scope as scopes

    with made.app.app_context(), access.asking(), scopes.system("bench: disable") as scope:
        activation.switch("facilities", atlas().find(CITY).no, on=on, first_day=scope.on_date, reason="bench")
        db.session.commit()


BENCH = Bench(
    "disable", f"a module off and on for a region; {ASKED} requests after each switch", "", "none: the next request",
    100, {"stale answers": 0, "milliseconds an answer": None}, measure,
)  # fmt: skip
