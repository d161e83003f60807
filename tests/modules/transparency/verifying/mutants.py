"""Ways to change a published log that nobody must accept: each gives other files from the files of a golden log."""

from __future__ import annotations

import json
import random
from pathlib import Path

from tests.modules.transparency.verifying.golden import LOG, WITNESSES, Golden, key

Files = dict[str, bytes]


def files_of(folder: Path) -> Files:
    """All files of a published log by their paths."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def write(files: Files, folder: Path) -> Path:
    """The files as a folder."""
    for name, raw in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    return folder


def _flip(dice, log, files, tmp):
    """One bit of a tile, a bundle or the head's text."""
    name = dice.choice([one for one in files if one.startswith("tile/")] + ["checkpoint"])
    raw = bytearray(files[name])
    end = raw.index(b"\n\n") if name == "checkpoint" else len(raw)
    at = dice.randrange(end * 8)
    raw[at // 8] ^= 1 << at % 8
    return files | {name: bytes(raw)}


def _cut(dice, log, files, tmp):
    """A tile, a bundle or the head is cut, or has something after its end."""
    name = dice.choice([one for one in files if one.startswith("tile/")] + ["checkpoint"])
    raw = files[name]
    return files | {name: raw[: dice.randrange(len(raw) // 2)] if dice.random() < 0.8 else raw + raw[:1]}


def _gone(dice, log, files, tmp):
    """A file is missing."""
    name = dice.choice([one for one in files if one.startswith("tile/")])
    return {one: raw for one, raw in files.items() if one != name}


def _other_log(dice, log):
    """The same log with one lie in it."""
    entries, at = list(log.entries), dice.randrange(1, len(log.entries) - 1)
    lie = dice.choice(("swap", "edit", "delete", "insert", "double"))
    if lie == "swap":
        other = dice.randrange(1, len(entries) - 1)
        if entries[at] == entries[other]:
            other = at + 1
        entries[at], entries[other] = entries[other], entries[at]
    elif lie == "edit":
        facts = json.loads(entries[at])
        name = dice.choice([one for one in facts if one != "kind"])
        facts[name] = facts[name] + 1 if isinstance(facts[name], int) else facts[name] + "0"
        entries[at] = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    elif lie == "delete":
        del entries[at]
    elif lie == "insert":
        entries.insert(at, entries[at].replace(b'"kind"', b'"kind"') + b" ")
    else:
        entries.insert(at, entries[dice.randrange(len(entries))])
    return Golden(entries)


def _recomputed(dice, log, files, tmp):
    """A lie with every hash made anew under the old head, or under a new one that only the log's stolen key signed."""
    other = _other_log(dice, log)
    note = dice.choice((log.head(), other.head(witnesses=()), other.head(witnesses=WITNESSES[:2])))
    return files_of(other.publish(tmp, note=note))


def _forged(dice, log, files, tmp):
    """A lie under a head that strangers signed, or with the true witnesses' lines moved under it."""
    other = _other_log(dice, log)
    strangers = [key(one.name + "x", one.kind) for one in WITNESSES]
    moved = other.head(witnesses=()) + log.head().rpartition("\n\n")[2].partition("\n")[2]
    note = dice.choice((other.head(witnesses=strangers), moved))
    return files_of(other.publish(tmp, note=note))


def _unsigned(dice, log, files, tmp):
    """The true log under a head without the log's own signature, or of another log."""
    names = (log.head(signers=()), log.head(signers=(key(LOG.name + "x"),)), log.head().replace(LOG.name, "cafe.example/log", 1))
    return files | {"checkpoint": dice.choice(names).encode()}


def _shown(dice, log, files, tmp):
    """Another order is shown than the log gives."""
    shown = json.loads(files["ranking.json"])
    name = dice.choice([one for one, order in shown["lists"].items() if len(order) > 1])
    order = shown["lists"][name]
    at, other = dice.sample(range(len(order)), 2)
    if dice.random() < 0.5:
        order[at], order[other] = order[other], order[at]
    else:
        del order[at]
    return files | {"ranking.json": json.dumps(shown).encode()}


KINDS = (_flip, _flip, _cut, _gone, _recomputed, _recomputed, _forged, _unsigned, _shown)


def mutant(seed: int, log: Golden, files: Files, tmp: Path) -> tuple[str, Files]:
    """One mutant: how it was made, and its files."""
    dice = random.Random(seed)
    kind = KINDS[seed % len(KINDS)]
    return kind.__name__, kind(dice, log, files, tmp)
