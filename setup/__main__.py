"""What `make` calls: `python3 -m setup run|tools|tests|lock`; a second time it only looks (< 0.5 s)."""

from __future__ import annotations

import fcntl
import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this is the check, and it runs on whatever Python is there
    sys.exit(
        f"error [setup.python-too-old]: this is Python {sys.version.split()[0]}; use: make PYTHON=python3.11"
    )

from setup import ROOT, assets, catalogs, environment, locks, system
from setup.command import announce
from setup.errors import NotWritable, SetupError
from setup.npm import npm

LEVELS = ("run", "tools", "tests")


def bring_up(level: str) -> None:
    """Everything `level` needs: the server's needs, the tools on top, the tests' system packages on top."""
    environment.ensure(tools=level != "run")
    system.ensure(system.TESTS if level == "tests" else system.RUNTIME)
    if assets.differing(assets.listed()):
        announce("styles, scripts and fonts")
        with npm() as (command, path):
            assets.fetch(command, path)
    catalogs.ensure()


def main(words: list[str]) -> int:
    """Do one thing; two set-ups of one checkout wait for each other."""
    if words[:1] != ["lock"] and not (len(words) == 1 and words[0] in LEVELS):
        print("usage: python3 -m setup run|tools|tests|lock [--upgrade]", file=sys.stderr)
        return 2
    checkout = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(checkout, fcntl.LOCK_EX)
    try:
        _do(words)
    except SetupError as error:
        print(f"error [{error.code}]: {error}", file=sys.stderr)
        return 1
    finally:
        os.close(checkout)
    return 0


def _do(words: list[str]) -> None:
    try:
        if words[0] == "lock":
            bring_up("tools")
            locks.write(upgrade="--upgrade" in words)
        else:
            bring_up(words[0])
    except PermissionError as error:
        raise NotWritable(
            f"{error.filename} may not be written by this user: set up as the one who owns it, or in a clone of your own"
        ) from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
