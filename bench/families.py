"""Families of a bench: lists that are long already, and applications filled in up to sending them."""

from __future__ import annotations

import http.client
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from bench.bed import Bed, signed_in
from bench.web import NoAnswer

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Sending:
    """One family's last step: where it sends what, under which cookie."""

    address: str
    body: str
    cookie: str


def centres(made: Bed, count: int) -> list[int]:
    """Open centres for families to apply to."""
    with made.owner() as owner:
        rows = owner.execute("select id from facilities.facility where status = 'open' order by id limit %s", [count]).fetchall()
    return [row[0] for row in rows]


def wait(made: Bed, centre: int, size: int) -> None:
    """Make the list of a centre so long; whose children they are is of no matter here."""
    with made.owner() as owner:
        owner.execute("set session_replication_role = replica")
        there = owner.execute("select coalesce(max(arrival), 0) from enrollment.entry where facility_id = %s", [centre]).fetchone()
        owner.execute(_WAIT, {"centre": centre, "from": (there or [0])[0] + 1, "to": size})
        owner.execute("vacuum (analyze) enrollment.entry, enrollment.application")


_WAIT = """
with made as (
  insert into enrollment.application (facility_id, child_id, family_id, wanted_from, channel)
  select %(centre)s, -n, -n, current_date, 'online'
    from generate_series(%(from)s::int, %(to)s::int) n returning id, facility_id, -child_id as n
)
insert into enrollment.entry (facility_id, application_id, pseudonym, list_name, arrival, class_age, wanted_from, tier, points,
                              rank_tier, policy_id, year_turned, leaf_hash)
select m.facility_id, m.id, md5(m.facility_id::text || n), f.code || '/rolling-1', n, 1, current_date, 2, n %% 300, 0, 'bench', 2100,
       sha256(convert_to(m.facility_id::text || n, 'UTF8'))
  from made m join facilities.facility f on f.id = m.facility_id
"""


def prepared(made: Bed, count: int, here: Sequence[int]) -> list[Sending]:
    """Families with one child and an application filled in for each centre, up to sending it."""
    from core.db.base import db
    from core.security import access
    from core.security import scope as scopes
    from modules.enrollment.services import drafting
    from modules.facilities import api as facilities
    from modules.families.models import Child, Family
    from modules.families.services import add_child, consent, found

    today = datetime.now(ZoneInfo("Asia/Seoul")).date()
    district = here[0] // 10**7 * 10**7
    visits = signed_in(made, count, "parent", district)
    with made.app.app_context(), access.asking():
        codes = facilities.codes(here)
        for visit in visits:
            me = scopes.Scope("user", f"account:{visit.account_id}", role="parent", account_id=visit.account_id,
                              place=district, on_date=today)  # fmt: skip
            with scopes.use(me):
                family = found(name="Bench Parent", relation_to_child="mother")
                child = add_child(db.session.get_one(Family, family), name="아이", born_on=today - timedelta(days=500)).id
                for purpose in ("personal_data", "first_aid"):
                    consent(db.session.get_one(Child, child), purpose)
                for number in here:
                    drafting.save(number, version=0, child_id=child, wanted_from=today, claims=["one_parent"], step=4)
                db.session.commit()
    return [
        Sending(f"/apply/{codes[number]}?step=4", urlencode({"step": 4, "version": 1, "csrf_token": visit.token}), visit.cookie)
        for visit in visits
        for number in here
    ]


def send(port: int, one: Sending) -> None:
    """Send one application over a connection of its own, as a family does. Raises `NoAnswer` for anything but its new page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", one.address, one.body, {**FORM, "Cookie": one.cookie})
        answer = connection.getresponse()
        page = answer.read()
    finally:
        connection.close()
    if answer.status != 302 or "/my/applications/" not in (answer.headers["Location"] or ""):
        raise NoAnswer(f"{one.address} answered {answer.status}: {page[-300:].decode(errors='replace')}")
