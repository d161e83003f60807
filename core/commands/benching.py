"""`dolbom bench`: the product's figures beside baselines of the same run."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import ClassVar

import click

from core.commands.session import as_json, guarded, show
from core.config import ROOT
from core.errors import DolbomError

commands = None


class UnknownBench(DolbomError):
    """There is no bench of this name."""

    code: ClassVar[str] = "bench.unknown"


class NoBenches(DolbomError):
    """This installation came without the benches."""

    code: ClassVar[str] = "bench.missing"


@click.command("bench")
@click.argument("name", required=False)
@click.option("--scale", type=click.IntRange(1, 10_000), default=1, help="Divide all sizes, for a quick look.")
@click.option("--write", type=click.Path(path_type=Path), help="Write the table as a document, e.g. docs/performance.md.")
@as_json
@guarded
def bench(name: str | None, scale: int, write: Path | None, as_json: bool) -> None:
    """Measure (one or all), each in a home of its own that is removed; exit code 1 when a goal is missed at full size."""
    if not (ROOT / "bench" / "frame.py").exists():
        raise NoBenches("The benches are part of the source, not of the package: run this in a clone of the source.")
    from bench import frame, report
    from bench.ours import ALL

    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(143))  # what was started is ended all the same
    chosen = [one for one in ALL if name in (None, one.name)]
    if not chosen:
        raise UnknownBench(f"There is no bench {name!r}: use one of {', '.join(one.name for one in ALL)}.")
    words = ["dolbom bench", *filter(None, [name]), *([f"--scale {scale}"] if scale > 1 else [])]
    how = report.Circumstances.now(" ".join(words), scale, ROOT)
    results = []
    for one in chosen:
        for result in frame.run(one, scale):
            results.append(result)
            if not as_json:
                click.echo(report.line(result))
    if write is not None:
        report.write(write, results, how)
    document = report.as_json(results, how)
    if as_json:
        show(document, True)
    sys.exit(0 if document["ok"] or scale > 1 else 1)


singles = (bench,)
