"""Where a sign-in came from, and when that is told to its owner."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.security import origins, suspicion
from core.security.origins import Origin
from core.security.suspicion import Past

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "family"),
    [
        (WINDOWS, "Chrome · Windows"),
        (WINDOWS + " Edg/140.0.0.0", "Edge · Windows"),
        (WINDOWS + " Whale/4.30", "Whale · Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.5 Mobile/15E148 Safari/604.1",
            "Safari · iOS",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; SM-S938N) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 "
            "Chrome/130.0.0.0 Mobile Safari/537.36",
            "Samsung Internet · Android",
        ),
        ("curl/8.5.0", ""),
        ("", ""),
    ],
)
def test_family_of_browser_and_system(agent, family):
    assert origins.family(agent) == family


def test_an_update_is_no_new_browser():
    assert origins.family(WINDOWS) == origins.family(WINDOWS.replace("140", "141"))


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        (None, ""),
        ("unix", ""),
    ],
)
def test_an_address_is_shortened(address, network):
    assert origins.network(address) == network


@given(st.text(max_size=2000), st.text(max_size=60))
def test_no_header_ever_breaks_it_or_is_kept_as_it_came(agent, address):
    made = origins.origin(agent, address)
    assert len(made.browser) <= 40
    assert made.network == "" or "/" in made.network


HOME, OFFICE, TRAIN = "203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24"
CHROME, PHONE = "Chrome · Windows", "Safari · iOS"


def past(*origins_):
    return [Past(True, "", one) for one in origins_]


@pytest.mark.parametrize(
    ("now", "before", "raised"),
    [
        (Origin(CHROME, HOME), past(), set()),  # the first one ever is no surprise
        (Origin(CHROME, HOME), past(Origin(CHROME, OFFICE)), set()),  # the same browser at home
        (Origin(PHONE, HOME), past(Origin(CHROME, HOME)), set()),  # another device in the same network
        (Origin(PHONE, TRAIN), past(Origin(CHROME, HOME), Origin(CHROME, OFFICE)), {"sign-in-elsewhere"}),
        (Origin(PHONE, TRAIN), past(Origin()), set()),  # of before anybody noted where from
    ],
)
def test_elsewhere_is_a_new_browser_in_a_new_network(now, before, raised):
    assert suspicion.judge(now, before) == raised


@pytest.mark.parametrize(("cause", "count", "raised"), [("password", 2, False), ("password", 3, True), ("code", 3, True),
                                                        ("locked", 3, True), ("second", 9, False)])  # fmt: skip
def test_failures_before_a_success_are_told(cause, count, raised):
    here = Origin(CHROME, HOME)
    before = [Past(False, cause, here)] * count + past(here)
    assert ("sign-in-after-failures" in suspicion.judge(here, before)) is raised


def test_a_password_right_elsewhere_without_its_step_is_told():
    here, there = Origin(CHROME, HOME), Origin(PHONE, TRAIN)
    assert suspicion.judge(here, [Past(False, "second", there), *past(here)]) == {"sign-in-half-done"}
    assert suspicion.judge(here, [Past(False, "second", here), *past(here)]) == frozenset(), "the control: a tab closed"


def test_failures_before_the_last_success_were_told_then():
    here = Origin(CHROME, HOME)
    assert suspicion.judge(here, [*past(here), *[Past(False, "password", here)] * 9]) == frozenset()


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(["password", "code", ""])), max_size=20))
def test_a_sign_in_from_a_known_place_is_never_called_elsewhere(before):
    here = Origin(CHROME, HOME)
    found = [Past(let_in, cause, here) for let_in, cause in before]
    assert "sign-in-elsewhere" not in suspicion.judge(here, found)
