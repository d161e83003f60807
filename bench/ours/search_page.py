"""`search`: the public search over a country's centres, whatever is asked, beside a themed page that asks nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from urllib.parse import quote

from bench.bed import Bed, bed, fill
from bench.frame import PAGE, Bench, Measured, in_turns

TIMES = 15
THEMED = "/login"
QUESTIONS = {
    "no words": "/facilities",
    "two syllables": f"/facilities?q={quote('하나')}",
    "initials": f"/facilities?q={quote('ㅎㄴㅇㄹㅇㅈ')}",
    "two words": f"/facilities?q={quote('구립 중앙')}",
    "nothing found": f"/facilities?q={quote('뷁쮊')}",
    "district and kind": "/facilities?region=KR-11-440&kind=HOME",
}


def measure(sizes: Sequence[int]) -> Iterator[tuple[int, Measured]]:
    """Every question at each size."""
    with bed() as made:
        for size in sizes:
            fill(made, size)
            themed = _page(made, THEMED)
            yield size, {part: in_turns(_page(made, address), themed, TIMES, warm=3) for part, address in QUESTIONS.items()}


def _page(made: Bed, address: str) -> Callable[[], None]:
    client, visitor = made.app.test_client(), count(1)

    def once() -> None:
        n = next(visitor)  # each visitor has an own address: one alone would meet the limit
        answer = client.get(address, environ_base={"REMOTE_ADDR": f"127.0.{n // 250}.{n % 250 + 1}"})
        if answer.status_code != 200:
            raise AssertionError(f"{address} answered {answer.status_code}")

    return once


BENCH = Bench(
    "search", "a page of the public search", "s", "the sign-in page: the same frame, no search", 40_000,
    dict.fromkeys(QUESTIONS, 3), measure, growth=PAGE, steady=True,
)  # fmt: skip
