"""The standalone verifier: golden logs hold, every mutant does not, and its signatures are those of RFC 8032."""

from __future__ import annotations

import importlib.util
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from modules.transparency import verifier
from tests.modules.transparency.verifying import golden

PATH = Path(verifier.__file__).with_name("verify.py")
_spec = importlib.util.spec_from_file_location("standalone_verify", PATH)
verify = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(verify)


@pytest.fixture(scope="module")
def log():
    return golden.grown(7, 700)


def run(capsys, *words):
    """Exit code and what it told as JSON."""
    code = verify.main([*map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_it_is_short_and_needs_nothing():
    text = PATH.read_text()
    assert len(text.splitlines()) <= 400
    imported = {line for line in text.splitlines() if line.startswith(("import", "from"))}
    assert imported == {"import argparse, base64, hashlib, json, os, re, sys", "from collections import Counter"}
    done = subprocess.run([sys.executable, "-I", "-S", str(PATH), "--help"], capture_output=True, text=True, check=True, cwd="/")
    assert "--policy" in done.stdout


@pytest.mark.parametrize("seed", range(5))
def test_golden_logs_hold(seed, tmp_path, capsys):
    log = golden.grown(seed, 300 + seed * 7)
    replay = log.replay()
    assert replay.broken == []
    code, told = run(capsys, log.publish(tmp_path / "log"), "--policy", tmp_path / "log" / "policy.txt")
    assert (code, told["violations"], told["different"]) == (0, [], [])
    assert (told["size"], told["lists"]) == (len(log.entries), len(replay.lines))
    assert sum(one["count"] for one in told["left"]) == sum(replay.counted.values()) > 0


def test_two_replays_that_share_no_line_agree_also_on_what_is_broken(log):
    """Random leaves put anywhere: both find the same breaches and the same order after them."""
    dice = random.Random(3)
    for _round in range(40):
        entries = list(log.entries[:300])
        for _change in range(5):
            at, other = dice.randrange(300), dice.randrange(300)
            entries[at] = entries[other] if dice.random() < 0.5 else _edited(dice, entries[at])
        ours, theirs = golden.Golden(entries).replay(), verify.Lists()
        for index, raw in enumerate(entries):
            theirs.take(index, raw)
        assert [index for index, _rule in ours.broken] == [index for index, _rule in theirs.violations], (ours.broken, theirs.violations)
        assert {name: line.ranking() for name, line in ours.lines.items()} == {
            name: line.ranking() for name, line in theirs.lists.items()
        }


def _edited(dice, raw):
    facts = json.loads(raw)
    name = dice.choice([one for one in facts if one != "kind"])
    facts[name] = facts[name] + dice.choice((-1, 1, 50)) if isinstance(facts[name], int) else facts[name][::-1]
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def test_a_receipt_alone_and_with_the_log(log, tmp_path, capsys):
    folder = log.publish(tmp_path / "log")
    policy, paper = folder / "policy.txt", tmp_path / "mine.tlog-proof"
    name, line = next((name, line) for name, line in log.replay().lines.items() if len(line.ranking()) > 6)
    mine = line.ranking()[6]
    paper.write_text(log.receipt(mine))
    code, told = run(capsys, "--policy", policy, "--receipt", paper)
    assert code == 0 and told["receipt"]["entry"]["entry"] == mine and len(told["receipt"]["witnesses"]) == 4
    code, told = run(capsys, folder, "--policy", policy, "--receipt", paper)
    assert code == 0
    assert (told["place"]["list"], told["place"]["rank"], sum(told["place"]["ahead"].values())) == (name, 7, 6)
    assert verify.main([str(folder), "--policy", str(policy), "--receipt", str(paper)]) == 0
    assert "You are 7 of" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (lambda text: text[:200], 2), (lambda text: text.replace("index ", "index 1"), 1), (lambda text: "", 2),
        (lambda text: text.replace("tlog-proof@v1", "tlog-proof@v2"), 2), (lambda text: text.partition("\n\n")[0], 2),
        (lambda text: _forged(text, "value", "김다른\n2024-05-04"), 1), (lambda text: _forged(text, "salt", "00" * 32), 1),
        (lambda text: _forged(text, "salt", "zz"), 2), (lambda text: text.rsplit("\n— ", 2)[0] + "\n", 1),
        (lambda text: text.replace("extra ", "extra A"), 2),
    ],
    ids=["cut", "another-leaf", "empty", "version", "no-head", "other-child", "other-salt", "no-salt", "two-witnesses", "no-base64"],
)  # fmt: skip
def test_a_forged_or_cut_receipt_is_told(log, tmp_path, capsys, harm, code):
    who = next(iter(log.openings))
    paper, policy = tmp_path / "r", tmp_path / "p"
    paper.write_text(harm(log.receipt(who)))
    policy.write_text(golden.POLICY)
    got, told = run(capsys, "--policy", policy, "--receipt", paper)
    assert got == code and told["error"]


