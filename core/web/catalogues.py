"""Texts and their translations: collect what the code says into each module's `.po` files, and find what is not said.

Texts stand in Python (`_("…")`, and the titles of background work), in templates, in `module.toml`, `checklist.toml` and
`roles.csv`. Each of core, the modules and the plugins keeps its own catalogues, so that a module brings its words along and
takes them away.
"""

from __future__ import annotations

import ast
import csv
import io
import re
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po, write_po

from core.web.i18n.catalogue import PO
from core.web.i18n.spoken import SOURCE

LANGUAGES = ("ko", "pl")
#: Words that are the same in a language by right (names, codes), one a line, `#` begins a remark.
ALLOWED = "same.txt"
_PLACES = re.compile(r"%\((\w+)\)[sdf]|%[sdf]|\{(\w*)\}")
_HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural};\\n"

"""


@dataclass(frozen=True)
class Problem:
    """A text that would be shown wrongly: where, in which language, and what is the matter."""

    path: Path
    text: str
    matter: str

    def __str__(self) -> str:
        return f"{self.path}: {self.matter}: {self.text!r}"


def extract(root: Path, languages: Sequence[str] = LANGUAGES) -> list[Path]:
    """Bring every `.po` up to date with the code; returns those that changed.

    Translations stay; what the code no longer says is kept as a remark (`#~`), in case it comes back.
    """
    changed = []
    for unit in units(root):
        said = texts(unit, root)
        for language in languages:
            path = unit / "translations" / language / PO
            if not len(said) and not path.exists():
                continue
            catalog = _known(path, language)
            catalog.update(said, no_fuzzy_matching=True)
            written = _written(catalog, language)
            if not path.exists() or path.read_text(encoding="utf-8") != written:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(written, encoding="utf-8")
                changed.append(path)
    return changed


def problems(root: Path, languages: Sequence[str] = LANGUAGES) -> list[Problem]:
    """Texts of the code that a language lacks, or has empty, unsure, equal to English, or with other placeholders.

    All units speak from one catalogue: what two of them translate in two ways, one of them would say wrongly.
    """
    found: list[Problem] = []
    first: dict[Any, tuple[Path, Any]] = {}
    for unit in units(root):
        said = texts(unit, root)
        for language in languages:
            if language != SOURCE:
                path = unit / "translations" / language / PO
                allowed = {text for folder in (root / "core", unit) for text in _allowed(folder, language)}
                known, where = _known(path, language), path.relative_to(root)
                found += _compare(said, known, where, allowed)
                found += _otherwise(said, known, where, first, language)
    return found


def _otherwise(
    said: Catalog, known: Catalog, path: Path, first: dict[Any, tuple[Path, Any]], language: str
) -> Iterator[Problem]:
    for message in said:
        there = known.get(message.id, message.context) if message.id else None
        if there is None or not there.string:
            continue
        other, words = first.setdefault((language, message.context, _forms(message.id)[0]), (path, there.string))
        if words != there.string:
            yield Problem(path, _forms(message.id)[0], f"{other} says it otherwise ({words!r}): agree, or use other words")


def units(root: Path) -> list[Path]:
    """Core, every module and every plugin."""
    return [
        root / "core",
        *(
            path.parent
            for group in ("modules", "plugins")
            for path in sorted(root.glob(f"{group}/*/module.toml"))
        ),
    ]


def texts(unit: Path, root: Path) -> Catalog:
    """All texts one unit says, each with the files it stands in."""
    catalog = Catalog()
    for path in sorted(unit.rglob("*")):
        if path.is_file() and not {"translations", "static", "data"} & set(path.relative_to(unit).parts):
            for text, context, comments in _in_file(path, unit):
                place = [(path.relative_to(root).as_posix(), 0)]
                catalog.add(text, locations=place, context=context, auto_comments=comments)
    return catalog


def _in_file(path: Path, unit: Path) -> Iterator[tuple[Any, str | None, list[str]]]:
    if path.suffix == ".py":
        with suppress(SyntaxError, ValueError, TokenError):  # the check `readable` says what is wrong with such a file
            yield from [*_called("python", path), *((text, None, []) for text in _of_work(path))]
    elif path.suffix in (".html", ".txt") and "templates" in path.parts:
        yield from _called("jinja2", path)
    elif path.parent == unit and path.name in _TABLES:
        for text in _TABLES[path.name](path):
            if text:
                yield text, None, []


def _called(method: str, path: Path) -> Iterator[tuple[Any, str | None, list[str]]]:
    options = {"silent": "false", "trimmed": "true"} if method == "jinja2" else {}
    for _, text, comments, context in extract_from_file(
        method,
        str(path),
        keywords=DEFAULT_KEYWORDS,
        comment_tags=("i18n:",),
        options=options,
        strip_comment_tags=True,
    ):
        yield text, context, comments


def _of_work(path: Path) -> Iterator[str]:
    """Titles of background work: the first line of what is marked `@job(…)` or `@on(…)` (core/jobs/handlers.py)."""
    source = path.read_text(encoding="utf-8")
    if "@job(" not in source and "@on(" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and any(map(_marks_work, node.decorator_list)):
            yield from (ast.get_docstring(node) or "").splitlines()[:1]


def _marks_work(decorator: ast.expr) -> bool:
    return (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Name)
        and decorator.func.id in ("job", "on")
    )


def _of_manifest(path: Path) -> Iterator[str]:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    yield table.get("title", "")
    yield table.get("summary", "")
    yield table.get("data", {}).get("purpose", "")


def _of_checklist(path: Path) -> Iterator[str]:
    yield from (
        step.get("title", "") for step in tomllib.loads(path.read_text(encoding="utf-8")).get("step", ())
    )


def _of_roles(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from (row.get("title") or "" for row in csv.DictReader(file))


_TABLES = {"module.toml": _of_manifest, "checklist.toml": _of_checklist, "roles.csv": _of_roles}


def _known(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _written(catalog: Catalog, language: str) -> str:
    """Without dates and line numbers, so that a file changes only when a text does."""
    body = io.BytesIO()
    write_po(body, catalog, width=0, omit_header=True, sort_output=True, include_lineno=False)
    return _HEADER.format(
        language=language, plural=Catalog(locale=language).plural_forms.rstrip(";")
    ) + body.getvalue().decode().lstrip("\n")


def _allowed(folder: Path, language: str) -> set[str]:
    path = folder / "translations" / language / ALLOWED
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {line for line in lines if line and not line.startswith("#")}


def _compare(said: Catalog, known: Catalog, path: Path, allowed: set[str]) -> Iterator[Problem]:
    for message in said:
        if message.id:
            matter = _matter(message, known.get(message.id, message.context), allowed)
            if matter:
                yield Problem(path, _forms(message.id)[0], matter)


def _matter(message: Message, found: Message | None, allowed: set[str]) -> str:
    if found is None:
        return "missing"
    english, forms = _forms(message.id), _forms(found.string)
    if not forms or not all(form.strip() for form in forms):
        return "empty"
    if found.fuzzy:
        return "marked fuzzy"
    if english[0] in forms and english[0] not in allowed and any(sign.isalpha() for sign in english[0]):
        return f"equal to the English (translate it, or list it in {ALLOWED})"
    # A plural form may leave the number out («one child»), but must not invent a placeholder or lose a name.
    wanted = {place for form in english for place in _placeholders(form)}
    for form in forms:
        if not _placeholders(form) <= wanted or (
            len(forms) == 1 and len(english) == 1 and _placeholders(form) != wanted
        ):
            return f"other placeholders than {', '.join(sorted(wanted)) or 'none'}"
    return ""


def _forms(text: Any) -> list[str]:
    return [part or "" for part in text] if isinstance(text, (list, tuple)) else [text] if text else []


def _placeholders(text: str) -> set[str]:
    return {match.group(0) for match in _PLACES.finditer(text.replace("%%", ""))}
