"""Generated isolation matrix: route × role × two facilities × two regions, and raw SQL under the app's role (Show 6).

Routes, roles and tables are read from the running application, so a new one is in the matrix without anybody's doing.
"""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
import sqlalchemy as sa

from core.checks.models import mapped
from core.db.base import db
from core.errors import DolbomError
from core.host.running import running
from core.security import access, sign_ins
from core.security import scope as scopes
from core.security.rows import Scoped, Unscoped
from core.testing import scope_of
from modules.facilities.models import CapacityChange, ClosingDay, ImportRun, MergeProposal, Service
from modules.facilities.services import register
from tests.core import one_of_each

ROLES = (
    "administrator",
    "city_officer",
    "district_officer",
    "inspector",
    "accountant",
    "director",
    "front_desk",
    "ministry_reader",
)


@pytest.fixture
def filled(app, world):
    """Six facilities in three districts, each with a row in every table of every module."""
    ids = {}
    with access.asking(), scopes.system("fill the matrix"):
        for district in (world.district, world.other_district, world.far_district):
            for index in (1, 2):
                facility = register(region_no=district, name=f"Centre {district} {index}", kind="HOME")
                db.session.add_all([
                    CapacityChange(facility_id=facility.id, wanted=5, effective_on=date(2026, 1, 1), reason="r"),
                    ClosingDay(facility_id=facility.id, day=date(2026, 5, 5), reason="r"),
                    Service(facility_id=facility.id, service="night"),
                ])  # fmt: skip
                ids.setdefault(district, []).append(facility.id)
            db.session.add(
                ImportRun(
                    region_no=district,
                    layout="x",
                    file_name="f",
                    sha256="0",
                    dry_run=False,
                    totals={},
                    warnings={},
                )
            )
            db.session.add(
                MergeProposal(
                    region_no=district,
                    keep_id=ids[district][0],
                    drop_id=ids[district][1],
                    score=99,
                    evidence={},
                )
            )
        db.session.commit()
    one_of_each.fill(numbered(ids))
    return ids


def numbered(filled):
    """The number all rows of a facility have, with its district: {number: (district, facility)}."""
    pairs = [(district, facility) for district, facilities in filled.items() for facility in facilities]
    return {one_of_each.FIRST + n: pair for n, pair in enumerate(pairs)}


def test_every_table_has_rows_to_leak(app, world, filled):
    """The matrix is of all that is scoped: a table without rows in two cities would prove nothing."""
    lacking = []
    with scopes.system("look at the rows"):
        for cls in one_of_each.tables():
            rows = set(db.session.scalars(sa.select(getattr(cls, cls.__scope_column__))))
            cities = {1 for number in rows if number is not None and _in(number, world.city)} | {
                2 for number in rows if number is not None and _in(number, world.other_city)
            }
            if len(cities) < 2 and cls.__read__ != "all":
                lacking.append(cls.__table__.fullname)
    assert not lacking


def _in(number, region):
    from core.regions.atlas import atlas

    node = atlas().nodes[region]
    return node.no <= number <= node.hi


def _posts(world, filled, *districts):
    """Each role in these districts, at a facility of each, and in the cities above them."""
    for role in ROLES:
        for district in districts:
            yield role, district
            yield role, filled[district][0]
        for city in (world.city, world.other_city):
            yield role, city


def test_no_row_of_a_foreign_place_is_read_by_raw_sql_or_orm(app, world, filled):
    walled = [cls for cls in mapped(running()) if issubclass(cls, Scoped) and cls.__read__ != "all"]
    everything = sa.text(
        " union all ".join(f"select '{c.__table__.fullname}', {c.__scope_column__}, {_key(c)} from {c.__table__.fullname}" for c in walled)
    )
    shared = {name for cls in walled if cls.__shared__ for name in (cls.__table__.fullname, cls.__name__)}
    places = numbered(filled)
    seen, own, leaks = 0, Counter(), []
    for role, place in _posts(world, filled, *filled):
        scope = scope_of(role, place)
        with access.asking(), scopes.use(scope):
            found = [tuple(row) for row in db.session.execute(everything)]
            for cls in walled:
                mine = db.session.execute(sa.select(getattr(cls, cls.__scope_column__), sa.text(_key(cls))).select_from(cls))
                found += [(cls.__name__, *row) for row in mine]
        seen += 2 * len(walled)
        own[role] += sum(row[1] is not None and scope.covers(row[1]) for row in found)
        for table, number, key in found:
            # What a family shares with a facility is seen there; rows of one number belong to one facility's family.
            here = scope.covers(places[key][1]) if table in shared and key in places else False
            if number is not None and not here and not scope.covers(number):
                leaks.append((role, place, table, number))
    assert seen >= 500
    assert set(own) == set(ROLES) and all(own.values()), "who sees nothing proves nothing"
    assert not leaks, leaks[:10]


def _key(cls):
    """The number of a row, where rows have one."""
    return "id" if "id" in cls.__table__.columns else "null::bigint"


