"""The backup file: a zip whose last bytes are the SHA-256 of all others, so that not one bit can change unnoticed.

    manifest.json   versions, module revisions, counts, checksums, the database's structure
    database.dump   pg_dump, custom format          uploads/…   files people sent

The digest guards against bad disks and cut transfers, not against forgers: keep the file where only you can write.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from core.db.backup.refusals import InTheWay, NotABackup, OtherVersion

FORMAT = 1
MANIFEST, DUMP, UPLOADS = "manifest.json", "database.dump", "uploads/"
_MARK = b"dolbom-backup sha256:"
_DIGITS = 64
_BLOCK = 1 << 20


class Writer:
    """Adds members; made by `writing`."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive

    def stream(self, name: str, blocks: Iterable[bytes]) -> int:
        """Add a member block by block; returns its size. Dumps and pictures are packed already: stored as they are."""
        size = 0
        with self.archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as member:
            for block in blocks:
                size += len(block)
                member.write(block)
        return size

    def manifest(self, facts: dict[str, Any]) -> None:
        """Add the manifest; the last member."""
        text = json.dumps({"format": FORMAT, **facts}, ensure_ascii=False, indent=1, sort_keys=True)
        self.archive.writestr(MANIFEST, text, zipfile.ZIP_DEFLATED)


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """Write a backup beside its final place and move it there when whole; only its owner may read it."""
    if path.exists() and not _is_ours(path):
        raise InTheWay(f"{path} is there already and is no backup; choose another name")
    draft = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                archive.comment = _MARK + b"0" * _DIGITS
                yield Writer(archive)
            _seal(file)
        draft.rename(path)
    except OSError as error:
        raise InTheWay(
            f"{error.filename or path}: {error.strerror}; choose a folder with room and the right to write"
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def _seal(file: BinaryIO) -> None:
    size = file.seek(0, os.SEEK_END)
    digest = _digest(file, size - _DIGITS)
    file.seek(size - _DIGITS)
    file.write(digest.encode())
    file.flush()
    os.fsync(file.fileno())


class Reader:
    """A backup that was checked from the first to the last byte."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, facts: dict[str, Any], digest: str) -> None:
        self.path, self.archive, self.facts, self.digest = path, archive, facts, digest

    @property
    def size(self) -> int:
        """Bytes of all members together, unpacked."""
        return sum(member.file_size for member in self.archive.infolist())

    def extract(self, name: str, target: Path) -> None:
        """Write one member to a file only its owner may read."""
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file, self.archive.open(name) as member:
            while block := member.read(_BLOCK):
                file.write(block)

    def uploads(self) -> Iterator[tuple[str, PurePosixPath]]:
        """Names and relative paths of the uploads; one that would leave its folder is refused."""
        for name in self.archive.namelist():
            if name.startswith(UPLOADS):
                relative = PurePosixPath(name.removeprefix(UPLOADS))
                if relative.is_absolute() or ".." in relative.parts or not relative.parts:
                    raise NotABackup(f"{self.path}: the member {name!r} would be written outside the uploads")
                yield name, relative


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """Open a backup after checking all of it. Raises `NotABackup`, `OtherVersion`."""
    with ExitStack() as stack:
        try:
            reader = _checked(path, stack)
        except OSError as error:
            raise NotABackup(f"{path}: {error.strerror}; name a file you may read") from error
        except (zipfile.BadZipFile, KeyError, json.JSONDecodeError) as error:
            raise NotABackup(f"{path} is no backup of Dolbom: {error}") from error
        yield reader


def _checked(path: Path, stack: ExitStack) -> Reader:
    file = stack.enter_context(path.open("rb"))
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _DIGITS - len(_MARK)))
    end = file.read()
    if not end.startswith(_MARK):
        raise NotABackup(f"{path} is no backup, or its end is missing; copy it again from where it was made")
    said = end.removeprefix(_MARK).decode("ascii", errors="replace")
    if _digest(file, size - _DIGITS) != said:
        raise NotABackup(f"{path} was changed or damaged since it was made; take another copy")
    archive = stack.enter_context(zipfile.ZipFile(file))
    facts = json.loads(archive.read(MANIFEST))
    if facts.get("format") != FORMAT:
        raise OtherVersion(
            f"{path} has format {facts.get('format')}, this Dolbom reads {FORMAT}; "
            f"restore it with the Dolbom it was made by ({facts.get('dolbom', 'unknown')})"
        )
    return Reader(path, archive, facts, said)


def _is_ours(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _DIGITS - len(_MARK)))
        return file.read().startswith(_MARK)


def _digest(file: BinaryIO, length: int) -> str:
    found, left = sha256(), length
    file.seek(0)
    while left > 0 and (block := file.read(min(_BLOCK, left))):
        found.update(block)
        left -= len(block)
    return found.hexdigest()
