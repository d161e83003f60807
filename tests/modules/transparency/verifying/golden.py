"""Logs as a server would publish them: random histories of every kind of leaf, signed, cosigned, in tiles, with receipts."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modules.transparency import merkle, tiles
from modules.transparency.commitments import root_over
from modules.transparency.entries import canonical
from modules.transparency.notes import COSIGNATURE, Checkpoint, Signer, sign
from modules.transparency.replay import Replay

ORIGIN = "care.example/log"


def key(name, kind=1):
    """The same key for the same name, in every run."""
    return Signer(name, Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest()), kind)


LOG = key(ORIGIN)
WITNESSES = [key(f"witness{n}.example/w", COSIGNATURE) for n in range(1, 5)]
POLICY = "\n".join(
    [f"log {LOG.verifier}", *(f"witness w{n} {one.verifier}" for n, one in enumerate(WITNESSES, 1)),
     "group all-four 3 w1 w2 w3 w4", "quorum all-four", ""]
)  # fmt: skip


@dataclass
class Golden:
    """A log in memory; `publish` writes it as files."""

    entries: list[bytes] = field(default_factory=list)
    openings: dict[str, dict] = field(default_factory=dict)
    #: While a history grows: its replay so far, over so many leaves.
    replayed: Replay = field(default_factory=Replay)
    seen: int = 0

    def leaf(self, kind, **facts):
        self.entries.append(canonical(kind, facts))
        return len(self.entries) - 1

    @property
    def hashes(self):
        return [merkle.leaf_hash(entry) for entry in self.entries]

    def head(self, size=None, signers=(LOG,), witnesses=WITNESSES, at=1_790_000_000):
        """A signed and cosigned head."""
        size = len(self.entries) if size is None else size
        text = str(Checkpoint(ORIGIN, size, merkle.root(self.hashes[:size])))
        return str(sign(text, [*signers, *witnesses], at))

    def replay(self):
        return Replay().take(enumerate(self.entries))

    def receipt(self, entry, size=None, note=None):
        """The receipt of an entry's first leaf."""
        size = len(self.entries) if size is None else size
        index = next(n for n, raw in enumerate(self.entries) if json.loads(raw).get("entry") == entry)
        extra = json.dumps({"entry": self.entries[index].decode(), "fields": self.openings[entry]}).encode()
        proof = merkle.inclusion(index, size, merkle.subtrees_of(self.hashes[:size]))
        lines = ["c2sp.org/tlog-proof@v1", f"extra {base64.b64encode(extra).decode()}", f"index {index}"]
        return "\n".join([*lines, *(base64.b64encode(one).decode() for one in proof), "", note or self.head(size)])

    def publish(self, folder: Path, note=None, ranking=None):
        """Write the files of the log."""
        size, hashes = len(self.entries), self.hashes
        for tile in tiles.tiles_of(size):
            start = tile.number * tiles.WIDTH
            if tile.level < 0:
                raw = tiles.bundle(self.entries[start : start + tile.width])
            else:
                each = 1 << tile.level * 8
                raw = b"".join(merkle.root(hashes[n * each : (n + 1) * each]) for n in range(start, start + tile.width))
            path = folder / tile.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        shown = {name: line.ranking() for name, line in self.replay().lines.items()} if ranking is None else ranking
        (folder / "ranking.json").write_text(json.dumps({"size": size, "lists": shown}))
        (folder / "policy.txt").write_text(POLICY)
        (folder / "checkpoint").write_text(note or self.head())
        return folder


