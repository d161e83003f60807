"""Every route that takes the number of a record, asked for a foreign one: by parents, desks, directors and officers.

Routes come from the running application and records from `one_of_each`, so what a module adds is asked for too.
"""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.security import access
from core.security import scope as scopes
from core.security.accounts import Account, Post
from core.security.rows import Via
from tests.core import one_of_each
from tests.core.test_isolation import filled, numbered, sign_in

__all__ = ["filled"]

#: Arguments that name a record; `code` names a facility, which everybody may look at outside the office.
NUMBERS = {"application", "number", "claimed", "child_id"}
#: What stands in the other arguments.
OTHERS = {"act": "approve", "wanted": "suspend", "purpose": "first_aid", "part": "hours", "export_type": "csv"}
SEEN = {403, 404}


@pytest.fixture
def families(app, world, filled):
    """Each facility's rows belong to a family of its own, whose parent has a post in the district: {number: (district, facility)}."""
    found = numbered(filled)
    with access.asking(), scopes.system("parents for the matrix"):
        for number, (district, _facility) in found.items():
            db.session.add(Post(account_id=number, role="parent", place_no=district, first_day=date(2020, 1, 1)))
        db.session.commit()
    return found


def routes(app, prefix):
    """(method, rule) of each route that takes a record's number, or in the office a facility's code."""
    wanted = NUMBERS | ({"code"} if prefix.startswith("/office") else set())
    return [
        (method, rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(prefix) and rule.arguments & wanted
        for method in sorted(rule.methods & {"GET", "POST"})
    ]


def address(app, rule, number, code):
    values = {**OTHERS, **dict.fromkeys(NUMBERS, number), "code": code}
    return rule.build({name: values.get(name, "x") for name in rule.arguments})[1]


def ask(client, method, path):
    return client.open(path, method=method, data={} if method == "POST" else None, headers={"Accept": "application/json"})


def test_a_parent_reads_exactly_their_own_rows(app, families):
    """All tables at once, as the database answers: of each table whose rows belong to people, one's own and no other."""
    seen = Counter()
    for number, (district, _facility) in families.items():
        me = scopes.Scope("user", f"account:{number}", role="parent", account_id=number, place=district)
        with access.asking(), scopes.use(me):
            for cls in one_of_each.tables():
                if cls.__read__ == "all" or "id" not in cls.__table__.columns:
                    continue
                rows = set(db.session.scalars(sa.text(f"select id from {cls.__table__.fullname}")))
                mine = {number} if cls.__own__ is not None else set()
                strangers = {one for one in rows - mine if one >= one_of_each.FIRST}
                assert not strangers, (cls.__table__.fullname, number, strangers)
                seen[cls.__table__.fullname] += number in rows
    lists = {cls.__table__.fullname for cls in one_of_each.tables() if isinstance(cls.__own__, Via)}
    assert lists
    assert all(seen[name] == len(families) for name in lists), "and each sees their own: else nothing is proved"


def test_no_route_gives_a_parent_anothers_record(app, families, client):
    mine, *others = families
    enter(client, mine)
    answers, wrong, own = Counter(), [], Counter()
    for method, rule in routes(app, "/my/"):
        for foreign in others[1:4:2]:
            status = ask(client, method, address(app, rule, foreign, "x")).status_code
            answers[status] += 1
            if status not in SEEN:
                wrong.append((method, rule.rule, status))
    for method, rule in routes(app, "/my/"):
        if method == "GET":
            own[ask(client, method, address(app, rule, mine, "x")).status_code] += 1
    assert not wrong, wrong
    assert answers.total() >= 30
    assert own[200] >= 5, f"one's own records are shown: {own}"


@pytest.mark.parametrize("role", ["front_desk", "director", "district_officer", "inspector", "accountant", "city_officer"])
def test_no_office_route_gives_a_foreign_record(app, world, families, client, role):
    """A post at one place, the record of another district or city: refused, whatever the act."""
    here = next(iter(families.values()))
    place = {"city_officer": world.city, "district_officer": here[0]}.get(role, here[1])
    far = next(number for number, where in families.items() if where[0] == world.far_district)
    near = next(number for number, where in families.items() if where[0] == world.other_district)
    sign_in(client, world, role, place)
    before, answers, wrong = one_of_each.state(), Counter(), []
    for method, rule in routes(app, "/office/"):
        for foreign in (far,) if role == "city_officer" else (far, near):
            status = ask(client, method, address(app, rule, foreign, f"F-{families[foreign][1]}")).status_code
            answers[status] += 1
            if status not in SEEN:
                wrong.append((method, rule.rule, status))
    assert not wrong, wrong
    assert answers.total() >= 40
    assert one_of_each.state() == before


def test_a_route_that_leaks_is_caught(app, families, client):
    """Control: a page that reads as the system instead of as its reader."""
    from modules.families.models import Child

    @access.for_oneself("a mistake: it reads as the system")
    def leak(number):
        with scopes.system("a mistake"):
            return db.session.scalar(sa.select(Child.name).where(Child.id == number)) or ("", 404)

    mine, *others = families
    enter(client, mine)
    endpoint = "families.child"
    kept, app.view_functions[endpoint] = app.view_functions[endpoint], leak
    try:
        assert ask(client, "GET", f"/my/family/children/{others[2]}").status_code == 200
    finally:
        app.view_functions[endpoint] = kept
    assert ask(client, "GET", f"/my/family/children/{others[2]}").status_code in SEEN


def enter(client, account):
    """Sign a parent of the matrix in."""
    from core.security import sign_ins

    with scopes.system("look a mark up"):
        mark = db.session.get_one(Account, account).fs_uniquifier
    key = sign_ins.begin(account)
    with client.session_transaction() as session:
        session.clear()
        session.update({"_user_id": mark, "_fresh": True, "sign_in": key})
    assert client.get("/account").status_code == 200
