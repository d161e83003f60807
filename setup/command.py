"""Runs one tool quietly: its output is shown only when it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from setup import ROOT
from setup.errors import CommandFailed

TAIL = 30


def announce(what: str) -> None:
    """Tell the person what takes the time."""
    print(f"set up: {what}", file=sys.stderr, flush=True)


def run(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, show: bool = True) -> str:
    """Run `command` in the checkout and return what it printed; on failure its last lines are shown."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        if show:
            print(*done.stdout.splitlines()[-TAIL:], sep="\n", file=sys.stderr)
        raise CommandFailed(
            f"{Path(words[0]).name} ended with {done.returncode}; read its last lines above, mend that and "
            f"run make again (command: {' '.join(words)})"
        )
    return done.stdout
