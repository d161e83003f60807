"""Statements: sums that can be drilled into, lines others add, mistakes that are named."""

from __future__ import annotations

import pytest

from core.web import statements
from core.web.statements import (
    Assertion,
    BadStatement,
    Line,
    Section,
    Statement,
    contribute,
    evaluate,
    facts,
    line,
    offer,
    total,
)

GIVEN = {
    "4101": 120000,
    "4102": 1,
    "4201": 50000,
    "5101": 90000,
    "5102": -500,
    "1101": 80501,
    "9999": 7,
    "8888": 0,
}


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(statements, "OFFERED", {})
    monkeypatch.setattr(statements, "_added", {})


def fees() -> Statement:
    return offer(
        Statement(
            "fees.month",
            "Fees",
            (
                Section("income", "Income", (Line("I1", "Parents", facts("41*"), link="/fees"), Line("I2", "Grants", facts("42*")))),
                Section("cost", "Cost", (Line("C1", "Meals", facts("51*")),)),
                Section("end", "", (Line("R", "Result", total("income") - total("cost")), Line("D", "Twice", line("R") * 2))),
            ),
            (Assertion("cash", line("R"), facts("11*"), "Count the cash."),),
        )
    )  # fmt: skip


def everybody(module):
    return True


def test_lines_add_up_and_know_their_facts():
    fees()
    found = evaluate("fees.month", GIVEN, everybody)
    amounts = {each.code: figure.amount for _, each, figure in found.rows()}
    assert amounts == {"I1": 120001, "I2": 50000, "C1": 89500, "R": 80501, "D": 161002}
    assert found.line("I1").sources == {"4101", "4102"}
    assert found.line("D").sources == {"4101", "4102", "4201", "5101", "5102"}
    assert found.unused() == ["1101", "9999"], "8888 is zero: nothing is missing"


def test_assertions_compare_and_advise():
    fees()
    (good,) = evaluate("fees.month", GIVEN, everybody).findings()
    (bad,) = evaluate("fees.month", GIVEN | {"1101": 80500}, everybody).findings()
    assert (good.ok, bad.ok) == (True, False)
    assert (bad.left.amount, bad.right.amount, bad.assertion.advice) == (80501, 80500, "Count the cash.")


def test_a_fact_counts_once_however_many_patterns_match():
    offer(Statement("a.b", "", (Section("s", "", (Line("L", "", facts("41*", "4101")),)),)))
    assert evaluate("a.b", GIVEN, everybody).line("L").amount == 120001


def test_contributed_lines_show_where_their_module_is_on():
    fees()
    contribute("sitters", "fees.month", "income", (Line("I9", "Sitters", facts("99*")),))
    on, off = evaluate("fees.month", GIVEN, everybody), evaluate("fees.month", GIVEN, lambda module: False)
    assert [each.code for _, each, _ in on.rows()] == ["I1", "I2", "I9", "C1", "R", "D"]
    assert on.line("R").amount == 80508, "totals hold what others add"
    assert [each.code for _, each, _ in off.rows()] == ["I1", "I2", "C1", "R", "D"]
    assert next(each for _, each, _ in on.rows() if each.code == "I9").module == "sitters"


def test_mistakes_are_named():
    fees()
    with pytest.raises(BadStatement, match="nobody offers"):
        contribute("x", "fees.month", "nowhere", ())
    with pytest.raises(BadStatement, match=r"known are fees\.month"):
        evaluate("fees.year", {}, everybody)
    contribute("x", "fees.month", "cost", (Line("I1", "Again", facts("1*")),))
    with pytest.raises(BadStatement, match="I1 is used twice"):
        evaluate("fees.month", {}, everybody)
    offer(
        Statement(
            "a.circle", "", (Section("s", "", (Line("A", "", line("B")), Line("B", "", line("A") * -1))),)
        )
    )
    with pytest.raises(BadStatement, match="A → B → A"):
        evaluate("a.circle", {}, everybody)
    offer(Statement("a.self", "", (Section("s", "", (Line("T", "", total("s")),)),)))
    with pytest.raises(BadStatement, match="T → T"):
        evaluate("a.self", {}, everybody)
    offer(Statement("a.lost", "", (Section("s", "", (Line("T", "", line("X") + total("y")),)),)))
    with pytest.raises(BadStatement, match="no line X"):
        evaluate("a.lost", {}, everybody)
    offer(Statement("a.lost", "", (Section("s", "", (Line("T", "", total("y")),)),)))
    with pytest.raises(BadStatement, match="no section y"):
        evaluate("a.lost", {}, everybody)
