"""A letter box on disk for development and tests: what would be sent to people lies in `<home>/post-box` to be read.

It is no way to send anything and is refused in production, where its files would be everybody's codes and links.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

from core.config import Settings
from core.errors import DolbomError
from core.host.running import running
from core.jobs.handlers import on
from core.web.notices import NoticeLetter, NoticeRaised, compose

_KEPT = 500


class NotInProduction(DolbomError):
    """The letter box was opened where real people get real messages."""

    code: ClassVar[str] = "post-box.production"
    http: ClassVar[int] = 500


def folder(settings: Settings) -> Path:
    """Where the letters lie; refused in production (`NotInProduction`)."""
    if settings.env == "prod":
        raise NotInProduction("The letter box is for development only: install a module that sends messages.")
    return settings.home / "post-box"


def letters(settings: Settings) -> list[dict[str, Any]]:
    """All letters, oldest first."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder(settings).glob("*.json"))]


@on(NoticeRaised, effect="outside")
def drop(happened: NoticeRaised, idempotency_key: str) -> None:
    """Put notices into the local letter box"""
    box = folder(running().settings)
    box.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number, letter in enumerate(compose(happened)):
        name = f"{idempotency_key}-{number}.json"
        there = next(box.glob(f"*-{name}"), None)  # sent twice, it is one letter
        _put(there or box / f"{time.time_ns()}-{name}", happened.kind, letter)
    for old in sorted(box.glob("*.json"))[:-_KEPT]:
        old.unlink(missing_ok=True)


def _put(path: Path, kind: str, letter: NoticeLetter) -> None:
    """Readable by this computer's user only, and never half written."""
    draft = path.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"kind": kind} | asdict(letter), file, ensure_ascii=False, indent=1)
    draft.rename(path)
