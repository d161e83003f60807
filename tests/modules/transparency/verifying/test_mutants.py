"""Golden logs are accepted and mutants refused by everybody: our verifier, the page in a real browser, and foreign tools."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest

from modules.transparency import verifier
from tests.modules.transparency.verifying import golden
from tests.modules.transparency.verifying.mutants import files_of, mutant, write
from tests.modules.transparency.verifying.test_verifier import verify

#: How many mutants; the campaign makes a thousand.
MUTANTS = int(os.environ.get("MUTANTS", "180"))
SCRIPT = Path(verifier.__file__).parents[1] / "static" / "verify.js"


@pytest.fixture(scope="module")
def log():
    return golden.grown(11, 600)


@pytest.fixture(scope="module")
def files(log, tmp_path_factory):
    return files_of(log.publish(tmp_path_factory.mktemp("golden")))


@pytest.fixture
def in_browser(chromium):
    """`in_browser(files)` is what the page's script says of a log, in the real browser and offline."""
    page = chromium.new_page()
    answers = {"/": ("text/html", "<!doctype html><title>x</title>"), "/verify.js": ("text/javascript", SCRIPT.read_text())}

    def answer(route):
        kind, body = answers["/" + route.request.url.rpartition("/")[2]]
        route.fulfill(content_type=kind, body=body)

    page.route("**/*", answer)
    page.goto("http://127.0.0.1:9/")

    def say(files, policy=golden.POLICY):
        packed = {name: base64.b64encode(raw).decode() for name, raw in files.items()}
        return page.evaluate(
            """async ([packed, policy]) => {
                const { audit } = await import("/verify.js");
                const read = async (path) => path in packed ? Uint8Array.from(atob(packed[path]), (c) => c.charCodeAt(0)) : null;
                try {
                    const found = await audit(read, policy);
                    return { ok: found.ok, violations: found.violations, different: found.different };
                } catch (error) { return { ok: false, error: error.message }; }
            }""",
            [packed, policy],
        )

    yield say
    page.close()


def ours(folder, capsys):
    (folder.parent / "policy").write_text(golden.POLICY)
    code = verify.main([str(folder), "--policy", str(folder.parent / "policy"), "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.rule("E-01")
@pytest.mark.browser
@pytest.mark.slow
def test_golden_logs_are_accepted_and_mutants_refused_by_program_and_page(log, files, in_browser, tmp_path, capsys):
    """Every mutant by the program, every third also in the browser; both give the same answer."""
    assert ours(write(files, tmp_path / "golden" / "log"), capsys)[0] == 0
    assert in_browser(files) == {"ok": True, "violations": [], "different": []}
    for seed in range(MUTANTS):
        how, changed = mutant(seed, log, files, tmp_path / f"m{seed}")
        code, told = ours(write(changed, tmp_path / str(seed) / "log"), capsys)
        assert code != 0, (seed, how)
        if seed % 3 == 0:
            assert in_browser(changed)["ok"] is False, (seed, how, told)


@pytest.mark.browser
@pytest.mark.parametrize("seed", range(4))
def test_the_page_finds_the_same_breaches_as_the_program(seed, in_browser, tmp_path, capsys):
    """Logs that are well signed and break the rules inside: the same leaves, the same lists."""
    import random

    from tests.modules.transparency.verifying.mutants import _other_log

    dice, broken = random.Random(seed), golden.grown(20 + seed, 280)
    for _lie in range(4):
        broken = _other_log(dice, broken)
    changed = files_of(broken.publish(tmp_path / "log"))
    code, told = ours(tmp_path / "log", capsys)
    page = in_browser(changed)
    assert [index for index, _rule in page["violations"]] == [one["leaf"] for one in told["violations"]]
    assert page["different"] == told["different"]
    assert page["ok"] is (code == 0)