def _forged(text, part, value):
    import base64

    lines = text.split("\n")
    extra = json.loads(base64.b64decode(lines[1][6:]))
    extra["fields"]["child"][part] = value
    lines[1] = "extra " + base64.b64encode(json.dumps(extra).encode()).decode()
    return "\n".join(lines)


def test_older_heads_and_what_was_seen_must_be_beginnings(log, tmp_path, capsys):
    folder = log.publish(tmp_path / "log")
    policy, old, seen = folder / "policy.txt", tmp_path / "old", tmp_path / "seen"
    old.write_text(log.head(300))
    assert run(capsys, folder, "--policy", policy, "--head", old, "--seen", seen)[0] == 0
    assert seen.read_text() == log.head()
    other = golden.Golden(list(log.entries))
    other.entries[5], other.entries[6] = other.entries[6], other.entries[5]
    fork = other.publish(tmp_path / "fork")
    code, told = run(capsys, fork, "--policy", policy, "--head", old)
    assert code == 1 and "does not begin with" in told["error"]
    assert run(capsys, fork, "--policy", policy, "--seen", seen)[0] == 1
    short = golden.Golden(log.entries[:600]).publish(tmp_path / "short")
    code, told = run(capsys, short, "--policy", policy, "--seen", seen)
    assert code == 1 and "was cut" in told["error"]


def test_another_order_shown_than_the_logs_is_a_violation(log, tmp_path, capsys):
    shown = {name: line.ranking() for name, line in log.replay().lines.items()}
    name = next(name for name, order in shown.items() if len(order) > 2)
    shown[name][0], shown[name][1] = shown[name][1], shown[name][0]
    folder = log.publish(tmp_path / "log", ranking=shown)
    code, told = run(capsys, folder, "--policy", folder / "policy.txt")
    assert (code, told["different"], told["violations"]) == (1, [name], [])


@pytest.mark.parametrize(
    "policy",
    [
        "", "quorum none\n", golden.POLICY.replace("quorum all-four\n", ""), golden.POLICY + "quorum none\n", golden.POLICY.replace(" 3 w1", " 5 w1"),
        golden.POLICY.replace("w4\nquorum", "w9\nquorum"), golden.POLICY.replace("witness w2", "witness w1"), golden.POLICY.replace("log ", "lug "),
        golden.POLICY.replace("+", "-"), golden.POLICY + f"witness w5 {golden.WITNESSES[0].verifier}\n", golden.POLICY.replace(" 3 w1", " 0 w1"),
    ],
    ids=list("abcdefghijk"),
)  # fmt: skip
def test_a_nonsense_policy_is_bad_input(log, tmp_path, capsys, policy):
    paper, path = tmp_path / "r", tmp_path / "p"
    paper.write_text(log.receipt(next(iter(log.openings))))
    path.write_text(policy)
    code, told = run(capsys, "--policy", path, "--receipt", paper)
    assert code == 2 and "policy" in told["error"]


def test_the_quorum_is_asked_for(log, tmp_path, capsys):
    for count, code in ((4, 0), (3, 0), (2, 1), (0, 1)):
        folder = log.publish(tmp_path / str(count), note=log.head(witnesses=golden.WITNESSES[:count]))
        assert run(capsys, folder, "--policy", folder / "policy.txt")[0] == code, count


def test_signatures_are_those_of_everybody_elses_ed25519():
    """Verified alike to `cryptography`, for right and wrong ones, and strict where libraries differ."""
    dice = random.Random(1)
    for _round in range(60):
        private = Ed25519PrivateKey.from_private_bytes(dice.randbytes(32))
        public, message = private.public_key().public_bytes_raw(), dice.randbytes(dice.randrange(80))
        good = private.sign(message)
        assert verify.ed25519(public, message, good)
        for wrong in (_flipped(dice, good), dice.randbytes(64), good[:63]):
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(wrong, message)
                expected = True
            except InvalidSignature:
                expected = False
            assert verify.ed25519(public, message, wrong) is expected
    scalar = int.from_bytes(good[32:], "little") + verify.L
    assert not verify.ed25519(public, message, good[:32] + scalar.to_bytes(32, "little")), "the same scalar written in another way"
    assert not verify.ed25519((1).to_bytes(32, "little"), b"x", (1).to_bytes(32, "little") + bytes(32)), "a key of small order signs everything"
    assert not verify.ed25519((verify.P + 1).to_bytes(32, "little"), b"x", good), "a point written in another way"


@pytest.mark.parametrize(
    ("secret", "public", "message", "signature"),
    [
        ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ],
    ids=["rfc8032-1", "rfc8032-2"],
)  # fmt: skip
def test_vectors_of_the_standard(secret, public, message, signature):
    assert Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)).public_key().public_bytes_raw().hex() == public
    assert verify.ed25519(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))


def _flipped(dice, raw):
    at = dice.randrange(len(raw) * 8)
    return raw[: at // 8] + bytes([raw[at // 8] ^ 1 << at % 8]) + raw[at // 8 + 1 :]
