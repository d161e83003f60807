"""Real processes: the signer is killed at any moment and comes back; while it is down steps go on and seals follow."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
import warnings

import pytest
import sqlalchemy as sa

from core.config import ROOT
from core.db.base import db
from core.host.running import running
from core.security import access
from core.security import scope as scopes
from core.testing import mark_dirty
from modules.transparency.frontier import Frontier
from modules.transparency.models import Checkpoint
from modules.transparency.services import append
from modules.transparency.services.proving import tlog_proof
from modules.transparency.signing import sealing
from modules.transparency.signing.mark import Mark
from tests.modules.transparency.verifying.golden import LOG, ORIGIN

#: Kills of the short form; the campaign's figure is KILLS=200.
KILLS = int(os.environ.get("KILLS", "20"))


def environment(home):
    """What a process of this installation is started with: the test's own database, a home of its own."""
    servers = running().servers
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("DOLBOM_", "DATABASE", "REDIS"))}
    return kept | {
        "PYTHONPATH": str(ROOT), "DOLBOM_ENV": "test", "DOLBOM_HOME": str(home), "DATABASE_URL": servers.owner_url,
        "DATABASE_APP_URL": servers.app_url, "DATABASE_SYSTEM_URL": servers.system_url,
        "DATABASE_PUBLIC_URL": servers.public_url, "REDIS_URL": servers.redis_url,
    }  # fmt: skip


@pytest.fixture
def put(app):
    def leaf(number):
        with access.asking(), scopes.system("a leaf of a test"):
            made = append("apply", entry=f"{number:032x}", list="F-1/rolling-2", points=number)
            db.session.commit()
        return made

    return leaf


@pytest.fixture
def signer(app, tmp_path):
    """`signer()` starts `dolbom signer`."""
    made = []

    def start():
        with (tmp_path / "signer.log").open("a") as log:
            words = [sys.executable, "-m", "core.cli", "signer"]
            made.append(subprocess.Popen(words, env=environment(tmp_path / "home"), cwd=ROOT, stdout=log, stderr=log))
        return made[-1]

    yield start
    for one in made:
        one.kill()
        one.wait()
    mark_dirty()


def within(seconds, look):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with scopes.public():
            found = look()
        if found:
            return found
        time.sleep(0.02)
    return None


@pytest.mark.slow
def test_while_the_signer_is_down_steps_go_on_and_proofs_follow(put, signer, tmp_path):
    one = signer()
    first = put(1)
    assert within(60, lambda: tlog_proof(first)), (tmp_path / "signer.log").read_text()
    one.kill()
    one.wait()
    later = put(9)
    assert within(1.5, lambda: tlog_proof(later)) is None
    with scopes.public():
        assert tlog_proof(first), "old proofs stay"
    again = signer()
    assert within(60, lambda: tlog_proof(later))
    again.send_signal(signal.SIGTERM)
    assert again.wait(30) == 0, "it ends when it is asked to"


def _one_life(path, pipe):
    """A signer in a process of its own: new leaves, seals; each head it lets out goes into the pipe."""
    for engine in db.engines.values():
        engine.dispose(close=False)
    sign = sealing.sign

    def slow_sign(*given):
        time.sleep(random.choice((0, 0.002, 0.02)))  # most kills fall between mark and signature
        made = sign(*given)
        os.write(pipe, (json.dumps(str(made).split("\n")[1:3]) + "\n").encode())
        return made

    sealing.sign = slow_sign
    random.seed()
    with access.asking(), scopes.system("a signer at work"):
        sealer = sealing.Sealer(LOG, Mark.read(path, ORIGIN) or Mark(path, ORIGIN, Frontier()))
        while True:
            for number in range(random.randint(1, 3)):
                append("close", None, number=number)
            db.session.commit()
            sealer.turn()


@pytest.mark.rule("E-01")
@pytest.mark.slow
def test_killed_at_any_moment_no_size_gets_two_roots_and_no_smaller_head_follows(app, tmp_path):
    roots: dict[int, str] = {}
    path, between, order = tmp_path / "signer" / "mark.json", 0, []
    for _kill in range(KILLS):
        out, pipe = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of threads; the child uses none of ours
            child = os.fork()
        if child == 0:  # never back into pytest
            with contextlib.suppress(BaseException):
                os.close(out)
                _one_life(path, pipe)
            os._exit(1)
        os.close(pipe)
        time.sleep(random.uniform(0.05, 0.3))
        os.kill(child, signal.SIGKILL)
        _pid, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), "it was killed and did not fail by itself"
        with os.fdopen(out) as said:
            let_out = [json.loads(line) for line in said if line.endswith("\n")]
        for size, root in let_out:
            assert roots.setdefault(int(size), root) == root, "two roots for one size"
            order.append(int(size))
        mark = Mark.read(path, ORIGIN)
        if mark is not None:
            assert not order or mark.frontier.size >= order[-1], "nothing larger than the mark was let out"
            between += not order or mark.frontier.size > order[-1]
    mark_dirty()
    assert order and order == sorted(order), "a smaller head after a larger one"
    assert between > 0, "it was killed between mark and signature at least once"
    with access.asking(), scopes.system("a signer at work"):
        sealing.Sealer(LOG, Mark.read(path, ORIGIN)).turn()
        kept = db.session.execute(sa.select(Checkpoint.size, Checkpoint.note).order_by(Checkpoint.size)).all()
    assert all(roots.get(size, note.split("\n")[2]) == note.split("\n")[2] for size, note in kept)
