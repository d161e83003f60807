"""What every module carries: manifest, README with its three heads, translations, policies with legal basis, file sizes."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

from core.checks.finding import Result
from core.host.extension import SLOTS, fillers
from core.host.running import Running

HEADS = ("What it does", "Limits", "How to remove it")
MAX_LINES = 300
#: A file that begins so is run by itself, by people who have nothing else of ours.
ALONE, MAX_ALONE = "#!/usr/bin/env python3", 400


def quarantine(here: Running) -> Result:
    """No module is set aside."""
    bad = [f"{q.name}: {q.reason}" for q in here.registry.quarantine.values()]
    return Result(
        "quarantine",
        "Every module found runs.",
        "Mend what the reason names; the rest of the office runs meanwhile.",
        bad,
    )


def readmes(here: Running) -> Result:
    """Architecture check 7: each module's README says what it does, its limits and how to remove it."""
    bad = []
    for manifest in here.registry:
        path = manifest.path / "README.md"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        bad += [f"{manifest.name}: no head «{head}»" for head in HEADS if f"# {head}" not in text]
    return Result(
        "readmes",
        "Every module has a README with its heads.",
        f"Write README.md with the heads {', '.join(HEADS)}.",
        bad,
    )


def small_files(here: Running) -> Result:
    """One idea a file: no Python file over 300 lines; a program of one file that is given away may have 400."""
    bad = []
    for top in ("core", "modules", "plugins"):
        for path in sorted((here.root / top).rglob("*.py")):
            lines = path.read_text(encoding="utf-8").splitlines()
            if len(lines) > (MAX_ALONE if lines[:1] == [ALONE] else MAX_LINES):
                bad.append(f"{path.relative_to(here.root)}: {len(lines)} lines")
    return Result("small-files", "No file is over 300 lines.", "Split it by idea.", bad)


def slots(here: Running) -> Result:
    """Every filled slot is offered by a page."""
    bad = [f"{slot}: filled by {', '.join(by)}" for slot, by in fillers().items() if slot not in SLOTS]
    return Result("slots", "Every filled slot exists.", "Correct the slot's name.", bad)


def translations(here: Running) -> Result:
    """Every user-facing text is translated into every language."""
    from core.web import catalogues

    bad = [str(problem) for problem in catalogues.problems(here.root, here.settings.languages)]
    return Result(
        "translations",
        "No message is empty, fuzzy or equal to its source.",
        "Run `dolbom i18n extract` and translate.",
        bad,
    )


def plain(here: Running) -> Result:
    """Texts for people are said in short sentences (F-58)."""
    from core.web import plainness

    bad = [str(problem) for problem in plainness.hard(here.root, here.settings.languages)]
    return Result("plain-language", "No sentence is longer than a reader in a hurry follows.", "Make two sentences of it.", bad)


def assets(here: Running) -> Result:
    """The vendored front-end files are those the list of hashes names."""
    vendor = here.root / "core/web/theme/vendor.toml"
    listed = tomllib.loads(vendor.read_text(encoding="utf-8")).get("asset", ()) if vendor.exists() else ()
    folder = here.root / "core/web/theme/static/vendor"
    bad = [entry["to"] for entry in listed if _digest(folder / entry["to"]) != entry["sha256"]]
    return Result("assets", "Vendored files are complete and unchanged.", "Run `make setup`.", bad)


def _digest(path: Path) -> str:
    """SHA-256 of a file, or of the «digest  name» lines of a folder; empty when there is none."""
    if path.is_dir():
        lines = [f"{_digest(file)}  {file.name}\n" for file in sorted(path.iterdir())]
        return hashlib.sha256("".join(lines).encode()).hexdigest()
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


CHECKS = (quarantine, readmes, small_files, slots, translations, plain, assets)
