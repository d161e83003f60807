"""One catalogue a language from the `.po` files of core, modules and plugins: compiled once, then cached."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from babel import __version__ as babel_version
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

#: Where a module keeps a language, below its `translations` folder.
PO = Path("LC_MESSAGES", "messages.po")


def folders(root: Path, modules: Iterable[Path]) -> list[Path]:
    """The `translations` folders, core's first; of two that translate the same text the first is heard."""
    found = (path / "translations" for path in (root / "core", *modules))
    return [folder for folder in found if folder.is_dir()]


def load(places: list[Path], language: str, cache: Path) -> Translations:
    """The merged catalogue of `language`; `cache` is a folder that may vanish at any time."""
    files = [path for path in (folder / language / PO for folder in places) if path.exists()]
    path = cache / f"{language}-{_digest(files)}.mo"
    try:
        compiled = path.read_bytes()
    except OSError:
        compiled = compile_po(files, language)
        with contextlib.suppress(OSError):  # a home on a full or read-only disk still speaks, only later
            _keep(path, compiled)
    return Translations(io.BytesIO(compiled))


def compile_po(files: list[Path], language: str) -> bytes:
    """Merge `.po` files into one `.mo`; entries marked fuzzy are left out, so the English text shows."""
    merged = Catalog(locale=language)
    for path in files:
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                known = message.id and merged.get(message.id, message.context)
                if message.id and not known and not message.fuzzy:
                    merged.add(message.id, message.string, context=message.context)
    target = io.BytesIO()
    write_mo(target, merged)
    return target.getvalue()


def _digest(files: list[Path]) -> str:
    """Changes when any file changed; looking at sizes and times is a thousand times cheaper than reading."""
    seen = sha256(babel_version.encode())
    for path in files:
        facts = path.stat()
        seen.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return seen.hexdigest()[:16]


def _keep(path: Path, compiled: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(compiled)
    Path(draft).rename(path)
    for old in path.parent.glob(f"{path.name.partition('-')[0]}-*.mo"):
        if old != path:
            old.unlink(missing_ok=True)
