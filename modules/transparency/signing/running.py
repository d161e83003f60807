"""The signer's process: signs, asks the witnesses, and does nothing else."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.sdk import command_line, db, scope, write_whole
from modules.transparency.frontier import Frontier
from modules.transparency.keys import BadKey, new_key, read_key
from modules.transparency.models import Checkpoint
from modules.transparency.notes import Signer, Verifier
from modules.transparency.services.watching import tell_key
from modules.transparency.signing.asking import ask_witnesses
from modules.transparency.signing.mark import LostMark, Mark
from modules.transparency.signing.sealing import Inconsistent, Sealer, hashes_of_leaves

logger = logging.getLogger("dolbom.transparency")
#: Seconds between two looks for something new, and between two rounds to witnesses.
PAUSE, ROUND = 0.5, 2.0


def folder() -> Path:
    """Where the signer's key and memory lie; nobody else opens it."""
    return command_line.settings().home / "signer"


def key_here(origin: str | None = None) -> Signer:
    """The log's key; made when there is none yet, under the first public name of the installation."""
    path = folder() / "log.key"
    if path.exists():
        found = read_key(path)
    else:
        names = command_line.settings().public_names
        found = new_key(path, origin or f"{names[0] if names else 'dolbom.local'}/log")
    write_whole(folder() / "log.vkey", f"{found.verifier}\n".encode())
    return found


def public_key_here() -> Verifier:
    """The public half of the log's key, without opening the key. Raises `BadKey` before a signer ever ran."""
    path = folder() / "log.vkey"
    try:
        return Verifier.read(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadKey("No signer ever ran here: start one by `dolbom up` or `dolbom signer`.") from None


def mark_here(signer: Signer) -> Mark:
    """The signer's memory. Raises `LostMark` when heads were signed that it does not remember."""
    path = folder() / "mark.json"
    found = Mark.read(path, signer.name)
    if found is not None:
        return found
    signed = db.session.scalar(sa.select(sa.func.max(Checkpoint.size)))
    if signed is not None:
        raise LostMark(
            f"{path} is gone, but {signed} leaves were signed: restore it from a backup. If there is none, compare the head with "
            "what the witnesses have, then give `dolbom signer --accept-head SIZE ROOT`."
        )
    return Mark(path, signer.name, Frontier())


def accept_head(size: int, root: str) -> None:
    """A person takes the log up to a size as what was signed, after comparing the root with the witnesses'. Raises `Inconsistent`."""
    edge = Frontier()
    for leaves in hashes_of_leaves(0, size):
        for _complete in edge.add(leaves):
            pass
    if edge.root.hex() != root.lower():
        raise Inconsistent(f"The first {size} leaves give the root {edge.root.hex()}, not {root}.")
    Mark(folder() / "mark.json", key_here().name, edge).keep(edge)


def run() -> None:
    """Sign until somebody says stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stop.set())
    with command_line.opened("signer", migrate=False) as app:
        signer = key_here()
        tell_key(signer.verifier)
        db.session.commit()
        sealer = Sealer(signer, mark_here(signer))
        asker = threading.Thread(target=_rounds, args=(app, stop), daemon=True, name="witnesses")
        asker.start()
        while not stop.is_set():
            _try(sealer.turn)
            stop.wait(PAUSE)


def _rounds(app: Any, stop: threading.Event) -> None:
    with app.app_context(), scope.system("witnesses are asked"):
        while not stop.wait(ROUND):
            _try(ask_witnesses)


def _try(turn: Callable[[], Any]) -> None:
    """One turn; a database that is away for a moment is no reason to end."""
    try:
        turn()
    except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
        db.session.rollback()
        logger.warning("the signer waits for the database: %s", error)
    except Exception:
        db.session.rollback()
        raise
    finally:
        db.session.remove()

