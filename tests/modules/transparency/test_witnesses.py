"""Witnesses: the standard's answers to every request, one head after the other, and a log that minds no broken one."""

from __future__ import annotations

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import sqlalchemy as sa

from core.db.base import db
from core.security import access
from core.security import scope as scopes
from modules.transparency import merkle
from modules.transparency.frontier import Frontier
from modules.transparency.models import Cosignature, Witness
from modules.transparency.notes import COSIGNATURE, Checkpoint, Note, sign
from modules.transparency.services import append
from modules.transparency.services.proving import newest, quorum_of
from modules.transparency.services.watching import (
    BadWitness,
    add_witness,
    end_witness,
    policy_text,
    witnesses,
)
from modules.transparency.signing import asking
from modules.transparency.signing.asking import ask_witnesses
from modules.transparency.signing.mark import Mark
from modules.transparency.signing.sealing import Sealer
from modules.transparency.witness import BadState, Watcher, server
from tests.modules.transparency.verifying.golden import LOG, ORIGIN, WITNESSES, key

LEAVES = [merkle.leaf_hash(str(n).encode()) for n in range(50)]


def head(size, leaves=LEAVES, signer=LOG, origin=ORIGIN):
    return str(sign(str(Checkpoint(origin, size, merkle.root(leaves[:size]))), [signer]))


def request(old, size, leaves=LEAVES, proof=None, note=None):
    found = merkle.consistency(old, size, merkle.subtrees_of(leaves)) if proof is None and 0 < old < size else proof or []
    lines = [f"old {old}", *(base64.b64encode(one).decode() for one in found), "", note or head(size, leaves)]
    return "\n".join(lines).encode()


@pytest.fixture
def watcher(tmp_path):
    return Watcher(WITNESSES[0], [LOG.verifier], tmp_path / "seen", now=lambda: 1_790_000_000.0)


def test_it_signs_what_grew_out_of_what_it_signed(watcher, tmp_path):
    for old, size in ((0, 3), (3, 3), (3, 20), (20, 50)):
        answer = watcher.add_checkpoint(request(old, size))
        assert answer.status == 200
        note = Note.read(head(size).rpartition("\n\n")[0] + "\n\n" + answer.body)
        assert note.signed_by([WITNESSES[0].verifier])
    again = Watcher(WITNESSES[0], [LOG.verifier], tmp_path / "seen")
    assert again.seen == {ORIGIN: (50, merkle.root(LEAVES))}, "it remembers after a restart"


OTHER = [merkle.leaf_hash(b"x"), *LEAVES[1:]]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"\xff\xfe", 400), (request(20, 30).replace(b"old 20", b"old 020"), 400), (request(20, 30, proof=[b"x" * 31]), 400),
        (request(20, 30).replace(b"old 20", b"new 20"), 400), (request(40, 30), 400), (request(20, 30, proof=[LEAVES[0]] * 64), 400),
        (request(20, 30, note=head(30, origin="other.example/log")), 404), (request(20, 30, note=head(30, signer=key(ORIGIN + "2"))), 403),
        (request(20, 30, note=head(30).replace("\n30\n", "\n31\n")), 403),
        (request(0, 30), 409), (request(19, 30), 409), (request(25, 30), 409),
        (request(20, 30, OTHER), 422), (request(20, 20, OTHER), 422), (request(20, 30, proof=[LEAVES[3]]), 422),
        (request(20, 30, proof=[]), 422), (request(20, 20, proof=[LEAVES[0]]), 422),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)  # fmt: skip
def test_every_other_request_gets_the_standards_status_and_no_signature(watcher, body, status):
    watcher.add_checkpoint(request(0, 20))
    answer = watcher.add_checkpoint(body)
    assert answer.status == status
    assert "—" not in answer.body
    if status == 409:
        assert (answer.body, answer.kind) == ("20\n", "text/x.tlog.size")
    assert watcher.seen[ORIGIN][0] == 20


def test_an_empty_log_has_the_empty_root(watcher):
    note = str(sign(str(Checkpoint(ORIGIN, 0, LEAVES[0])), [LOG]))
    assert watcher.add_checkpoint(request(0, 0, note=note)).status == 422
    assert watcher.add_checkpoint(request(0, 0, note=str(sign(str(Checkpoint(ORIGIN, 0, merkle.EMPTY)), [LOG])))).status == 200


def test_many_at_once_never_take_it_back(watcher):
    """The race of the standard: a slower request for an older head must not come after a newer one."""
    watcher.add_checkpoint(request(0, 1))
    sizes: list[int] = []

    def one(size):
        while True:
            old = watcher.seen[ORIGIN][0]
            if old >= size:
                return
            if watcher.add_checkpoint(request(old, size)).status == 200:
                sizes.append(watcher.seen[ORIGIN][0])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, [n % 50 + 1 for n in range(200)]))
    assert watcher.seen[ORIGIN][0] == 50


def test_a_damaged_memory_stops_it(tmp_path):
    for text in ("{", "[]", '{"a": 1}', '{"a": [1, "x"]}'):
        (tmp_path / "seen").write_text(text)
        with pytest.raises(BadState, match="do not delete"):
            Watcher(WITNESSES[0], [LOG.verifier], tmp_path / "seen")
    with pytest.raises(BadState, match="witness's key"):
        Watcher(LOG, [LOG.verifier], tmp_path / "other")


