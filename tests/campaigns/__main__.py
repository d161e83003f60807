"""Run the integrity campaigns at full figures: `python -m tests.campaigns [NAME …] [--fresh] [--until N] [--list]`.

Figures are kept in DOLBOM_HOME/campaigns/<name>.json after every round, so an interrupted campaign goes on where it
was. Exit code 1 when a promise is broken, or when a control holds although its safeguard was taken out.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from core.config import load_settings
from tests.campaigns.campaign import Campaign, Figures, total

_NO_CAMPAIGNS = ("__main__", "__init__", "campaign")


def find() -> dict[str, Campaign]:
    """Every file of this folder with a `CAMPAIGN`, by name."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in _NO_CAMPAIGNS:
            campaign = getattr(import_module(f"tests.campaigns.{path.stem}"), "CAMPAIGN", None)
            if campaign is not None:
                found[campaign.name] = campaign
    return found


class Record:
    """What a campaign has found so far, on disk after every round."""

    def __init__(self, folder: Path, name: str, *, fresh: bool) -> None:
        self._path = folder / f"{name}.json"
        folder.mkdir(parents=True, exist_ok=True)
        kept: dict[str, Any] = {"rounds": [], "controls": {}}
        if self._path.exists() and not fresh:
            kept = json.loads(self._path.read_text())
        self.rounds: list[Figures] = kept["rounds"]
        self.controls: dict[str, Figures] = kept["controls"]

    def save(self) -> None:
        """Write whole or not at all."""
        partial = self._path.with_suffix(".part")
        partial.write_text(json.dumps({"rounds": self.rounds, "controls": self.controls}, indent=1))
        partial.replace(self._path)


def run(campaign: Campaign, folder: Path, *, fresh: bool) -> bool:
    """Play what is missing, say the figures, tell whether the promise holds and every control fails."""
    record = Record(folder, campaign.name, fresh=fresh)
    work = folder / campaign.name
    work.mkdir(mode=0o700, exist_ok=True)
    print(f"{campaign.name}: {campaign.promise}")
    while total(record.rounds).get(campaign.figure, 0) < campaign.until:
        began = time.monotonic()
        figures = campaign.play(len(record.rounds), work)
        record.rounds.append(figures | {"seconds": int(time.monotonic() - began)})
        record.save()
        _say(f"round {len(record.rounds)}", record.rounds[-1])
        if campaign.broken(figures):
            break
    for name, control in campaign.controls.items():
        if name not in record.controls:
            record.controls[name] = control(work)
            record.save()
        _say(f"control {name}", record.controls[name])
    everything = total(record.rounds)
    _say("all", everything)
    problems = campaign.broken(everything)
    problems += [
        f"the control {name} held: the campaign proves nothing"
        for name, figures in record.controls.items()
        if not campaign.broken(figures)
    ]
    for problem in problems:
        print(f"  BROKEN  {problem}")
    print(f"  {'broken' if problems else 'holds'}: {everything.get(campaign.figure, 0)} {campaign.figure}")
    return not problems


def _say(what: str, figures: Figures) -> None:
    shown = "  ".join(f"{k} {v:.1f}" if isinstance(v, float) else f"{k} {v}" for k, v in figures.items())
    print(f"  {what}: {shown}", flush=True)


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="campaigns to run; default all")
    parser.add_argument("--fresh", action="store_true", help="forget earlier figures")
    parser.add_argument("--until", type=int, help="stop at this figure instead of the full one")
    parser.add_argument("--list", action="store_true", help="only name them")
    given = parser.parse_args(arguments)
    known = find()
    unknown = [name for name in given.names if name not in known]
    if unknown:
        parser.error(f"no campaign {', '.join(unknown)}; there are {', '.join(known)}")
    chosen = [campaign for name, campaign in known.items() if not given.names or name in given.names]
    if given.list:
        for campaign in chosen:
            print(f"{campaign.name:12} {campaign.until:>9,} {campaign.figure}: {campaign.promise}")
        return 0
    folder = load_settings().home / "campaigns"
    if given.until is not None:
        chosen = [replace(campaign, until=given.until) for campaign in chosen]
    return 0 if all([run(campaign, folder, fresh=given.fresh) for campaign in chosen]) else 1  # noqa: C419  run all


if __name__ == "__main__":
    sys.exit(main())
