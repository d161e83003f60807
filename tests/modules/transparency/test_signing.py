"""The signer signs what grew out of what it signed, and nothing else, whatever happens to the database or to itself."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.host.running import running
from core.security import access
from core.security import scope as scopes
from core.testing import mark_dirty
from modules.transparency import merkle
from modules.transparency.frontier import Frontier
from modules.transparency.keys import BadKey, new_key, read_key
from modules.transparency.models import Alarm, Checkpoint, Leaf, Node
from modules.transparency.notes import Checkpoint as Head
from modules.transparency.notes import Note
from modules.transparency.services import append
from modules.transparency.services.proving import subtrees, tlog_proof
from modules.transparency.signing import running as process
from modules.transparency.signing import sealing
from modules.transparency.signing.mark import LostMark, Mark
from modules.transparency.signing.sealing import Inconsistent, Sealer

ORIGIN = "care.example/log"


@pytest.fixture
def key(tmp_path):
    return new_key(tmp_path / "signer" / "log.key", ORIGIN)


@pytest.fixture
def system(app):
    """The signer's session."""
    with access.asking(), scopes.system("a signer at work"):
        yield


@pytest.fixture
def grow(system):
    """`grow(5)` adds leaves."""

    def more(count):
        start = db.session.scalar(sa.select(sa.func.count()).select_from(Leaf))
        for number in range(start, start + count):
            append("close", None, number=number)
        db.session.commit()

    return more


@pytest.fixture
def sealer(key, tmp_path, system):
    """A signer that begins anew, or wakes up with what it remembers."""

    def wake():
        path = tmp_path / "signer" / "mark.json"
        return Sealer(key, Mark.read(path, ORIGIN) or Mark(path, ORIGIN, Frontier()))

    return wake


def tamper(sql):
    """Whoever owns the database, with the triggers out of the way."""
    mark_dirty()
    with running().owner.begin() as owner:
        owner.execute(sa.text("alter table transparency.leaf disable trigger user"))
        owner.execute(sa.text(sql))
        owner.execute(sa.text("alter table transparency.leaf enable trigger user"))


def hashes():
    return list(db.session.scalars(sa.select(Leaf.hash).order_by(Leaf.index)))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 255, 256, 257, 511, 513, 1000])
def test_the_edge_of_a_tree_gives_its_root_and_its_complete_parts(size):
    leaves = [merkle.leaf_hash(str(n).encode()) for n in range(size)]
    edge, nodes = Frontier(), []
    for start in range(0, size, 100):
        nodes += list(edge.add(leaves[start : start + 100]))
    assert (edge.size, edge.root) == (size, merkle.root(leaves))
    assert nodes == [(1, n, merkle.root(leaves[n * 256 : n * 256 + 256])) for n in range(size // 256)]


def test_each_new_size_is_signed_once_and_proofs_lead_to_it(grow, sealer, key):
    grow(5)
    mine = sealer()
    assert [mine.turn(), mine.turn()] == [5, None]
    grow(300)
    assert mine.turn() == 305
    heads = db.session.scalars(sa.select(Checkpoint).order_by(Checkpoint.size)).all()
    assert [(head.size, head.root) for head in heads] == [(size, merkle.root(hashes()[:size])) for size in (5, 305)]
    note = Note.read(heads[1].note)
    assert note.signed_by([key.verifier]) and Head.read(note.text) == Head(ORIGIN, 305, heads[1].root)
    for index in (0, 4, 255, 256, 304):
        proof = merkle.inclusion(index, 305, subtrees(305))
        merkle.check_inclusion(hashes()[index], index, 305, proof, heads[1].root)
    merkle.check_consistency(5, 305, heads[0].root, heads[1].root, merkle.consistency(5, 305, subtrees(305)))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Node)) == 1


def test_a_receipt_comes_once_the_leaf_is_sealed(grow, sealer, system):
    grow(3)
    found = append("apply", None, entry="ab" * 16, list="F-1/rolling-2")
    db.session.commit()
    assert tlog_proof(found) is None, "waiting for the seal"
    sealer().turn()
    text = tlog_proof(found, b"more")
    assert text.startswith("c2sp.org/tlog-proof@v1\nextra bW9yZQ==\nindex 3\n")
    assert text.endswith(db.session.scalar(sa.select(Checkpoint.note)))
    assert tlog_proof(b"\0" * 32) is None


