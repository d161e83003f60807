"""Tools we did not write judge our logs: Go's packages for transparency logs, and pymerkle's tree."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pymerkle
import pytest

from modules.transparency import merkle
from tests.modules.transparency.verifying import golden
from tests.modules.transparency.verifying.mutants import files_of, mutant, write
from tests.modules.transparency.verifying.test_mutants import ours

MUTANTS = int(os.environ.get("MUTANTS", "180"))


@pytest.fixture(scope="module")
def go(tmp_path_factory):
    """`go(folders)` is what Go says of each."""
    program = tmp_path_factory.mktemp("go") / "judge"
    source = Path(__file__).with_name("go") / "judge.go"
    env = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(program.parent / "cache"), "GOFLAGS": ""}
    subprocess.run(["go", "build", "-o", str(program), str(source)], check=True, env=env, capture_output=True)

    def judge(folders):
        done = subprocess.run(
            [str(program), str(golden.LOG.verifier)], input="\n".join(map(str, folders)) + "\n", capture_output=True, text=True, check=True
        )
        return [line.startswith("true") for line in done.stdout.splitlines()]

    return judge


@pytest.mark.needs("go")
@pytest.mark.rule("E-01")
@pytest.mark.slow
def test_go_accepts_golden_logs_and_refuses_every_mutant_of_bytes(go, tmp_path, capsys):
    """Go knows neither witnesses nor lists: what differs there alone is left to our own two, the rest all judge alike."""
    log = golden.grown(11, 600)
    files = files_of(log.publish(tmp_path / "golden"))
    folders, expected = [tmp_path / "golden"], [True]
    for seed in range(MUTANTS):
        how, changed = mutant(seed, log, files, tmp_path / f"m{seed}")
        code, told = ours(write(changed, tmp_path / str(seed) / "log"), capsys)
        assert code != 0, (seed, how)
        apart = told.get("different") or "witness" in told.get("error", "") or "ranking" in str(told)
        beyond = apart or "level" in told.get("error", "") or how == "_gone" and "tile/1" in told["error"]
        if not beyond and how not in ("_recomputed", "_forged"):
            folders.append(tmp_path / str(seed) / "log")
            expected.append(False)
        elif how in ("_recomputed", "_forged") and (tmp_path / str(seed) / "log" / "checkpoint").read_text() == log.head():
            folders.append(tmp_path / str(seed) / "log")
            expected.append(False)
    assert go(folders) == expected
    assert len(folders) > MUTANTS // 4


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 100, 257])
def test_pymerkle_gives_the_same_roots_and_accepts_our_proofs(size):
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    entries = golden.grown(3, 260).entries[:size]
    for entry in entries:
        tree.append_entry(entry)
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    over = merkle.subtrees_of(leaves)
    assert tree.get_root() == merkle.root(leaves)
    for index in {0, size // 2, size - 1}:
        theirs = tree.prove_inclusion(index + 1)
        pymerkle.verify_inclusion(leaves[index], merkle.root(leaves), theirs)
        told = [bytes.fromhex(one) for one in theirs.serialize()["path"]]
        assert told == [leaves[index], *merkle.inclusion(index, size, over)]
    old = max(1, size // 3)
    pymerkle.verify_consistency(merkle.root(leaves[:old]), merkle.root(leaves), tree.prove_consistency(old, size))
    with pytest.raises(pymerkle.InvalidProof):
        pymerkle.verify_inclusion(leaves[0], merkle.root([*leaves, leaves[0]]), tree.prove_inclusion(1))
