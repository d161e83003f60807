"""The tree against vectors we did not make, against itself, and against every way to cut a proof."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.transparency import merkle
from modules.transparency.merkle import BadProof

DATA = Path(__file__).parents[2] / "data" / "merkle"


def vectors(name):
    return [pytest.param(case, id=case["_name"]) for case in json.loads((DATA / f"{name}.json").read_text())]


def raw(text):
    return base64.b64decode(text) if text else b""


def passes(check, *facts):
    try:
        check(*facts)
    except BadProof:
        return False
    return True


@pytest.mark.parametrize("case", vectors("inclusion"))
def test_inclusion_as_others_judge_it(case):
    proof = [raw(one) for one in case["proof"] or ()]
    good = passes(merkle.check_inclusion, raw(case["leafHash"]), case["leafIdx"], case["treeSize"], proof, raw(case["root"]))
    assert good != case["wantErr"], case["desc"]


@pytest.mark.parametrize("case", vectors("consistency"))
def test_consistency_as_others_judge_it(case):
    proof = [raw(one) for one in case["proof"] or ()]
    good = passes(merkle.check_consistency, case["size1"], case["size2"], raw(case["root1"]), raw(case["root2"]), proof)
    assert good != case["wantErr"], case["desc"]


def test_hashes_of_the_standard():
    known = json.loads((DATA / "rfc6962.json").read_text())
    assert merkle.EMPTY.hex() == merkle.root([]).hex() == known["empty_root"]
    assert merkle.leaf_hash(b"").hex() == known["empty_leaf"]
    assert merkle.leaf_hash(b"L123456").hex() == known["leaf(L123456)"]
    assert merkle.node_hash(b"N123", b"N456").hex() == known["node(N123,N456)"]


def recursive(leaves):
    """RFC 6962 as it is written, slowly: another way to the same root."""
    if len(leaves) < 2:
        return leaves[0] if leaves else merkle.EMPTY
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return merkle.node_hash(recursive(leaves[:middle]), recursive(leaves[middle:]))


@given(st.integers(1, 200), st.data())
def test_what_is_proved_is_believed_and_nothing_else(size, data):
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(size)]
    over, root = merkle.subtrees_of(leaves), merkle.root(leaves)
    assert root == recursive(leaves)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    inclusion, consistency = merkle.inclusion(index, size, over), merkle.consistency(old, size, over)
    before = merkle.root(leaves[:old])
    merkle.check_inclusion(leaves[index], index, size, inclusion, root)
    merkle.check_consistency(old, size, before, root, consistency)
    other = merkle.leaf_hash(b"another")
    assert not passes(merkle.check_inclusion, other, index, size, inclusion, root)
    assert not passes(merkle.check_inclusion, leaves[index], index, size, [*inclusion, other], root)
    assert not passes(merkle.check_consistency, old, size, other, root, consistency)
    assert not passes(merkle.check_consistency, old, size, before, other, consistency)
    assert not passes(merkle.check_consistency, old, size, before, root, [*consistency, other])
    for cut in range(len(inclusion)):
        assert not passes(merkle.check_inclusion, leaves[index], index, size, inclusion[:cut], root)
        changed = [*inclusion[:cut], other, *inclusion[cut + 1 :]]
        assert not passes(merkle.check_inclusion, leaves[index], index, size, changed, root)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_no_proof_outside_of_the_tree(index, size):
    with pytest.raises(BadProof, match="no leaf"):
        merkle.inclusion(index, size, merkle.subtrees_of([]))
    with pytest.raises(BadProof, match="no leaf"):
        merkle.check_inclusion(merkle.EMPTY, index, size, [], merkle.EMPTY)


def test_a_tree_does_not_shrink():
    for old, new in ((2, 1), (-1, 1)):
        with pytest.raises(BadProof, match="cannot grow"):
            merkle.consistency(old, new, merkle.subtrees_of([]))
        with pytest.raises(BadProof, match="cannot grow"):
            merkle.check_consistency(old, new, merkle.EMPTY, merkle.EMPTY, [])
