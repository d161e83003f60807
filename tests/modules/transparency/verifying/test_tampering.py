"""The short form of the tamper campaign, and what catches changes above the older head."""

from __future__ import annotations

import json

import pytest

from tests.campaigns import tampering
from tests.modules.transparency.verifying import golden


@pytest.mark.rule("E-01")
@pytest.mark.slow
def test_every_tamper_below_an_older_head_is_noticed(tmp_path):
    figures = tampering._round(1, tmp_path, head=True, tampers=60)
    assert figures == {"tampers": 60, "noticed": 60, "missed": 0}
    assert tampering.broken(figures) == []


def test_the_control_without_the_older_head_misses_some(tmp_path):
    assert tampering.broken(tampering._round(1, tmp_path, head=False, tampers=30))


@pytest.mark.parametrize("seed", range(3))
def test_newer_entries_are_caught_by_a_receipt_and_by_the_next_witness(seed, tmp_path):
    """Above the older head nobody holds anything but the family its receipt; the witness refuses the next head."""
    from modules.transparency import merkle
    from modules.transparency.witness import Watcher
    from tests.modules.transparency.test_witnesses import request

    log = golden.grown(40 + seed, 300)
    newer = next(n for n in range(len(log.entries) - 1, 250, -1) if json.loads(log.entries[n])["kind"] == "apply")
    who = json.loads(log.entries[newer])["entry"]
    (tmp_path / "receipt").write_text(log.receipt(who))
    other = golden.Golden(list(log.entries), log.openings)
    facts = json.loads(other.entries[newer])
    other.entries[newer] = json.dumps(facts | {"points": facts["points"] + 1}, sort_keys=True, separators=(",", ":")).encode()
    other.leaf("close", sha256="33" * 32, period="2026-06", on="2026-12-30")
    old = tmp_path / "old"
    old.write_text(log.head(250))
    assert tampering.judged(other, tmp_path / "log", "--head", str(old)) == 0, "the older head alone does not see it"
    assert tampering.judged(other, tmp_path / "log", "--head", str(old), "--receipt", str(tmp_path / "receipt")) == 1
    watcher = Watcher(golden.WITNESSES[0], [golden.LOG.verifier], tmp_path / "seen")
    watcher.add_checkpoint(request(0, len(log.entries), log.hashes, note=log.head(witnesses=())))
    size = len(other.entries)
    proof = merkle.consistency(len(log.entries), size, merkle.subtrees_of(other.hashes))
    answer = watcher.add_checkpoint(request(len(log.entries), size, other.hashes, proof=proof, note=other.head(witnesses=())))
    assert answer.status == 422
