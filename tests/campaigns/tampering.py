"""Nobody changes a list unnoticed, also not with the database and the log's key in hand (integrity.md 1).

The attacker changes leaves below the size of a head that witnesses signed, makes every hash anew, publishes the whole and
signs the new head with the stolen key. An outsider who kept the older head runs the standalone verifier. The control is
the same outsider without it: a chain that is made anew looks like any other.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import random
import shutil
from pathlib import Path
from typing import Any

from modules.transparency import verifier
from modules.transparency.commitments import root_over
from tests.campaigns.campaign import Campaign, Figures
from tests.modules.transparency.verifying.golden import LOG, Golden, grown

_spec = importlib.util.spec_from_file_location("standalone_verify", Path(verifier.__file__).with_name("verify.py"))
assert _spec is not None and _spec.loader is not None
verify = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(verify)

#: Leaves of the log, leaves under the older head, and tampers in a round.
SIZE, OLDER, EACH = 300, 250, 500
#: The outsider asks for no witness under the newest head: what is tried is the older one alone.
POLICY = f"log {LOG.verifier}\nquorum none\n"
WAYS = ("swap", "points", "edit", "delete", "insert", "back-date", "identity", "criteria", "salt", "cut")


def _written(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def tampered(dice: random.Random, log: Golden, way: str) -> Golden:
    """The log after one tamper below the older head; commitments are made anew where they hide something else."""
    entries, openings = list(log.entries), {name: dict(fields) for name, fields in log.openings.items()}
    applied = [n for n in range(1, OLDER) if b'"commit":"' in entries[n]]
    at = dice.choice(applied)
    facts = json.loads(entries[at])
    if way == "swap":
        other = dice.choice([n for n in applied if n != at])
        entries[at], entries[other] = entries[other], entries[at]
    elif way == "points":
        entries[at] = _written(facts | {"points": facts["points"] + 100})
    elif way == "edit":
        entries[at] = _written(facts | {"on": facts["on"][:-1] + str((int(facts["on"][-1]) + 1) % 10)})
    elif way == "delete":
        del entries[at]
    elif way in ("insert", "back-date"):
        new = _written(facts | {"entry": f"{dice.getrandbits(128):032x}", "points": facts["points"] if way == "back-date" else 900})
        entries.insert(at, new)
    elif way == "cut":
        del entries[dice.randrange(OLDER // 2, OLDER) :]
    else:  # what the commitment hides is exchanged, and the leaf follows it
        who = facts["entry"]
        fields = {name: dict(one) for name, one in openings.get(who, {"child": {"salt": "00" * 32, "value": "x"}}).items()}
        field = "criteria" if way == "criteria" else "child"
        part = "salt" if way == "salt" else "value"
        fields[field][part] = f"{dice.getrandbits(256):064x}" if way == "salt" else "김다른\n2024-01-01"
        openings[who] = fields
        entries[at] = _written(facts | {"commit": root_over(who, fields).hex()})
    return Golden(entries, openings)


def judged(log: Golden, folder: Path, *more: str) -> int:
    """The exit code of the standalone verifier over the published log."""
    if folder.exists():
        shutil.rmtree(folder)
    log.publish(folder, note=log.head(witnesses=()))
    (folder / "mine.txt").write_text(POLICY)
    with contextlib.redirect_stdout(io.StringIO()):
        return int(verify.main([str(folder), "--policy", str(folder / "mine.txt"), *more]))


def _round(number: int, folder: Path, *, head: bool, tampers: int = EACH) -> Figures:
    dice, log = random.Random(number), grown(1000 + number, SIZE)
    kept = folder / "kept-head"
    kept.write_text(log.head(OLDER))
    more = ("--head", str(kept)) if head else ()
    assert judged(log, folder / "published", *more) == 0, "the untouched log holds"
    seen = 0
    for number_ in range(tampers):
        changed = tampered(dice, log, WAYS[number_ % len(WAYS)])
        assert changed.entries != log.entries
        seen += judged(changed, folder / "published", *more) == 1
    return {"tampers": tampers, "noticed": seen, "missed": tampers - seen}


def broken(figures: Figures) -> list[str]:
    """What breaks the promise."""
    return [f"{figures['missed']} tampers went unnoticed"] if figures.get("missed") else []


CAMPAIGN = Campaign(
    name="tampering",
    promise="every change below the size of an older cosigned head is noticed by whoever kept that head",
    figure="tampers",
    until=10_000,
    play=lambda number, folder: _round(number, folder, head=True),
    broken=broken,
    controls={"without the older head": lambda folder: _round(0, folder, head=False, tampers=100)},
)
