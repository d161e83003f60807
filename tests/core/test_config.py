"""Settings: which source wins, and that every mistake is named with its file and key."""

from __future__ import annotations

import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.config import ROOT, BrokenFile, Settings, UnknownKey, WrongValue, load_settings
from core.errors import ConfigError
from core.secret_files import SecretUnreadable, known_secret, secret


@pytest.fixture
def load(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Load settings of a home under tmp_path, with the lines of its config.toml and an environment."""

    def load(toml: str = "", **environ: str) -> Settings:
        (tmp_path / "config.toml").write_text(toml)
        return load_settings({"DOLBOM_HOME": str(tmp_path), **environ})

    return load


def test_defaults_need_nothing(tmp_path: Path) -> None:
    settings = load_settings({"DOLBOM_HOME": str(tmp_path / "new")})
    assert (settings.env, settings.port, settings.languages) == ("dev", 8000, ("en", "ko", "pl"))
    assert settings.lease_seconds == 30
    assert settings.database_url is None
    assert not settings.home.exists(), "reading settings makes no folder"


def test_without_dolbom_home_the_checkout_has_it() -> None:
    assert load_settings({}).home == ROOT / "var"


def test_later_sources_win(load) -> None:  # type: ignore[no-untyped-def]
    assert load(DOLBOM_ENV="test").lease_seconds == 2
    assert load("lease_seconds = 7", DOLBOM_ENV="test").lease_seconds == 7
    assert load("lease_seconds = 7", DOLBOM_LEASE_SECONDS="9").lease_seconds == 9
    assert load(PORT="8123").port == 8123


def test_environment_reads_every_type(load) -> None:  # type: ignore[no-untyped-def]
    settings = load(
        DOLBOM_LANGUAGES="ko, en", DOLBOM_DURABLE="no", DOLBOM_DEMO="none", DOLBOM_LOG_LEVEL="debug"
    )
    assert settings.languages == ("ko", "en")
    assert settings.durable is False
    assert settings.demo == ()
    assert settings.log_level == "debug"


def test_empty_variables_and_strangers_are_ignored(load) -> None:  # type: ignore[no-untyped-def]
    settings = load(PORT="", DATABASE_URL="", DOLBOM_SOMETHING_ELSE="x")
    assert (settings.port, settings.database_url) == (8000, None)


@pytest.mark.parametrize("given", ["postgres://u@h/d", "postgresql+psycopg://u@h/d", "postgresql://u@h/d"])
def test_database_url_has_one_spelling(load, given: str) -> None:  # type: ignore[no-untyped-def]
    assert load(DATABASE_URL=given).database_url == "postgresql://u@h/d"


@pytest.mark.parametrize(
    ("toml", "kind", "says"),
    [
        ("prot = 1", UnknownKey, "config.toml: prot: no such setting; did you mean port?"),
        ("zzzz = 1", UnknownKey, "known keys: "),
        ('home = "/x"', UnknownKey, "config.toml: home: no such setting"),
        ('port = "8000"', WrongValue, "config.toml: port: '8000' must be of type int"),
        ("port = true", WrongValue, "port: True must be of type int"),
        ("port = 70000", WrongValue, "port: 70000 is too large"),
        ("workers = 0", WrongValue, "workers: 0 is too small; at least 1"),
        ('languages = "en"', WrongValue, "languages: must be a list of words"),
        ("languages = []", WrongValue, "languages: name at least one"),
        ('log_level = "loud"', WrongValue, "log_level: 'loud' is none of debug"),
        ('secret_key = "short"', WrongValue, "at least 32 characters"),
        ('database_url = "mysql://x"', WrongValue, "database_url: must look like postgresql://"),
        ('redis_url = "x"', WrongValue, "redis_url: must look like redis://"),
        ("port = ", BrokenFile, "config.toml: is not valid TOML"),
    ],
)
def test_a_mistake_in_a_file_names_file_and_key(load, toml: str, kind: type[ConfigError], says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(kind) as caught:
        load(toml)
    assert says in str(caught.value)
    assert "config.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "eighty", "PORT: 'eighty' is not a whole number"),
        ("DOLBOM_DURABLE", "maybe", "DOLBOM_DURABLE: 'maybe' is neither true nor false"),
        ("DOLBOM_ENV", "live", "DOLBOM_ENV: 'live' is none of dev, test, prod"),
        ("DOLBOM_WORKERS", "0", "DOLBOM_WORKERS: 0 is too small"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(load, name: str, value: str, says: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(WrongValue, match=says):
        load(**{name: value})


def test_a_lost_or_shortened_release_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match=r"base\.toml: the file is missing"):
        load_settings({"DOLBOM_HOME": str(tmp_path)}, root=tmp_path)
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "config" / "base.toml").write_text("port = 1\n")
    with pytest.raises(BrokenFile, match=r"base\.toml: host is missing"):
        load_settings({"DOLBOM_HOME": str(tmp_path)}, root=tmp_path)


def test_the_secret_key_is_made_once_and_kept_private(load, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    settings = load()
    assert known_secret(tmp_path, "secret_key") is None
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: settings.secret_key, range(32)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 43
    assert stat.S_IMODE((tmp_path / "secrets" / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert sorted(path.name for path in (tmp_path / "secrets").iterdir()) == ["secret_key"]


def test_a_given_secret_key_is_used_and_not_shown(load) -> None:  # type: ignore[no-untyped-def]
    settings = load(SECRET_KEY="k" * 32, DATABASE_URL="postgresql://u:hush@h/d")
    assert settings.secret_key == "k" * 32
    assert "k" * 32 not in repr(settings)
    assert "hush" not in repr(settings)


def test_an_emptied_secret_is_an_error_not_a_new_key(tmp_path: Path) -> None:
    secret(tmp_path, "secret_key")
    (tmp_path / "secrets" / "secret_key").write_text("")
    with pytest.raises(SecretUnreadable, match="the file is empty; restore it from a backup"):
        secret(tmp_path, "secret_key")


def test_errors_are_one_line() -> None:
    assert str(ConfigError("one\n  two")) == "one two"
