"""`import-register`: a city's register through the product's import service, new and then once more unchanged."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.baselines import csv_copy
from bench.bed import CITY, Bed, bed, empty, register_file
from bench.frame import BATCH, Bench, Measured, Pair, seconds

TIMES = 3


def measure(sizes: Sequence[int]) -> Iterator[tuple[int, Measured]]:
    """Import each size into an empty register, then again."""
    with bed() as made:
        for size in sizes:
            path = made.home / f"register-{size}.csv"
            register_file(path, size)
            runs = [_once(made, path, size) for _time in range(TIMES)]
            created, unchanged, floor = (statistics.median(column) for column in zip(*runs, strict=True))
            yield size, {"created": Pair(created, floor), "unchanged": Pair(unchanged, floor)}


def _once(made: Bed, path: Path, size: int) -> tuple[float, float, float]:
    with made.owner() as owner:
        empty(owner)
    created = seconds(lambda: _import(made, path, created=size))
    unchanged = seconds(lambda: _import(made, path, unchanged=size))
    return created, unchanged, csv_copy.load(made.servers.admin_url or made.servers.owner_url, path)


def _import(made: Bed, path: Path, **expected: int) -> None:
    from core.db.base import db
    from core.security import access
    from core.security import scope as scopes
    from modules.facilities.services import import_register

    with made.app.app_context(), access.asking(), scopes.system("bench: import-register"):
        report = import_register(path, "seoul-standard", CITY)
        db.session.commit()
    found = {name: getattr(report, name) for name in expected}
    if found != expected:
        raise AssertionError(f"the import did something else: {found} instead of {expected}")


BENCH = Bench(
    "import-register", "a register with checks, defects and history, inside the service with its commit", "s",
    "csv reader and COPY into one table", 10_000, {"created": 25, "unchanged": 10}, measure, growth=BATCH,
)  # fmt: skip
