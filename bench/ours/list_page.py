"""`list`: the back-office list of centres costs the same over a million rows as over a thousand, on every page of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote

from bench.bed import Bed, bed, cookies, fill
from bench.frame import PAGE, Bench, Measured, in_turns

FEW, PER_PAGE, DEEP, TIMES = 1_000, 80, 10_000, 15
LIST = "/office/facilities/register/"


def measure(sizes: Sequence[int]) -> Iterator[tuple[int, Measured]]:
    """The same views over few rows in one installation and over each size in another."""
    with bed() as small, bed() as large:
        few = _views(small, cookies(small, 1)[0], FEW)
        cookie = cookies(large, 1)[0]
        for size in sizes:
            many = _views(large, cookie, size)
            yield size, {part: in_turns(many[part], few[part], TIMES, warm=3) for part in many}


def _views(made: Bed, cookie: str, count: int) -> dict[str, Callable[[], None]]:
    fill(made, count)
    client = made.app.test_client(use_cookies=False)  # with a jar of its own it leaves our cookie out

    def page(address: str) -> Callable[[], None]:
        def once() -> None:
            answer = client.get(address, headers={"Cookie": cookie})
            if answer.status_code != 200:
                raise AssertionError(f"{address} answered {answer.status_code}")

        return once

    return {part: page(address) for part, address in _addresses(made, count).items()}


def _addresses(made: Bed, count: int) -> dict[str, str]:
    """Each view's address; the far ones by the key of the row before them, as the pager's own links are."""
    from core.web import keyset

    with made.owner() as owner:

        def after(row: int) -> str:
            found = owner.execute(
                "select name_sort, id from facilities.facility order by name_sort, id offset %s limit 1", [max(0, row)]
            ).fetchone()
            assert found is not None
            return f"{LIST}?at={keyset.encode('after', list(found))}"

        return {
            "first page": LIST,
            "next page": after(min(PER_PAGE, count // 2) - 1),
            "last page": after(count - PER_PAGE - 1),
            "page 10,000": after(min(PER_PAGE * (DEEP - 1), count * 8 // 10) - 1),
            "search": f"{LIST}?search={quote('하나')}",
        }


BENCH = Bench(
    "list", "a page of the back-office list, sign-in, rules and frame included", "s", "the same view over 1,000 rows",
    1_000_000, dict.fromkeys(("first page", "next page", "last page", "page 10,000", "search"), 2), measure, growth=PAGE, steady=True,
)  # fmt: skip
