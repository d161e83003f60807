"""`dolbom i18n`: collect the texts of core and of every module into their catalogues, and check them."""

from __future__ import annotations

import sys

import click

from core.commands.session import as_json, guarded, show
from core.config import ROOT, load_settings

commands = click.Group("i18n", help="Texts and their translations.")


@commands.command("extract")
@as_json
@guarded
def extract(as_json: bool) -> None:
    """Bring every module's .po files up to date with its texts; translations stay."""
    from core.web import catalogues

    show({"updated": [str(path) for path in catalogues.extract(ROOT)]}, as_json)


@commands.command("check")
@as_json
@guarded
def check(as_json: bool) -> None:
    """Messages that are empty, fuzzy or equal to their source; exit code 1 when there are any."""
    from core.web import catalogues

    found = [str(problem) for problem in catalogues.problems(ROOT, load_settings().languages)]
    show({"ok": not found, "problems": found}, as_json)
    sys.exit(1 if found else 0)
