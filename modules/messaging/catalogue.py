"""The templates all modules bring: `messages.toml` in a module's folder, found by its name, read once and checked.

    [[message]]
    key = "enrollment.waiting"            # begins with the module
    kind = "service"                      # or promotional: quiet hours and opt-outs hold
    fields = ["child", "centre", "place"]
    secret = ["link"]                     # asked at the moment of sending, never stored
    sample = { child = "박서연", … }       # for the preview
    [message.subject]                     # en, ko, pl; what a list of messages shows
    [message.text]
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from flask import current_app

from core.sdk import DolbomError, running
from modules.messaging import rules

FILE = "messages.toml"
LANGUAGES = ("en", "ko", "pl")
KINDS = ("service", "promotional")
_KEYS = {"key", "kind", "fields", "secret", "sample", "subject", "text"}
_KEPT = "messaging.templates"


class UnknownTemplate(DolbomError):
    """No module that runs brings a template of this name."""

    code: ClassVar[str] = "messaging.unknown-template"
    http: ClassVar[int] = 500


@dataclass(frozen=True)
class Template:
    """A message as its module ships it."""

    key: str
    module: str
    kind: str
    fields: tuple[str, ...]
    secret: frozenset[str]
    sample: dict[str, str]
    subject: dict[str, str]
    text: dict[str, str]

    @property
    def all_fields(self) -> set[str]:
        """Every field its texts may name."""
        return {*self.fields, *self.secret}


def templates() -> dict[str, Template]:
    """All templates of the running modules by key; a module's broken ones are left out (`dolbom check` names them)."""
    kept: dict[str, Template] | None = current_app.extensions.get(_KEPT)
    if kept is None:
        read = (template for path, module in _files() for template, wrong in _read(path, module) if not wrong)
        kept = {template.key: template for template in read}
        current_app.extensions[_KEPT] = kept
    return kept


def template(key: str) -> Template:
    """One template. Raises `UnknownTemplate`."""
    found = templates().get(key)
    if found is None:
        raise UnknownTemplate(f"No {FILE} has a message {key!r}: add it to that of its module, or correct the name.")
    return found


def problems() -> list[str]:
    """What is wrong in the modules' files: `file: key: what`."""
    bad: list[str] = []
    seen: set[str] = set()
    for path, module in _files():
        for one, wrong in _read(path, module):
            bad += [f"{path}: {one.key or 'a message without key'}: {text}" for text in wrong]
            if one.key in seen:
                bad.append(f"{path}: {one.key}: is there twice")
            seen.add(one.key)
    return bad


def _files() -> Iterator[tuple[Path, str]]:
    for manifest in running().registry:
        path = manifest.path / FILE
        if path.exists():
            yield path, manifest.name


def _read(path: Path, module: str) -> Iterator[tuple[Template, list[str]]]:
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("message", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        yield Template("", module, "", (), frozenset(), {}, {}, {}), [f"cannot be read: {error}"]
        return
    for entry in entries:
        made = Template(
            str(entry.get("key", "")), module, str(entry.get("kind", "")), tuple(entry.get("fields", ())),
            frozenset(entry.get("secret", ())), dict(entry.get("sample", {})), _texts(entry, "subject"),
            _texts(entry, "text"),
        )  # fmt: skip
        yield made, [*_unknown(entry), *_wrong(made)]


def _texts(entry: dict[str, Any], part: str) -> dict[str, str]:
    found = entry.get(part, {})
    return {str(code): str(text) for code, text in found.items()} if isinstance(found, dict) else {}


def _unknown(entry: dict[str, Any]) -> list[str]:
    return [f"unknown entry {name!r}; known are {', '.join(sorted(_KEYS))}" for name in entry if name not in _KEYS]


def _wrong(one: Template) -> Iterator[str]:
    if not one.key.startswith(f"{one.module}.") or one.key.count(".") != 1:
        yield f"its key must be {one.module}.<name>"
    if one.kind not in KINDS:
        yield f"kind must be one of {', '.join(KINDS)}"
    yield from _wrong_texts(one)
    named = {field for texts in (one.subject, one.text) for text in texts.values() for field in rules.fields_of(text)}
    if one.all_fields - named:
        yield f"no text names the declared {', '.join(sorted(one.all_fields - named))}"
    if set(one.fields) - set(one.sample):
        yield f"sample lacks {', '.join(sorted(set(one.fields) - set(one.sample)))}"


def _wrong_texts(one: Template) -> Iterator[str]:
    for part, texts in (("subject", one.subject), ("text", one.text)):
        lacking = [code for code in LANGUAGES if not texts.get(code, "").strip()]
        if lacking:
            yield f"{part} lacks {', '.join(lacking)}"
        for code, text in texts.items():
            if code not in LANGUAGES:
                yield f"{part} in {code!r}: known languages are {', '.join(LANGUAGES)}"
            strange = rules.fields_of(text) - one.all_fields
            if strange:
                yield f"{part} in {code} names fields not declared: {', '.join(sorted(strange))}"
    if any(rules.fields_of(text) & one.secret for text in one.subject.values()):
        yield "a subject must not name a secret: lists show it"
