"""The bench frame: its arithmetic, its verdicts, its table, and one tiny real run."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from bench import frame, report
from bench.frame import Bench, Pair
from core.config import ROOT

HOW = report.Circumstances("dolbom bench", "2026-11-21 21:00 UTC", "abcdef123456", "2 cores, 24 GiB", (0.5, 0.4, 0.3), 1)


def made_up(cost, *, growth=frame.BATCH, goal=2.0, base=lambda size: 1.0, **facts):
    def measure(sizes):
        for size in sizes:
            yield size, {"part": Pair(cost(size), base(size))}

    return Bench("made-up", "work", "s", "floor", 10_000, {"part": goal}, measure, growth=growth, **facts)


@pytest.mark.parametrize("power", [0, 0.5, 1, 2, 3])
def test_the_exponent_of_a_power_is_that_power(power):
    assert frame.exponent([(n, 3.0 * n**power) for n in (100, 1_000, 10_000)]) == pytest.approx(power)


def test_the_exponent_is_the_least_squares_slope():
    # log10: (2, 0), (3, 1), (4, 1) → slope 1/2
    assert frame.exponent([(100, 1), (1_000, 10), (10_000, 10)]) == pytest.approx(0.5)


def test_one_size_has_no_exponent():
    assert frame.exponent([(100, 1.0)]) is None
    assert frame.exponent([(100, 1.0), (100, 2.0)]) is None
    assert frame.exponent([(100, 0.0), (1_000, 0.0)]) is None


def test_three_sizes_and_a_scale():
    assert frame.sizes(1_000_000) == [10_000, 100_000, 1_000_000]
    assert frame.sizes(1_000_000, 100) == [100, 1_000, 10_000]
    assert frame.sizes(10_000, 1_000) == [1, 10]


def test_quadratic_work_is_flagged_though_its_goal_is_reached():
    [result] = frame.run(made_up(lambda n: n * n / 1e9, base=lambda n: 1.0))
    assert result.reached
    assert result.grows_too_fast
    assert result.exponent == pytest.approx(2)
    assert "**no**" in report.line(result)
    assert not report.as_json([result], HOW)["ok"]


def test_work_in_proportion_passes_as_a_batch_and_not_as_a_page():
    [batch] = frame.run(made_up(lambda n: n / 1e5))
    [page] = frame.run(made_up(lambda n: n / 1e5, growth=frame.PAGE))
    assert not batch.grows_too_fast
    assert page.grows_too_fast


def test_a_machine_that_slows_down_is_not_taken_for_growth():
    def slower(n):
        return 0.02 * (10 if n == 10_000 else 1)

    drifting = {"cost": slower, "base": slower, "growth": frame.PAGE}
    [told] = frame.run(made_up(**drifting, steady=True))
    [fooled] = frame.run(made_up(**drifting))
    assert told.exponent == pytest.approx(0)
    assert not told.grows_too_fast
    assert fooled.grows_too_fast, "without it the machine's mood would be ours"


def test_both_are_measured_in_turns_and_the_first_runs_not_counted():
    order = []
    pair = frame.in_turns(lambda: order.append("ours"), lambda: order.append("baseline"), times=3, warm=2)
    assert order == ["ours", "baseline"] * 5
    assert pair.ours > 0 and pair.baseline > 0


def test_a_missed_ratio_is_said():
    [result] = frame.run(made_up(lambda n: n / 1e3))
    assert result.ratio == pytest.approx(10)
    assert not result.reached
    assert not report.as_json([result], HOW)["ok"]


def test_rates_are_better_when_higher_and_grow_by_their_time():
    [result] = frame.run(made_up(lambda n: 1e6 / n, base=lambda n: 200.0, goal=0.35, more_is_better=True))
    assert result.ratio == pytest.approx(0.5)
    assert result.reached
    assert result.exponent == pytest.approx(1)


def test_work_of_one_size_runs_once_and_may_have_an_absolute_goal():
    [result] = frame.run(made_up(lambda n: 3.0, growth=None, goal=2.5, base=lambda n: None))
    assert [size for size, _pair in result.points] == [10_000]
    assert result.ratio == 3.0
    assert not result.reached


def test_the_table_shows_absolute_figures_beside_ratio_goal_and_growth():
    [result] = frame.run(made_up(lambda n: n / 1e4, base=lambda n: n / 5e3))
    rows = report.table([result]).splitlines()
    assert len({row.count("|") for row in rows}) == 1
    assert rows[2] == "| `made-up` | part | 10,000 | 1 s | 2 s | 0.5 | ≤ 2 | 1.00 (≤ 1.1) | yes |"


def test_the_document_names_command_date_machine_and_commit_and_keeps_the_notes(tmp_path):
    [result] = frame.run(made_up(lambda n: 1.0))
    path = tmp_path / "performance.md"
    path.write_text("old table\n\n## Notes\n\nList became slower because of the law.\n", encoding="utf-8")
    report.write(path, [result], HOW)
    text = path.read_text(encoding="utf-8")
    for word in (HOW.command, HOW.at, HOW.machine, HOW.commit, "full sizes", "List became slower because of the law."):
        assert word in text
    assert "old table" not in text


def test_a_busy_machine_and_reduced_sizes_are_admitted():
    [result] = frame.run(made_up(lambda n: 1.0))
    busy = report.Circumstances("dolbom bench", "now", "c", "m", (22.0, 22.0, 22.0), 10)
    text = report.document([result], busy)
    assert "Other work was running" in text
    assert "**not** the sizes of the goals" in text
    assert "Other work" not in report.document([result], HOW)


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0.0, "0"), (0.01234, "0.0123"), (1.234, "1.23"), (123.4, "123"), (12345.6, "12,346")]
)
def test_three_digits_that_count(value, text):
    assert report.figure(value) == text


def command(*arguments):
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "core.cli", "bench", *arguments], cwd=ROOT, env=environ, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_an_unknown_bench_is_one_line_with_advice():
    done = command("lists")
    assert done.returncode == 2
    assert "error [bench.unknown]" in done.stderr
    assert "import-register" in done.stderr


def test_baselines_know_nothing_of_dolbom():
    for path in (ROOT / "bench" / "baselines").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not [row for row in text.splitlines() if row.startswith(("import ", "from ")) and
                    any(name in row for name in ("core", "modules", "plugins", "dolbom"))], path  # fmt: skip


@pytest.mark.slow
def test_a_tiny_real_run_of_the_import():
    done = command("import-register", "--scale", "100", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert [result["part"] for result in document["results"]] == ["created", "unchanged"]
    for result in document["results"]:
        assert [point["size"] for point in result["sizes"]] == [1, 10, 100]
        assert all(point["ours"] > 0 and point["baseline"] > 0 for point in result["sizes"])
