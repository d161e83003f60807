"""`apply-crowd`: sixty-four families send at the same moment; nobody gets an error, and the order is that of arrival."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from bench.bed import Bed, bed, fill
from bench.families import Sending, centres, prepared, send
from bench.frame import Bench, Measured, Pair
from bench.web import OURS, NoAnswer, served


def measure(sizes: Sequence[int]) -> Iterator[tuple[int, Measured]]:
    """One crowd at one centre."""
    with bed() as made:
        fill(made, 100)
        here = centres(made, 1)
        with served(OURS, made.environ, "/healthz") as ours:
            waiting = prepared(made, sizes[-1], here)
            began = time.perf_counter()
            failed = rush(ours.port, waiting)
            took = time.perf_counter() - began
        yield sizes[-1], {
            "errors": Pair(float(failed)),
            "out of order": Pair(float(out_of_order(made, here[0], sizes[-1]))),
            "seconds": Pair(took),
        }  # fmt: skip


def rush(port: int, waiting: Sequence[Sending]) -> int:
    """All send at the same moment; gives how many got anything but their new page."""
    together = Barrier(len(waiting))

    def one(sending: Sending) -> int:
        together.wait()
        try:
            send(port, sending)
        except (OSError, NoAnswer):
            return 1
        return 0

    with ThreadPoolExecutor(len(waiting)) as pool:
        return sum(pool.map(one, waiting))


def out_of_order(made: Bed, centre: int, count: int) -> int:
    """Places that are missing, double, or not as the public log has them one after the other."""
    with made.owner() as owner:
        rows = owner.execute(
            "select e.arrival from transparency.leaf l join enrollment.entry e on e.pseudonym = l.subject "
            'where l.place_no = %s and l.kind = \'apply\' order by l."index"',
            [centre],
        ).fetchall()
    found = [int(row[0]) for row in rows]
    return sum(arrival != number for number, arrival in enumerate(found, start=1)) + abs(len(found) - count)


BENCH = Bench(
    "apply-crowd", "families who send at the same moment to one centre", "", "none: no error, and the order of arrival",
    64, {"errors": 0, "out of order": 0, "seconds": None}, measure,
)  # fmt: skip