@pytest.fixture
def door():
    """`door(handler or watcher)` listens and gives its address."""
    open_doors = []

    def listen(what):
        made = server(what, "127.0.0.1", 0) if isinstance(what, Watcher) else ThreadingHTTPServer(("127.0.0.1", 0), what)
        threading.Thread(target=made.serve_forever, args=(0.05,), daemon=True).start()
        open_doors.append(made)
        return f"http://127.0.0.1:{made.server_address[1]}"

    yield listen
    for made in open_doors:
        made.shutdown()
        made.server_close()


@pytest.fixture
def sealed(app, tmp_path):
    """`sealed(n)` adds leaves and signs them."""
    with access.asking(), scopes.system("a signer at work"):
        sealer = Sealer(LOG, Mark(tmp_path / "mark.json", ORIGIN, Frontier()))

        def more(count):
            for number in range(count):
                append("close", None, number=number)
            db.session.commit()
            return sealer.turn()

        yield more


def saying(status, body):
    """A door that always says the same."""

    class Said(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args):
            pass

    return Said


def test_witnesses_sign_each_new_head_also_one_that_is_behind(sealed, door, tmp_path):
    watched = [Watcher(one, [LOG.verifier], tmp_path / one.name.partition(".")[0]) for one in WITNESSES[:2]]
    for one, watcher in zip(WITNESSES, watched, strict=False):
        add_witness(str(one.verifier), door(watcher))
    size = sealed(3)
    assert ask_witnesses() == 2
    assert ask_witnesses() == 0, "nobody is asked twice"
    assert newest().witnesses == 2
    note = Note.read(newest().note)
    assert len(note.signed_by([LOG.verifier, *(one.verifier for one in WITNESSES)])) == 3
    size = sealed(300)
    db.session.execute(sa.update(Witness).where(Witness.id == 1).values(size=0))  # we forgot how far it was
    db.session.commit()
    assert ask_witnesses() == 2
    assert [watcher.seen[ORIGIN][0] for watcher in watched] == [size, size]


@pytest.mark.parametrize(
    ("status", "body", "trouble"),
    [
        (200, "", "no signature"), (200, "hello", "no signature"), (200, "— witness1.example/w AAAA\n", "no signature"),
        (200, WITNESSES[0].line("something else", 1_790_000_000), "is no signature"), (500, "oh", "answered 500"), (409, "99999", "signed 99999"),
        (409, "what", "answered 409"), (404, "", "answered 404"), (200, LOG.line("x"), "no signature"),
    ],
    ids=list("abcdefghi"),
)  # fmt: skip
def test_nonsense_is_noted_and_minds_nobody(sealed, door, status, body, trouble):
    add_witness(str(WITNESSES[0].verifier), door(saying(status, body)))
    size = sealed(1)
    assert ask_witnesses() == 0
    assert trouble in witnesses()[0].trouble
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Cosignature)) == 0
    assert newest().size == size, "the log goes on"


def test_a_witness_with_a_wrong_clock_one_that_hangs_and_one_that_is_away(sealed, door, tmp_path, monkeypatch):
    monkeypatch.setattr(asking, "PATIENCE", 0.3)
    late = Watcher(WITNESSES[0], [LOG.verifier], tmp_path / "late", now=lambda: 1.0)
    wait = threading.Event()

    class Hangs(BaseHTTPRequestHandler):
        def do_POST(self):
            wait.wait(5)

    add_witness(str(WITNESSES[0].verifier), door(late))
    add_witness(str(WITNESSES[1].verifier), door(Hangs))
    add_witness(str(WITNESSES[2].verifier), "http://127.0.0.1:9")
    good = Watcher(WITNESSES[3], [LOG.verifier], tmp_path / "good")
    add_witness(str(WITNESSES[3].verifier), door(good))
    sealed(1)
    assert ask_witnesses() == 1
    wait.set()
    assert [one.trouble.partition(":")[0] for one in witnesses()] == ["its clock is off", "it does not answer", "it does not answer", ""]


def test_who_watches_stands_in_the_log_and_in_the_policy(sealed, acting, world):
    first = add_witness(str(WITNESSES[0].verifier), "https://one.example/")
    with pytest.raises(BadWitness, match="asked already"):
        add_witness(str(WITNESSES[0].verifier), "https://two.example")
    with pytest.raises(BadWitness, match="not of a witness"):
        add_witness(str(LOG.verifier), "https://two.example")
    for vkey, url in (("x", "https://a.example"), (str(WITNESSES[1].verifier), "ftp://a.example"), (str(WITNESSES[1].verifier), "a.example")):
        with pytest.raises(BadWitness):
            add_witness(vkey, url)
    for one in WITNESSES[1:]:
        add_witness(str(one.verifier), f"https://{one.name}")
    text = policy_text(LOG.verifier)
    assert "group witnesses 3 w1 w2 w3 w4\nquorum witnesses\n" in text
    end_witness(first)
    assert "group witnesses 2 w1 w2 w3" in policy_text(LOG.verifier)
    assert str(WITNESSES[0].verifier) not in policy_text(LOG.verifier)
    from modules.transparency.services import steps

    assert [(one.kind, one.facts["what"]) for one in steps()] == [("witness", "ended"), *[("witness", "added")] * 4]


def test_a_quorum_leaves_two_heads_no_room():
    """Any two quorums share more witnesses than may be dishonest while f < 2k - n; 3 of 4 for four of them."""
    assert [quorum_of(n) for n in range(6)] == [0, 1, 2, 2, 3, 3]
    assert all(2 * quorum_of(n) - n > 0 for n in range(1, 40))
    assert COSIGNATURE == 4