def test_no_foreign_row_is_written_by_raw_sql(app, world, filled):
    tried = 0
    for role, place in _posts(world, filled, *filled):
        scope = scope_of(role, place)
        foreign = [number for numbers in filled.values() for number in numbers if not scope.covers(number)]
        for number in foreign[:2]:
            for statement in (
                "update facilities.facility set name = 'X' where id = :n",
                "delete from facilities.service where facility_id = :n",
                "update facilities.capacity_change set wanted = 999 where facility_id = :n",
            ):
                with access.asking(), scopes.use(scope):
                    assert db.session.execute(sa.text(statement), {"n": number}).rowcount == 0
                tried += 1
            with access.asking(), scopes.use(scope), pytest.raises(sa.exc.ProgrammingError):
                db.session.execute(
                    sa.text("insert into facilities.service (facility_id, service) values (:n, 'zz')"),
                    {"n": number},
                )
            tried += 1
    assert tried >= 150


def sign_in(client, world, role, place):
    """A real account with one post, signed in by its session."""
    from uuid import uuid4

    from core.security.accounts import Account, Post

    with access.asking(), scopes.system("an account for the matrix"):
        account = Account(login=uuid4().hex, name="N", fs_uniquifier=uuid4().hex, region_no=world.country)
        db.session.add(account)
        db.session.flush()
        db.session.add(Post(account_id=account.id, role=role, place_no=place, first_day=date(2020, 1, 1)))
        db.session.commit()
        mark, number = account.fs_uniquifier, account.id
    key = sign_ins.begin(number)
    with client.session_transaction() as session:
        session.clear()
        session.update({"_user_id": mark, "_fresh": True, "sign_in": key})
    assert client.get("/account").status_code == 200, "somebody who is not signed in is refused everything"


def _state(views):
    """What every table behind the views holds, to the letter."""
    with scopes.system("look at the rows"):
        return {
            endpoint: db.session.execute(
                sa.text(f"select count(*), md5(string_agg(t::text, '' order by t::text)) from {view.model.__table__.fullname} t")
            ).one()
            for endpoint, view in views.items()
            if endpoint != "core-changes"  # the history grows by the people who sign in
        }


def test_office_routes_answer_404_or_403_for_foreign_ids(app, world, filled, client):
    """Edit, details, delete, bulk action, confirmation and ajax by foreign id, for each view, role and place.

    404 where the role may do such a thing at all and 403 where not; never a page, a detour or a change.
    """
    site = app.extensions["dolbom_office"]
    views = {view.endpoint: view for view in site._views if hasattr(view, "model")}
    answers, wrong = Counter(), []
    with scopes.system("look at the ids"):
        keys = {
            endpoint: {
                getattr(record, view.model.__scope_column__, None): getattr(record, view._primary_key)
                for record in db.session.scalars(sa.select(view.model).limit(500))
            }
            for endpoint, view in views.items()
            if issubclass(view.model, Scoped)
        }
    before = None
    for role, place in _posts(world, filled, world.district, world.far_district):
        scope = scope_of(role, place)
        sign_in(client, world, role, place)
        before = before or _state(views)
        for endpoint, by_place in keys.items():
            foreign = [
                key for number, key in by_place.items() if number is not None and not scope.covers(number)
            ][:1]
            for key in foreign:
                base = views[endpoint].url
                for method, path, data in (
                    ("get", f"{base}/edit/?id={key}", None),
                    ("get", f"{base}/details/?id={key}", None),
                    ("post", f"{base}/delete/", {"id": key}),
                    ("post", f"{base}/confirm/", {"action": "delete", "rowid": key}),
                    ("post", f"{base}/action/", {"action": "delete", "rowid": key}),
                    ("post", f"{base}/ajax/update/", {"list_form_pk": key, "name": "X"}),
                ):
                    # the answer of a program: the same doors, without a page drawn for each refusal
                    answer = getattr(client, method)(path, data=data, headers={"Accept": "application/json"})
                    answers[answer.status_code] += 1
                    if answer.status_code not in (403, 404):
                        wrong.append((role, place, path, answer.status_code))
    assert not wrong, (answers, wrong[:10])
    assert answers.total() >= 1_000
    assert answers[404] >= 100, "most doors were not even tried"
    assert _state(views) == before


def test_every_route_is_asked_for_every_role(app, world, filled, client):
    """Each GET route without arguments, for each role and for visitors: an answer, a refusal or a sign-in, never a leak or a fault."""
    rules = [
        r
        for r in app.url_map.iter_rules()
        if "GET" in (r.methods or ()) and not r.arguments and not r.rule.startswith("/theme")
    ]
    tried, faults = 0, []
    for role, place in [
        (None, None),
        *[(role, (world.district, filled[world.district][0])[n % 2]) for n, role in enumerate(ROLES)],
    ]:
        with client.session_transaction() as session:
            session.clear()
        if role:
            sign_in(client, world, role, place)
        for rule in rules:
            if rule.rule == "/logout":
                continue
            status = client.get(rule.rule).status_code
            tried += 1
            if status >= 500 and rule.rule != "/readyz":
                faults.append((role, rule.rule, status))
            if role is None and rule.rule.startswith("/office/") and status == 200:
                faults.append(("visitor", rule.rule, status))
    assert tried >= 300
    assert not faults, faults[:10]


def test_a_careless_module_is_named_with_the_way_out(app):
    """No rule, no permission, a column in another's table: each is found with a message that says what to do."""
    from core import checks

    texts = {
        result.id: result.action
        for result in checks.run(running(), ("scoped-models", "services-ask", "safe-views", "row-walls", "foreign-tables", "readable"))
    }
    assert all(texts.values())
    with pytest.raises(DolbomError, match="reason"):
        Unscoped(" ")
