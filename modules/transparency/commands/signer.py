"""`dolbom signer`: the process that signs the public log."""

from __future__ import annotations

import click

from core.sdk import command_line


@click.command("signer")
@click.option("--accept-head", nargs=2, type=(int, str), metavar="SIZE ROOT", help="Take this head as signed, when the signer's memory is lost.")
@command_line.guarded
def commands(accept_head: tuple[int, str] | None) -> None:
    """Sign the public log as it grows, and ask its witnesses; the key stays in this process.

    The signer remembers by itself what it signed, in HOME/signer. When that memory is lost, compare SIZE and ROOT with
    what the witnesses have, and only then give --accept-head.
    """
    from modules.transparency.signing import running

    if accept_head is None:
        running.run()
        return
    with command_line.opened("signer accept-head"):
        running.accept_head(*accept_head)
        click.echo(f"The signer goes on from {accept_head[0]} leaves.")
