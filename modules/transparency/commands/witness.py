"""`dolbom witness`: watch somebody else's log."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from core.sdk import DolbomError, command_line

commands = click.Group("witness", help="Watch somebody else's log.")


class BadAddress(DolbomError):
    """Where to listen is not written HOST:PORT, or taken."""

    code = "witness.bad-address"


@commands.command("new")
@click.argument("name")
@click.option("--key", "path", type=click.Path(path_type=Path), required=True, help="A file that is not there yet.")
@command_line.guarded
def new(name: str, path: Path) -> None:
    """Make a key under NAME (like parents.example.org/witness) and print the public half to hand out."""
    from modules.transparency.keys import new_key
    from modules.transparency.notes import COSIGNATURE

    click.echo(str(new_key(path, name, COSIGNATURE).verifier))


@commands.command("run")
@click.option("--key", "path", type=click.Path(path_type=Path), required=True, help="The witness's key; made when it is not there.")
@click.option("--listen", required=True, metavar="HOST:PORT", help="Where to listen; port 0 takes a free one.")
@click.option("--log", "logs", multiple=True, metavar="VKEY", help="The public key of a log to watch; repeat for several.")
@click.option("--name", default="", help="The name of a key that is made now.")
@click.option("--state", type=click.Path(path_type=Path), help="What it saw so far (default: beside the key).")
@command_line.guarded
def run(path: Path, listen: str, logs: tuple[str, ...], name: str, state: Path | None) -> None:
    """Answer logs that ask for a signature, until Ctrl-C."""
    from modules.transparency.keys import new_key, read_key
    from modules.transparency.notes import COSIGNATURE, Verifier
    from modules.transparency.witness import Watcher, server

    host, _colon, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise BadAddress(f"{listen} is no address: write it like 127.0.0.1:8100.")
    signer = read_key(path) if path.exists() or not name else new_key(path, name, COSIGNATURE)
    watcher = Watcher(signer, [Verifier.read(one) for one in logs], state or path.with_suffix(".seen"))
    try:
        door = server(watcher, host, int(port))
    except OSError as error:
        raise BadAddress(f"{listen} cannot be used ({error.strerror}): choose another port.") from None
    click.echo(f"{signer.verifier}\nWitness on http://{host}:{door.server_address[1]}")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: threading.Thread(target=door.shutdown, daemon=True).start())
    door.serve_forever(poll_interval=0.2)
