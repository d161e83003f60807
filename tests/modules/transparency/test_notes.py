"""Signed notes, checkpoints and cosignatures: the standard's own examples, and every small forgery."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from modules.transparency.notes import COSIGNATURE, BadNote, Checkpoint, Note, Signer, Verifier, sign

EXAMPLES = json.loads((Path(__file__).parents[2] / "data" / "merkle" / "notes.json").read_text())
LOG = Signer("log.example.org", Ed25519PrivateKey.from_private_bytes(b"l" * 32))
WITNESS = Signer("witness.example.org", Ed25519PrivateKey.from_private_bytes(b"w" * 32), COSIGNATURE)
HEAD = str(Checkpoint("log.example.org", 7, b"r" * 32))


def test_the_standards_example_verifies():
    key = Verifier.read(EXAMPLES["verifier_key"])
    assert key.number.hex() == "530d903a"
    assert str(key) == EXAMPLES["verifier_key"]
    note = Note.read(EXAMPLES["note"])
    assert str(note) == EXAMPLES["note"]
    assert note.signed_by([key]) == [key]


def test_the_standards_checkpoint_is_read_and_written_alike():
    note = Note.read(EXAMPLES["checkpoint"])
    head = Checkpoint.read(note.text)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert str(head) == note.text
    assert str(note) == EXAMPLES["checkpoint"]


def test_a_log_and_a_witness_sign_one_head():
    note = sign(HEAD, [LOG, WITNESS], at=1_790_000_000)
    keys = [LOG.verifier, WITNESS.verifier]
    assert note.signed_by(keys) == keys
    assert Checkpoint.read(note.text).size == 7
    assert note.signed_by([]) == [], "unknown keys are passed over"
    stranger = replace(LOG, key=Ed25519PrivateKey.from_private_bytes(b"s" * 32))
    assert note.signed_by([stranger.verifier]) == []


def test_a_cosignature_holds_for_its_time_only():
    name, number, signature = sign(HEAD, [WITNESS], at=1_790_000_000).signatures[0]
    later = (1_790_000_001).to_bytes(8, "big") + signature[8:]
    with pytest.raises(BadNote, match="not under this text"):
        Note(HEAD, ((name, number, later),)).signed_by([WITNESS.verifier])
    assert not WITNESS.verifier.verifies(HEAD, signature[8:])


@given(st.data())
def test_a_note_changed_anywhere_is_refused_or_signed_by_nobody(data):
    written = str(sign(HEAD, [LOG, WITNESS], at=1_790_000_000))
    at = data.draw(st.integers(0, len(written) - 1))
    sign_there = data.draw(st.characters(codec="ascii").filter(lambda c: c != written[at]))
    try:
        found = Note.read(written[:at] + sign_there + written[at + 1 :]).signed_by([LOG.verifier, WITNESS.verifier])
    except BadNote:
        return
    assert len(found) < 2, "one signature was spoiled; never both stand"


@pytest.mark.parametrize(
    "text",
    ["", "x", "+", "a+b+c", str(LOG.verifier)[:-4], str(LOG.verifier).replace("+", "+0", 1), "a b+00000000+AQ==", "x" * 300],
)
def test_keys_that_are_none(text):
    with pytest.raises(BadNote):
        Verifier.read(text)


@pytest.mark.parametrize(
    "text",
    ["", "a\n1\n", "a\n01\n" + "A" * 43 + "=\n", "a\n-1\n" + "A" * 43 + "=\n", "a\n1\nAAAA\n", HEAD[:-1], HEAD + "\n", "\n" + HEAD],
)
def test_heads_that_are_none(text):
    with pytest.raises(BadNote):
        Checkpoint.read(text)


@pytest.mark.parametrize(
    "written",
    ["", "text\n", "text\n\n", "text\n\n— a\n", "text\n\n- a AAAAAAAAAA==\n", "text\n\n— a AAA\n", "te\x00xt\n\n— a AAAAAAAA\n", "x" * 70_000],
)
def test_notes_that_are_none(written):
    with pytest.raises(BadNote):
        Note.read(written)
