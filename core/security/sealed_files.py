"""Papers of people, kept under the home so that neither disk nor backup shows them without the keys.

A certificate may carry a national number, so its file is sealed as a sealed field is (`crypto`): bound to the area, the
owner and its own name. Moved to another owner's folder it does not open. The name it was handed in under is forgotten.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from flask import current_app

from core.errors import DolbomError
from core.security import crypto
from core.whole_files import write_whole

#: A younger file may belong to a transaction that is being committed (seconds).
SETTLED = 3600
_NAME = re.compile(r"[0-9a-f]{32}")
_MANY = 500


class FileGone(DolbomError):
    """The record is there and its file is not."""

    code: ClassVar[str] = "sealed-files.gone"
    http: ClassVar[int] = 500


def keep(area: str, owner: int, content: bytes) -> str:
    """Keep a file of one owner in an area (`families`); gives the name to open it by."""
    name = secrets.token_hex(16)
    write_whole(_path(area, owner, name), crypto.seal_bytes(crypto.keyring(), _bound(area, owner, name), content))
    return name


def opened(area: str, owner: int, name: str) -> bytes:
    """A file's content. Raises `FileGone`, `WrongPlace` for an altered one."""
    path = _path(area, owner, name)
    try:
        sealed = path.read_bytes()
    except FileNotFoundError:
        raise FileGone(f"{path} is missing: bring it back from a backup") from None
    try:
        return crypto.open_bytes(crypto.keyring(), _bound(area, owner, name), sealed)
    except (InvalidTag, crypto.NotSealed):
        raise crypto.WrongPlace(f"{path}: the file was altered or lies in another owner's folder") from None


def remove(area: str, owner: int, name: str) -> None:
    """Delete a file; twice does no harm. Call it after the commit that forgot it."""
    _path(area, owner, name).unlink(missing_ok=True)


def sweep(area: str, known: Callable[[list[int]], Collection[tuple[int, str]]]) -> int:
    """Delete files of an area that no record names; `known` gives (owner, name) of some owners' records. Gives how many."""
    gone, before = 0, time.time() - SETTLED
    for folders in _parts(area):
        named = set(known([int(folder.name) for folder in folders]))
        for path in (path for folder in folders for path in folder.iterdir()):
            if (int(path.parent.name), path.name) not in named and path.stat().st_mtime < before:
                path.unlink(missing_ok=True)
                gone += 1
    return gone


def _parts(area: str) -> Iterator[list[Path]]:
    folders = [path for path in (_root() / area).glob("*") if path.name.isdecimal()]
    for start in range(0, len(folders), _MANY):
        yield folders[start : start + _MANY]


def _root() -> Path:
    home: Path = current_app.extensions["dolbom"].settings.home
    return home / "uploads" / "sealed"


def _path(area: str, owner: int, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise FileGone(f"{name!r} is no name of a kept file")
    return _root() / area / str(owner) / name


def _bound(area: str, owner: int, name: str) -> bytes:
    return f"file:{area}:{owner}:{name}".encode()
