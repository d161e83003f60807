"""Every page of families, applications and messages once, as its people see it: Korean wide, Polish on a tablet, English on a phone.

axe and the width are looked at on each (`at_screen`); `PICTURES=…` keeps a picture of each.
"""

from __future__ import annotations

from datetime import date

import people
import pytest
import sqlalchemy as sa
from test_notices import GOOD, UNREACHABLE, sending, told

from core.db.base import db
from core.security import access
from core.security import scope as scopes

__all__ = ["sending"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Fields missing from ruleset"),
]

AS_SEEN = pytest.mark.parametrize(("language", "width"), [("ko", 1280), ("pl", 820), ("en", 390)])


@pytest.fixture
def told_family(sending):
    """A family with a child, papers, a request and messages of every end; gives (district, centre, account)."""
    from modules.families.models import Child, Family
    from modules.families.services import add_child, add_guardian, ask_about_data, consent, found
    from modules.messaging.api import Recipient, send

    district, number = sending
    account = people.make("mother", "parent", district, name="김지영")
    me = scopes.Scope("user", "mother", role="parent", account_id=account, place=district)
    with access.asking(), scopes.use(me):
        home = found(name="김지영", relation_to_child="mother", phone=GOOD)
        family = db.session.get_one(Family, home)
        child = add_child(family, name="박서연", born_on=date(2024, 5, 4)).id
        here = db.session.get_one(Child, child)
        consent(here, "personal_data")
        add_guardian(home, name="Jan Nowak", relation_to_child="father", phone="010-9999-0000")
        ask_about_data(family, "correction", "이름이 틀렸어요", child=here)
        db.session.commit()
    desk = scopes.Scope("user", "desk", role="director", place=number, facilities=(number,))
    with access.asking(), scopes.use(desk):
        for n, phone in enumerate((GOOD, UNREACHABLE, None, "010-0000-0005")):
            to = Recipient("김지영", "ko", account_id=account if n == 1 else None, phone=phone, postal="마포구 월드컵로 1" if n == 2 else "")
            facts = {"subject": "3월 필요경비", "text": "3월 필요경비 12,000원을 25일까지 내 주세요."}
            send("messaging.notice", to=to, place=number, facts=facts, about=f"families.family:{home}", key=f"page:{n}")
        db.session.commit()
    told()
    return district, number, child


@AS_SEEN
def test_pages_of_a_family(app, at_screen, told_family, language, width):
    _district, _number, child = told_family
    people.run("update core.account set language = :l", l=language)
    parent = at_screen(language, width=width).sign_in("mother")
    with scopes.system("look"):
        guardian = db.session.scalar(sa.text("select max(id) from families.guardian"))
        message = db.session.scalar(sa.text("select id from messaging.message where account_id is not null and state = 'failed' limit 1"))
    for path, name in (
        ("/office/", "start"), ("/my/family", "family"), (f"/my/family/children/{child}", "child"), ("/my/family/data", "data"),
        (f"/my/family/guardians/{guardian}", "guardian"), (f"/my/family/children/{child}/erase", "erase"),
        ("/my/applications", "applications"), ("/my/messages", "messages"), (f"/my/messages/{message}", "message-failed"),
        ("/account", "account"), ("/account/factors", "factors"), ("/account/sessions", "sessions"), ("/account/contacts", "contacts"),
    ):  # fmt: skip
        parent.go(path, f"page-{name}-{width}")


@AS_SEEN
@pytest.mark.parametrize("role", ["front_desk", "district_officer"])
def test_pages_of_those_who_work_with_families(app, at_screen, told_family, language, width, role):
    district, number, child = told_family
    people.make(role, role, number if role == "front_desk" else district, language=language)
    with scopes.system("look"):
        failed = db.session.scalar(sa.text("select id from messaging.message where state = 'failed' limit 1"))
        request = db.session.scalar(sa.text("select max(id) from families.request"))
    person = at_screen(language, width=width).sign_in(role)
    both = (
        ("/office/", "start"), ("/office/messaging/messages/", "messages"), (f"/office/messaging/messages/details/?id={failed}", "message"),
        ("/office/messaging/letters/", "letters"), ("/office/messaging/writing/", "writing"), ("/office/families/children/", "children"),
        ("/office/enrollment/applications/", "applications"), ("/office/messaging/wordings/", "wordings"),
    )  # fmt: skip
    only = {
        "front_desk": (("/office/families/counter/", "counter"),),
        "district_officer": (
            ("/office/messaging/costs/", "costs"), ("/office/messaging/wordings/messaging.notice/ko", "wording"),
            ("/office/families/requests/", "requests"), (f"/office/families/requests/details/?id={request}", "request"),
            (f"/office/families/children/details/?id={child}", "child"), ("/office/families/likeness/", "likeness"),
            ("/office/gateway_sandbox/deliveries/", "gateway"),
        ),
    }[role]  # fmt: skip
    for path, name in both + only:
        person.go(path, f"work-{role}-{name}-{width}")
