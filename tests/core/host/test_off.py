"""Off is invisible: `dolbom check` looks for what a module that is off leaves behind, at every door (architecture check 4)."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from core import checks
from core.host import extension, hooks
from core.host.running import running
from core.regions import activation
from core.security import access
from core.security import scope as scopes
from core.web import requests


@pytest.fixture
def traces(app, world):
    """What the check finds."""

    def look():
        with access.asking(), scopes.system("check in a test"):
            [result] = checks.run(running(), ["off-leaves-no-trace"])
        return result.records

    return look


def test_no_module_leaves_a_trace(traces):
    assert traces() == []


def test_the_control_sees_every_door(traces, monkeypatch):
    """The same look at modules that are on finds pages, questions, jobs and the API's document."""
    monkeypatch.setattr(activation, "hidden", lambda _module: nullcontext())
    found = traces()
    for trace in (
        "facilities: the page /facilities answers",
        "facilities: the page /office/facilities/register/ answers",
        "facilities: the page /api/v1/facilities/<code> answers",
        "facilities: the API's document names /api/v1/facilities/{code}",
        "facilities: it is asked for navigation",
        "facilities: facilities.read_register is called",
    ):
        assert trace in found


def test_a_page_whose_name_hides_its_module_is_found(traces, monkeypatch):
    """A blueprint called otherwise passes the gate; where its code lies gives it away."""
    monkeypatch.setattr(requests, "module_of", lambda _endpoint: None)
    assert "facilities: the page /facilities/compare answers" in traces()


def test_a_slot_and_a_panel_that_do_not_ask_are_found(traces, monkeypatch):
    panel = extension.Panel("facilities", "note", lambda: None, lambda _row: None, lambda _row, _value: None)
    monkeypatch.setattr(extension, "shown", lambda: {"account.side": ["facilities"]})
    monkeypatch.setattr(extension, "PANELS", {activation.Activation: [panel]})
    monkeypatch.setattr(extension, "panels", lambda model: extension.PANELS[model])
    assert traces() == [
        "facilities: it fills the slot account.side",
        "facilities: it has a panel in Activation",
    ]


def test_whoever_looks_changes_nothing(app, world):
    with access.asking(), scopes.system("look"):
        with activation.hidden("facilities"):
            assert not activation.is_active_somewhere("facilities")
            assert not activation.is_active("facilities", world.district)
            assert "facilities" not in hooks.asked()["navigation"]
        assert activation.is_active("facilities", world.district)
        assert "facilities" in hooks.asked()["navigation"]
