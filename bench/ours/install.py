"""`install`: all modules and their regions' packs into an empty database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.bed import bed
from bench.frame import Bench, Measured, Pair, seconds


def measure(sizes: Sequence[int]) -> Iterator[tuple[int, Measured]]:
    """Make the application and migrate everything."""
    with bed(opened=False) as made:

        def install() -> None:
            from core.host.running import running

            with made.app.app_context():
                running().lifecycle.upgrade_all()

        yield sizes[-1], {"seconds": Pair(seconds(install))}


BENCH = Bench("install", "all modules into an empty database", "s", "none", 1, {"seconds": 15}, measure)
