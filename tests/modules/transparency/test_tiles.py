"""Static files of a log: where they lie, what they hold, and proofs from them alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.transparency import merkle
from modules.transparency.merkle import BadProof
from modules.transparency.tiles import (
    WIDTH,
    BadTile,
    Tile,
    bundle,
    entries_of,
    hashes_of,
    over_tiles,
    tiles_of,
)

LEAVES = [merkle.leaf_hash(number.to_bytes(4, "big")) for number in range(66_000)]


def published(size):
    """Hashes by level as static files have them, for logs of this size."""
    levels = [LEAVES[:size]]
    while len(levels[-1]) >= WIDTH:
        below = levels[-1]
        levels.append([merkle.root(below[at : at + WIDTH]) for at in range(0, len(below) // WIDTH * WIDTH, WIDTH)])
    return lambda tile: levels[tile.level][tile.number * WIDTH : tile.number * WIDTH + tile.width]


def test_paths_are_those_of_the_standard():
    assert Tile(0, 273, 112).path == "tile/0/273.p/112"
    assert Tile(0, 1_234_067).path == "tile/0/x001/x234/067"
    assert Tile(-1, 0).path == "tile/entries/000"


def test_a_log_that_grew_has_only_new_files():
    assert [tile.path for tile in tiles_of(300, since=256)] == ["tile/entries/001.p/44", "tile/0/001.p/44"]
    assert list(tiles_of(300, since=300)) == []
    assert [tile.path for tile in tiles_of(70_000)][-2:] == ["tile/1/001.p/17", "tile/2/000.p/1"]
    everything = {tile.path for tile in tiles_of(70_000)}
    assert {tile.path for tile in tiles_of(70_000, since=69_999)} <= everything


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([1, 2, 255, 256, 257, 511, 513, 1_000, 65_535, 65_536, 65_537, 66_000]), st.data())
def test_proofs_from_tiles_are_those_from_all_leaves(size, data):
    over, all_of = over_tiles(size, published(size)), merkle.subtrees_of(LEAVES[:size])
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    assert over(0, size) == all_of(0, size)
    assert merkle.inclusion(index, size, over) == merkle.inclusion(index, size, all_of)
    assert merkle.consistency(old, size, over) == merkle.consistency(old, size, all_of)


def test_few_tiles_are_read_for_a_proof():
    read = []

    def noted(tile):
        read.append(tile)
        return published(66_000)(tile)

    merkle.inclusion(12_345, 66_000, over_tiles(66_000, noted))
    assert len(set(read)) <= 4


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_gives_back_its_entries_and_notices_any_cut(entries):
    raw = bundle(entries)
    assert entries_of(raw, len(entries)) == entries
    for cut in {len(raw) // 2, len(raw) - 1} - {-1, len(raw)}:
        with pytest.raises(BadTile):
            entries_of(raw[:cut], len(entries))
    with pytest.raises(BadTile):
        entries_of(raw, len(entries) + 1)


def test_what_does_not_fit_is_refused():
    with pytest.raises(BadTile, match="65535 bytes"):
        bundle([b"x" * 65_536])
    with pytest.raises(BadTile, match="where 64 belong"):
        hashes_of(b"x" * 63, 2)
    assert hashes_of(b"x" * 64, 2) == [b"x" * 32] * 2
    with pytest.raises(BadProof, match="no leaves"):
        over_tiles(5, published(5))(2, 6)
