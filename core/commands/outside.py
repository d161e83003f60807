"""`dolbom outside`: what a stranger finds at the address people type."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from core.checks.outside import Server, look
from core.commands.checking import tell
from core.commands.session import as_json, guarded


@click.command("outside")
@click.argument("name")
@click.option("--port", default=443, show_default=True, help="The port of https.")
@click.option("--plain", default=80, show_default=True, help="The port of plain HTTP.")
@click.option("--trust", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Trust this authority (PEM) in a rehearsal.")
@as_json
@guarded
def outside(name: str, port: int, plain: int, trust: Path | None, as_json: bool) -> None:
    """Knock at a server people use: certificate, TLS, plain HTTP, HSTS, history; exit code 1 when something is wrong."""
    sys.exit(tell(look(Server(name, port, plain, trust)), as_json))


commands = None
singles = (outside,)
