"""`start`: from the start of the web server's process to its first page, servers already up."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from bench.bed import bed, fill
from bench.frame import Bench, Measured, Pair
from bench.ours.list_http import floor_arguments, floor_environ, floor_table
from bench.web import OURS, served

TIMES = 3


def measure(sizes: Sequence[int]) -> Iterator[tuple[int, Measured]]:
    """Start each several times, in turns; the first start of all is not counted."""
    with bed() as made:
        fill(made, sizes[-1])
        floor_table(made)

        def ours() -> float:
            with served(OURS, made.environ, "/facilities") as server:
                return server.seconds_to_first_page

        def floor() -> float:
            with served(floor_arguments(made), floor_environ(made), "/") as server:
                return server.seconds_to_first_page

        ours(), floor()
        pairs = [(ours(), floor()) for _time in range(TIMES)]
        mine, bare = (statistics.median(column) for column in zip(*pairs, strict=True))
        yield sizes[-1], {"ratio": Pair(mine, bare), "seconds": Pair(mine)}


BENCH = Bench(
    "start", "process start to the first public page, all modules", "s", "Flask with SQLAlchemy, one statement", 1_000,
    {"ratio": 4, "seconds": 2.5}, measure,
)  # fmt: skip
