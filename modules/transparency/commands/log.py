"""`dolbom log`: publish the public log, verify a published one, name its witnesses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from core.sdk import command_line

commands = click.Group("log", help="The public log: publish it, verify one, name its witnesses.")


@commands.command("publish")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--url", default="", help="Where the files will be found, for policy.txt.")
@command_line.as_json
@command_line.guarded
def publish(folder: Path, url: str, as_json: bool) -> None:
    """Write the log as static files that anybody can verify; what is there already stays."""
    from modules.transparency.services import publishing
    from modules.transparency.signing.running import public_key_here

    with command_line.opened("log publish"):
        command_line.show(publishing.publish(folder, public_key_here(), url), as_json)


@commands.command("verify", context_settings={"ignore_unknown_options": True})
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def verify(folder: Path, words: tuple[str, ...]) -> None:
    """Verify a published log with the standalone verifier: --policy FILE [--receipt FILE] [--head FILE]… [--json]."""
    path = Path(__file__).parents[1] / "verifier" / "verify.py"
    sys.exit(subprocess.run([sys.executable, "-I", str(path), str(folder), *words], check=False).returncode)


@commands.command("policy")
@command_line.guarded
def policy() -> None:
    """Print the tlog-policy of this log: its key, its witnesses, the quorum."""
    from modules.transparency.services.watching import policy_text
    from modules.transparency.signing.running import public_key_here

    with command_line.opened("log policy"):
        click.echo(policy_text(public_key_here()), nl=False)


@commands.group("witness")
def witness() -> None:
    """Who is asked to sign what they saw."""


@witness.command("add")
@click.argument("vkey")
@click.argument("url")
@command_line.guarded
def add(vkey: str, url: str) -> None:
    """Ask a witness from now on; VKEY is what `dolbom witness new` printed for it."""
    from modules.transparency.services.watching import add_witness

    with command_line.opened("log witness add"):
        click.echo(f"Witness {add_witness(vkey, url)} is asked from now on.")


@witness.command("end")
@click.argument("number", type=int)
@command_line.guarded
def end(number: int) -> None:
    """Ask a witness no longer."""
    from modules.transparency.services.watching import end_witness

    with command_line.opened("log witness end"):
        end_witness(number)


@witness.command("list")
@command_line.as_json
@command_line.guarded
def show(as_json: bool) -> None:
    """The witnesses, how far each signed, and what is wrong with it."""
    from modules.transparency.services.watching import witnesses

    with command_line.opened("log witness list"):
        rows = [{"number": one.id, "name": one.name, "url": one.url, "size": one.size, "trouble": one.trouble} for one in witnesses()]
        command_line.show(rows, as_json)
