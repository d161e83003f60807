"""`list-http`: pages a second of the back-office list at eight clients, beside a bare page with one statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.bed import Bed, bed, cookies, fill
from bench.frame import PAGE, Bench, Measured, Pair
from bench.ours.list_page import LIST
from bench.web import OURS, rate, served

SECONDS, CLIENTS = 8.0, 8


def measure(sizes: Sequence[int]) -> Iterator[tuple[int, Measured]]:
    """Both servers with as many processes and threads, over the same rows, one after the other."""
    with bed() as made:
        signed_in = cookies(made, 4 * CLIENTS)  # so many people that nobody meets the limit of one
        for size in sizes:
            fill(made, size)
            floor_table(made)
            with served(floor_arguments(made), floor_environ(made), "/") as floor:
                rate(floor.port, "/", [], SECONDS / 4, CLIENTS)
                bare = rate(floor.port, "/", [], SECONDS, CLIENTS)
            with served(OURS, made.environ, "/healthz") as ours:
                rate(ours.port, LIST, signed_in, SECONDS / 4, CLIENTS)
                yield size, {"requests": Pair(rate(ours.port, LIST, signed_in, SECONDS, CLIENTS), bare)}


def floor_table(made: Bed) -> None:
    """The same rows in a bare table with the one index the page needs."""
    with made.owner() as owner:
        owner.execute("drop table if exists public.bench_list")
        owner.execute(
            "create table public.bench_list as select id, name, code, kind, status, capacity, enrolled, name_sort "
            "from facilities.facility"
        )
        owner.execute("create index on public.bench_list (name_sort, id)")
        owner.execute("vacuum (analyze) public.bench_list")


def floor_arguments(made: Bed) -> list[str]:
    """As many processes and threads as ours, loaded before the fork as ours are not slower by it."""
    return ["--workers", str(made.settings.workers), "--threads", str(made.settings.threads), "--worker-class", "gthread",
            "--log-level", "warning", "bench.baselines.flask_list:make()"]  # fmt: skip


def floor_environ(made: Bed) -> dict[str, str]:
    """The floor knows an address and nothing else."""
    return {**made.environ, "BENCH_DATABASE": made.servers.admin_url or made.servers.owner_url}


BENCH = Bench(
    "list-http", f"the back-office list over HTTP at {CLIENTS} clients", "/s", "Flask with one SQL statement, same processes",
    1_000_000, {"requests": 0.35}, measure, more_is_better=True, growth=PAGE,
)  # fmt: skip
