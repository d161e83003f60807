"""`rank`: a place with its explanation, among 200,000 entries of which 8,000 wait in one list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bench.bed import Bed, bed, fill
from bench.frame import PAGE, Bench, Measured, Pair, in_turns

FACILITIES, LARGEST, TIMES = 2_000, 8_000, 60


def measure(sizes: Sequence[int]) -> Iterator[tuple[int, Measured]]:
    """The last of the largest list, through HTTP and in PostgreSQL; a centre by its code, and a bare count over two ranges, beside."""
    with bed() as made:
        for size in sizes:
            fill(made, FACILITIES)
            entry, code, facility = wait_everywhere(made, size)
            client = made.app.test_client(use_cookies=False)
            yield size, {
                "http": in_turns(_page(client, f"/api/v1/waiting/{entry}"), _page(client, f"/api/v1/facilities/{code}"), TIMES, warm=5),
                "sql": _statements(made, entry, facility),
            }


def _page(client: object, address: str) -> Callable[[], None]:
    def once() -> None:
        answer = client.get(address)  # type: ignore[attr-defined]
        if answer.status_code != 200:
            raise AssertionError(f"{address} answered {answer.status_code}")

    return once


def _statements(made: Bed, pseudonym: str, facility: int) -> Pair:
    """The rank's one statement beside what a rank cannot do without: how many have more points, how many of the same came before."""
    import sqlalchemy as sa

    from core.db.base import db
    from core.security import scope as scopes
    from modules.enrollment.models import Entry
    from modules.enrollment.services.order import place

    bare = sa.text(
        "select (select count(*) from enrollment.entry where facility_id = :here and list_name = :list and state = 'waiting' "
        "and rank_tier = 0 and points > 0) + (select count(*) from enrollment.entry where facility_id = :here and list_name = :list "
        "and state = 'waiting' and rank_tier = 0 and points = 0 and cohort = 1 and arrival < 1000000)"
    )
    with made.app.app_context(), scopes.system("a bench ranks"):
        entry = db.session.query(Entry).filter_by(pseudonym=pseudonym).one()
        facts = {"here": facility, "list": entry.list_name}
        return in_turns(lambda: place(entry), lambda: db.session.execute(bare, facts).scalar(), TIMES, warm=5)


def wait_everywhere(made: Bed, size: int) -> tuple[str, str, int]:
    """Fill the lists of all centres; gives the last entry of the largest one, its centre's code and number."""
    with made.owner() as owner:
        owner.execute("set session_replication_role = replica")
        owner.execute("truncate enrollment.entry, enrollment.application cascade")
        owner.execute(_FILL, {"size": size, "largest": max(size * LARGEST // 200_000, 1), "facilities": FACILITIES})
        owner.execute("vacuum (analyze) enrollment.entry")
        found = owner.execute(
            "select e.pseudonym, f.code, e.facility_id from enrollment.entry e join facilities.facility f on f.id = e.facility_id "
            "where e.facility_id = (select min(facility_id) from enrollment.entry) order by e.points, e.arrival desc limit 1"
        ).fetchone()
    assert found is not None
    return str(found[0]), str(found[1]), int(found[2])


_FILL = """
with centre as (select id, code, row_number() over (order by id) - 1 as n from facilities.facility where status = 'open'
                order by id limit %(facilities)s),
line as (select g, case when g <= %(largest)s then 0 else 1 + g %% (greatest((select count(*) from centre), 2) - 1) end as n
           from generate_series(1, %(size)s::int) g)
insert into enrollment.entry (facility_id, application_id, pseudonym, list_name, arrival, class_age, wanted_from, tier, points,
                              rank_tier, policy_id, year_turned, leaf_hash)
select c.id, g, md5(g::text), c.code || '/rolling-2', g, 2, current_date, 1 + g %% 3, 100 * (g %% 8), 0, 'bench', 2100,
       sha256(convert_to(g::text, 'UTF8'))
  from line join centre c using (n)
"""

BENCH = Bench(
    "rank", "a place with its explanation, in the largest of so many entries' lists", "s",
    "a centre by its code in the same app; a bare count over two ranges", 200_000, {"http": 1.67, "sql": 2}, measure, growth=PAGE,
    steady=True,
)  # fmt: skip
