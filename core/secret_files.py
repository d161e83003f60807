"""Random keys kept in files that only their owner can read, made once however many processes ask."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from core.errors import ConfigError


class SecretUnreadable(ConfigError):
    """A key file is there but empty, or we may not read or write it."""

    code = "config.secret"


def secret(home: Path, name: str) -> str:
    """Return the secret `<home>/secrets/<name>`, generating it on first use."""
    path = home / "secrets" / name
    try:
        if not path.exists():
            _create(path)
        value = path.read_text().strip()
    except OSError as error:
        raise SecretUnreadable(
            f"{path}: {error.strerror}; this user must be able to write there, with room left"
        ) from error
    if not value:
        raise SecretUnreadable(
            f"{path}: the file is empty; restore it from a backup, or delete it to get a new key"
        )
    return value


def known_secret(home: Path, name: str) -> str | None:
    """The secret if it was ever made here, without making it."""
    return secret(home, name) if (home / "secrets" / name).exists() else None


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # unlike rename, link never replaces the key another process made meanwhile
    finally:
        draft.unlink(missing_ok=True)