@pytest.mark.parametrize(
    "sql",
    [
        "update transparency.leaf set entry = '{\"kind\":\"visit\"}', hash = sha256('\\x00'::bytea || '{\"kind\":\"visit\"}') where index = 2",
        "delete from transparency.leaf where index = 4",
        "delete from transparency.leaf where index = 1",
        "delete from transparency.leaf",
        "update transparency.leaf set index = index + 100; update transparency.leaf set index = 104 - index",
    ],
    ids=["changed", "last-gone", "one-gone", "all-gone", "turned-round"],
)
def test_a_log_that_does_not_begin_with_what_was_signed_is_refused_and_told(grow, sealer, sql):
    grow(5)
    sealer().turn()
    tamper(sql)
    mine = sealer()
    assert [mine.turn(), mine.turn()] == [None, None]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Checkpoint)) == 1
    (alarm,) = db.session.scalars(sa.select(Alarm)).all()
    assert alarm.what == "head" and ("signed" in alarm.said or "missing" in alarm.said)


def test_the_control_a_signer_that_forgets_signs_another_past(grow, sealer, key, tmp_path):
    """Without its memory it would sign whatever lies there: the memory is what stops it."""
    grow(5)
    sealer().turn()
    tamper("update transparency.leaf set entry = '{\"kind\":\"visit\"}', hash = sha256('\\x00'::bytea || '{\"kind\":\"visit\"}') where index = 2")
    grow(1)
    forgetful = Sealer(key, Mark(tmp_path / "elsewhere" / "mark.json", ORIGIN, Frontier()))
    assert forgetful.turn() == 6
    assert sealer().turn() is None


def test_killed_between_memory_and_signature_it_signs_the_same_head(grow, sealer, monkeypatch):
    grow(5)
    with monkeypatch.context() as stop, pytest.raises(KeyboardInterrupt):
        stop.setattr(sealing, "sign", lambda *args: (_ for _ in ()).throw(KeyboardInterrupt))
        sealer().turn()
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Checkpoint)) == 0
    assert sealer().turn() == 5
    assert db.session.scalar(sa.select(Checkpoint.root)) == merkle.root(hashes())


@pytest.mark.parametrize("harm", ["{", '{"origin": "x"}', "size", "root", "origin"])
def test_a_damaged_memory_is_told_and_never_guessed(grow, sealer, tmp_path, harm):
    grow(5)
    sealer().turn()
    path = tmp_path / "signer" / "mark.json"
    kept = json.loads(path.read_text())
    if harm in kept:
        kept[harm] = 4 if harm == "size" else "00" * 32 if harm == "root" else "other.example/log"
        harm = json.dumps(kept)
    path.write_text(harm)
    with pytest.raises(LostMark, match=r"mark\.json"):
        sealer()


def test_a_lost_memory_needs_a_person_with_the_right_root(grow, sealer, key, tmp_path, monkeypatch):
    monkeypatch.setattr(process, "folder", lambda: tmp_path / "signer")
    grow(5)
    assert process.mark_here(key).frontier.size == 0, "nothing was ever signed"
    sealer().turn()
    (tmp_path / "signer" / "mark.json").unlink()
    with pytest.raises(LostMark, match="--accept-head"):
        process.mark_here(key)
    with pytest.raises(Inconsistent, match="give the root"):
        process.accept_head(5, "00" * 32)
    process.accept_head(5, merkle.root(hashes()).hex())
    grow(1)
    assert Sealer(key, process.mark_here(key)).turn() == 6


def test_a_key_is_made_once_and_read_by_its_owner_alone(tmp_path):
    path = tmp_path / "keys" / "log.key"
    made = new_key(path, ORIGIN)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_key(path).verifier == made.verifier
    with pytest.raises(BadKey, match="never written over"):
        new_key(path, ORIGIN)
    path.chmod(0o640)
    with pytest.raises(BadKey, match="chmod 600"):
        read_key(path)
    path.chmod(0o600)
    for text in ("", "PRIVATE+KEY+a+b+c", path.read_text().replace("care", "cafe"), "x" * 100):
        path.write_text(text)
        with pytest.raises(BadKey):
            read_key(path)
    with pytest.raises(BadKey, match="make a key first"):
        read_key(tmp_path / "none")
    with pytest.raises(BadKey, match="neither spaces"):
        new_key(tmp_path / "other", "two words")


def test_neither_the_web_nor_the_worker_can_open_the_key():
    """What they import never reaches the file that reads keys."""
    import subprocess
    import sys

    code = (
        "import sys; from core.app import create_app; from core.host import discovery; "
        "import modules.transparency.api, modules.transparency.services, modules.enrollment.services; "
        "print('modules.transparency.keys' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
