"""Typed settings from TOML files and the environment; a wrong one is named with its file and key."""

from __future__ import annotations

import difflib
import errno
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from core.errors import ConfigError
from core.secret_files import secret

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ("dev", "test", "prod")
LOG_LEVELS = ("debug", "info", "warning", "error")
# Names others already use for these settings; every key can also be given as DOLBOM_<KEY>.
PLAIN_NAMES = {
    "DATABASE_URL": "database_url",
    "DATABASE_APP_URL": "database_app_url",
    "DATABASE_SYSTEM_URL": "database_system_url",
    "DATABASE_PUBLIC_URL": "database_public_url",
    "REDIS_URL": "redis_url",
    "HOST": "host",
    "PORT": "port",
    "SECRET_KEY": "given_secret_key",
}
RENAMED = {"secret_key": "given_secret_key"}
LEAST = {"port": 0, "lease_seconds": 1, "workers": 1, "threads": 1, "session_minutes": 1}
PLACED_BY_THE_ENVIRONMENT = ("home", "env")  # they decide which files are read, so no file may set them


class UnknownKey(ConfigError):
    """A settings file has a key we do not know; the nearest known one is offered."""

    code = "config.unknown-key"


class WrongValue(ConfigError):
    """A setting has the wrong type or an impossible value."""

    code = "config.wrong-value"


class BrokenFile(ConfigError):
    """A settings file is missing, unreadable or not TOML."""

    code = "config.broken-file"


@dataclass(frozen=True)
class Settings:
    """Everything an operator may choose; made by `load_settings` only. Passwords stay out of its `repr`."""

    home: Path
    env: str
    host: str
    port: int
    public_names: tuple[str, ...]
    languages: tuple[str, ...]
    log_level: str
    lease_seconds: int
    workers: int
    threads: int
    session_minutes: int
    demo: tuple[str, ...]
    durable: bool
    database_url: str | None = field(default=None, repr=False)
    database_app_url: str | None = field(default=None, repr=False)
    database_system_url: str | None = field(default=None, repr=False)
    database_public_url: str | None = field(default=None, repr=False)
    redis_url: str | None = field(default=None, repr=False)
    public_url: str | None = None
    pg_bin: str | None = None
    valkey_bin: str | None = None
    given_secret_key: str | None = field(default=None, repr=False)

    @property
    def secret_key(self) -> str:
        """The key that signs sessions: the given one, else one made on first use and kept in the home."""
        return self.given_secret_key or secret(self.home, "secret_key")


def load_settings(environ: Mapping[str, str] = os.environ, root: Path = ROOT) -> Settings:
    """Merge base, environment, home and process settings, the later one winning."""
    env = environ.get("DOLBOM_ENV", "dev")
    if env not in ENVIRONMENTS:
        raise WrongValue(f"DOLBOM_ENV: {env!r} is none of {', '.join(ENVIRONMENTS)}")
    given = environ.get("DOLBOM_HOME")
    home = (Path(given).expanduser() if given else root / "var").resolve()
    values: dict[str, Any] = {}
    for path in (root / "config" / "base.toml", root / "config" / f"{env}.toml", home / "config.toml"):
        values.update(_from_file(path, optional=path.parent == home))
    values.update(_from_environment(environ))
    missing = [f.name for f in fields(Settings) if f.default is not None and f.name not in values]
    missing = [name for name in missing if name not in PLACED_BY_THE_ENVIRONMENT]
    if missing:
        raise BrokenFile(
            f"{root / 'config' / 'base.toml'}: {missing[0]} is missing; restore the file from the release"
        )
    return Settings(home=home, env=env, **values)


def _from_file(path: Path, optional: bool) -> Iterator[tuple[str, Any]]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if optional:
            return
        raise BrokenFile(f"{path}: the file is missing; restore it from the release") from None
    except (OSError, UnicodeDecodeError) as error:
        if optional and getattr(error, "errno", None) in {errno.ENOTDIR, errno.ENAMETOOLONG}:
            return  # the home itself cannot be: whoever opens it says so better
        raise BrokenFile(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise BrokenFile(f"{path}: is not valid TOML: {error}") from error
    for key, value in table.items():
        yield _checked(str(path), key, value)


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    known = {f.name for f in fields(Settings)} - set(PLACED_BY_THE_ENVIRONMENT)
    for name, text in environ.items():
        key = PLAIN_NAMES.get(name) or name.removeprefix("DOLBOM_").lower()
        if text and (name in PLAIN_NAMES or (name.startswith("DOLBOM_") and RENAMED.get(key, key) in known)):
            yield _checked(name, key, _parsed(name, RENAMED.get(key, key), text))


def _parsed(source: str, key: str, text: str) -> Any:
    kind = _kinds()[key]
    if kind == "int":
        try:
            return int(text)
        except ValueError:
            raise WrongValue(f"{source}: {text!r} is not a whole number") from None
    if kind == "bool":
        answers = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
        if text.lower() not in answers:
            raise WrongValue(f"{source}: {text!r} is neither true nor false")
        return answers[text.lower()]
    if kind.startswith("tuple"):
        return [part.strip() for part in text.split(",") if part.strip() and part.strip() != "none"]
    return text


def _checked(source: str, key: str, value: Any) -> tuple[str, Any]:
    """One setting under its field's name and in its field's type, or the error that names it."""
    name = RENAMED.get(key, key)
    kinds = _kinds()
    if name not in kinds:
        near = difflib.get_close_matches(key, kinds, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; known keys: {', '.join(sorted(kinds))}"
        raise UnknownKey(f"{source}: {key}: no such setting{hint}")
    kind = kinds[name]
    where = source if source in PLAIN_NAMES or source.startswith("DOLBOM_") else f"{source}: {key}"
    if kind.startswith("tuple"):
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise WrongValue(f"{where}: must be a list of words")
        value = tuple(value)
    elif name.startswith("database_") and isinstance(value, str):
        # Heroku's and SQLAlchemy's spellings of the same address; libpq reads this one only.
        value = re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", value)
    elif type(value).__name__ != kind.split(" ")[0]:
        raise WrongValue(f"{where}: {value!r} must be of type {kind.split(' ')[0]}")
    _possible(where, name, value)
    return name, value


def _possible(where: str, name: str, value: Any) -> None:
    if name in LEAST and value < LEAST[name]:
        raise WrongValue(f"{where}: {value} is too small; at least {LEAST[name]}")
    if name == "port" and value > 65535:
        raise WrongValue(f"{where}: {value} is too large; at most 65535")
    if name == "log_level" and value not in LOG_LEVELS:
        raise WrongValue(f"{where}: {value!r} is none of {', '.join(LOG_LEVELS)}")
    if name == "languages" and not value:
        raise WrongValue(f"{where}: name at least one language")
    if name == "given_secret_key" and len(value) < 32:
        raise WrongValue(f"{where}: a secret key has at least 32 characters; leave it out to have one made")
    if name.startswith("database_") and not value.startswith("postgresql://"):
        raise WrongValue(f"{where}: must look like postgresql://user:password@host/database")
    if name == "redis_url" and not value.startswith(("redis://", "rediss://", "unix://")):
        raise WrongValue(f"{where}: must look like redis://host:6379/0 or unix:///path/to/socket")


def _kinds() -> dict[str, str]:
    return {f.name: str(f.type) for f in fields(Settings) if f.name not in PLACED_BY_THE_ENVIRONMENT}
