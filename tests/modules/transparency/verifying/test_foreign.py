"""Tools we did not write judge our logs: Go's packages for transparency logs, and pymerkle's tree."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pymerkle
import pytest

from modules.transparency import merkle
from tests.modules.transparency.verifying import golden
from tests.modules.transparency.verifying.mutants import files_of, mutant, write
from tests.modules.transparency.verifying.test_verifier import verify

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


def by_bytes(folder, capsys):
    """What our verifier says of signature, entries, hashes and root alone: of witnesses, lists and upper tiles Go knows nothing."""
    (folder.parent / "alone").write_text(f"log {golden.LOG.verifier}\nquorum none\n")
    (folder.parent / "nothing").write_text('{"size": -1, "lists": {}}')
    verify.main([str(folder), "--policy", str(folder.parent / "alone"), "--ranking", str(folder.parent / "nothing"), "--json"])
    error = json.loads(capsys.readouterr().out).get("error", "")
    return not error or "of level" in error or "tile/1" in error or error.startswith("1/")


@pytest.mark.needs("go")
@pytest.mark.rule("E-01")
@pytest.mark.slow
def test_go_and_we_say_the_same_of_every_log(go, tmp_path, capsys):
    log = golden.grown(11, 600)
    files = files_of(log.publish(tmp_path / "golden" / "log"))
    folders = [tmp_path / "golden" / "log"]
    for seed in range(MUTANTS):
        _how, changed = mutant(seed, log, files, tmp_path / f"m{seed}")
        folders.append(write(changed, tmp_path / str(seed) / "log"))
    expected = [by_bytes(folder, capsys) for folder in folders]
    assert go(folders) == expected
    assert expected[0] and expected.count(False) > MUTANTS // 3


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
