"""`memory`: what one web process holds after a thousand pages each, shared pages counted in shares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.bed import bed, cookies, fill
from bench.frame import Bench, Measured, Pair
from bench.ours.list_page import LIST
from bench.web import OURS, NoAnswer, get, pss_mib, served

#: Odoo's worker at its first list (performance.md), the figure to stay under.
ODOO_MIB = 136.0
PAGES = ("/facilities", "/facilities?q=%ED%95%98%EB%82%98", LIST)


def measure(sizes: Sequence[int]) -> Iterator[tuple[int, Measured]]:
    """Ask until every process has had its thousand on average, then weigh the heaviest."""
    with bed() as made:
        fill(made, 2_573)
        signed_in = cookies(made, 16)
        with served(OURS, made.environ, "/healthz") as server:
            for n in range(sizes[-1] * made.settings.workers):
                status = get(server.port, PAGES[n % len(PAGES)], signed_in[n % len(signed_in)])
                if status != 200:
                    raise NoAnswer(f"{PAGES[n % len(PAGES)]} answered {status}")
            yield sizes[-1], {"worker": Pair(max(pss_mib(pid) for pid in server.workers()), ODOO_MIB)}


BENCH = Bench(
    "memory", "PSS of the heaviest web process after 1,000 pages, application loaded before the fork", "MiB",
    "Odoo's worker, 136 MiB as measured", 1_000, {"worker": 1}, measure,
)  # fmt: skip