def grown(seed, steps, lists=3) -> Golden:  # noqa: C901, PLR0912  a history is one long choice
    """A lawful history: every kind of leaf, in random order."""
    dice, log = random.Random(seed), Golden()
    names = [f"F-{n // 2}A/rolling-{n}" for n in range(lists)]
    log.leaf("key", name=ORIGIN, sha256="00" * 32, what="added", on="2026-01-01")
    for name in names:
        order = dice.choice(("points", "tier"))
        log.leaf("rule", list=name, order=order, policy="p", sha256="11" * 32, on="2026-01-01", **{"from": "2025-01-01"})
        log.leaf("capacity", list=name, places=dice.randrange(3, 30), on="2026-01-01")
        for number in range(1, dice.randrange(4)):
            log.leaf("migrate", batch="paper", number=number, original=f"2024-0{number}-01", **_sum(log, dice, name, _sign(dice)))
    vacancy = 0
    while len(log.entries) < steps:
        name, now = dice.choice(names), _now(log)
        line, about = now[name], {"list": name, "on": _day(len(log.entries))}
        by_state: dict[str, list[str]] = {}
        for sign_, one in line.entries.items():
            by_state.setdefault(one.state if one.state != "out" else f"out-{one.ended}", []).append(sign_)
        act = dice.choice(("apply", "apply", "apply", "assess", "offer", "answer", "answer", "admit", "withdraw", "reopen", "more"))
        if act == "apply":
            log.leaf("apply", **_sum(log, dice, name, _sign(dice)))
        elif act == "assess" and by_state.get("waiting"):
            log.leaf("assess", **_sum(log, dice, name, dice.choice(by_state["waiting"])))
        elif act == "offer" and by_state.get("waiting"):
            taken = sum(len(by_state.get(state, ())) for state in ("offered", "accepted", "admitted"))
            if line.places is not None and taken >= line.places:
                log.leaf("capacity", places=taken + dice.randrange(1, 4), **about)
                continue
            vacancy, order = vacancy + 1, line.ranking()
            first = min(dice.randrange(3), len(order) - 1)
            lawful = dice.random() < 0.7
            for skipped in order[:first] if lawful else ():
                log.leaf("assess", entry=skipped, vacancy=vacancy, refusal="documents_missing", evidence="ab" * 32, **about)
            if first and not lawful:
                log.leaf("override", entry=order[first], vacancy=vacancy, reason="court_order", first="KR-11/a", second="KR-11-110/b", **about)
            log.leaf("offer", entry=order[first], vacancy=vacancy, until="2027-01-01", **about)
        elif act == "answer" and by_state.get("offered"):
            who = dice.choice(by_state["offered"])
            kind = dice.choice(("accept", "accept", "decline", "expire"))
            more = {} if kind == "accept" else {"then": dice.choice(("back", "out"))}
            log.leaf(kind, entry=who, vacancy=line.entries[who].vacancy, **about, **more)
        elif act == "admit" and by_state.get("accepted"):
            who = dice.choice(by_state["accepted"])
            log.leaf("admit", entry=who, vacancy=line.entries[who].vacancy, source="offer", **about)
        elif act == "withdraw":
            there = [who for state in ("waiting", "offered", "admitted") for who in by_state.get(state, ())]
            if there:
                log.leaf("withdraw", entry=dice.choice(there), reason=dice.choice(("withdrawn", "refused", "refused", "elsewhere")), **about)
        elif act == "reopen" and by_state.get("out-refused"):
            log.leaf("reopen", entry=dice.choice(by_state["out-refused"]), reason="city", **about)
        elif act == "more":
            kind = dice.choice(("close", "correct", "erase", "extend", "import"))
            if kind == "close":
                log.leaf("close", sha256="22" * 32, period="2026-05", on=about["on"])
            elif kind == "import":
                log.leaf("admit", entry=_sign(dice), source="import", **about)
            elif kind == "correct" and by_state.get("waiting"):
                who = dice.choice(by_state["waiting"])
                log.leaf("correct", entry=who, tier=1, points=dice.randrange(5) * 50, reason="error", by="KR-11/a", **about)
            elif kind == "erase" and by_state.get("out-withdrawn"):
                log.leaf("erase", entry=dice.choice(by_state["out-withdrawn"]), **about)
            elif kind == "extend" and by_state.get("admitted"):
                log.leaf("extend", entry=dice.choice(by_state["admitted"]), until="2027-02-28", **about)
    return log


def _now(log):
    """A replay that goes on where it stopped."""
    log.replayed.take((n, log.entries[n]) for n in range(log.seen, len(log.entries)))
    log.seen = len(log.entries)
    return log.replayed.lines


def _sign(dice):
    return f"{dice.getrandbits(128):032x}"


def _day(index):
    return f"2026-{1 + min(index // 500, 11):02}-{1 + index % 500 // 18:02}"


def _sum(log, dice, name, who):
    codes = dice.sample(("both_working", "one_parent", "three_children", "adopted"), dice.randrange(4))
    fields = {
        part: {"salt": f"{dice.getrandbits(256):064x}", "value": value}
        for part, value in (("child", f"김{who[:4]}\n2024-05-04"), ("criteria", " ".join(sorted(codes))), ("wanted", "2027-03-02"))
    }
    log.openings.setdefault(who, fields)
    return {
        "list": name, "entry": who, "tier": min(1 + len(codes), 3), "points": 100 * len(codes), "policy": "p",
        "commit": root_over(who, fields).hex(), "on": _day(len(log.entries)),
    }  # fmt: skip
