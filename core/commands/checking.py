"""`dolbom check`: all checks with what they found and what to do."""

from __future__ import annotations

import sys

import click

from core import checks
from core.checks.finding import Result
from core.commands.session import as_json, guarded, opened, show
from core.host.running import running


@click.command("check")
@click.option("--only", multiple=True, help="Run only these checks.")
@as_json
@guarded
def check(only: tuple[str, ...], as_json: bool) -> None:
    """Run the checks that make forgetting impossible; exit code 1 when one fails."""
    with opened("check"):
        results = checks.run(running(), only)
    sys.exit(tell(results, as_json))


def tell(results: list[Result], as_json: bool) -> int:
    """Print what was found and what to do; the exit code."""
    ok = not any(result.severity == "error" for result in results)
    if as_json:
        show({"ok": ok, "results": [result.as_json() for result in results]}, True)
    else:
        for result in results:
            click.echo(f"{MARKS[result.severity]} {result.id}: {result.message}")
            for record in result.records:
                click.echo(f"       {record}")
            if result.records:
                click.echo(f"       → {result.action}")
    return 0 if ok else 1


commands = None
MARKS = {"ok": "ok  ", "warning": "warn", "error": "FAIL"}
singles = (check,)
