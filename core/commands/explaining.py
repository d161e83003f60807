"""`dolbom why` and `dolbom rules`: which rule shows or hides a record, and which test stands behind each requirement."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import click
import sqlalchemy as sa

from core.commands.session import as_json, guarded, opened, show
from core.config import ROOT
from core.db.base import db, mapped_classes
from core.errors import DolbomError
from core.regions.atlas import atlas
from core.security import access, identity
from core.security.accounts import Account
from core.security.rows import Scoped

commands = None


class UnknownThing(DolbomError):
    """No such person, model or record."""

    code: ClassVar[str] = "why.unknown"


class UnknownRule(DolbomError):
    """A test is marked with a rule that is not listed."""

    code: ClassVar[str] = "rules.unknown"


@click.command("why")
@click.argument("user")
@click.argument("model")
@click.argument("id")
@as_json
@guarded
def why(user: str, model: str, id: str, as_json: bool) -> None:  # noqa: A002  the word of the command
    """Which rule shows USER the record ID of MODEL (facilities.Facility), or hides it."""
    with opened("why"):
        show(explain(user, model, id), as_json)


def explain(user: str, model: str, key: str) -> dict[str, Any]:
    """Say for each post of a person whether they see a record: the permission's line and the place rule."""
    cls = _model(model)
    account = db.session.scalar(sa.select(Account).where(Account.login == user))
    if account is None:
        raise UnknownThing(f"There is no account {user}.")
    primary = next(iter(cls.__table__.primary_key.columns))
    record = db.session.scalar(sa.select(cls).where(primary == primary.type.python_type(key)))
    if record is None:
        raise UnknownThing(f"There is no {model} {key}.")
    place = getattr(record, cls.__scope_column__) if issubclass(cls, Scoped) else None
    permission = f"{cls.__table__.schema}.{cls.__table__.name}.read"
    posts = []
    for post in account.posts:
        who = identity.identify(account.fs_uniquifier, post.id)
        rule = access.book.find(post.role, permission)
        inside = place is None or (who is not None and who.scope.covers(place))
        posts.append(
            {
                "role": post.role, "place": _place(post.place_no), "in_force": post.holds(datetime.now(UTC).date()),
                "permission": permission, "granted_by": rule.source if rule else None, "record_place": _place(place),
                "place_rule": f"{cls.__name__} is scoped by {cls.__scope_column__}" if place is not None else "belongs to no place",
                "inside": inside, "sees_it": bool(rule and inside),
            }
        )  # fmt: skip
    return {"user": user, "model": model, "id": key, "posts": posts}


def _model(name: str) -> Any:
    schema, _dot, wanted = name.partition(".")
    for cls in mapped_classes(schema):
        if wanted in (cls.__name__, cls.__table__.name):
            return cls
    raise UnknownThing(f"There is no model {name}: write it like facilities.Facility.")


def _place(number: int | None) -> str | None:
    if number is None:
        return None
    node = atlas().nodes.get(number)
    return node.code if node else str(number)


def rules_of_tests(root: Path = ROOT) -> dict[str, list[str]]:
    """Rule ID → tests marked with it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((root / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                for decorator in node.decorator_list:
                    text = ast.unparse(decorator)
                    if "mark.rule" in text:
                        for rule in re.findall(r"'([A-Z][\w.-]+)'", text):
                            found[rule].append(f"{path.relative_to(root)}::{node.name}")
    return dict(found)


def rule_rows(root: Path = ROOT) -> list[dict[str, Any]]:
    """Each rule with its text, its tests and its state. Raises `UnknownRule` for a test that names one that is not listed."""
    listed = (root / "docs" / "rules.tsv").read_text(encoding="utf-8").splitlines()
    known = dict(line.split("\t", 1) for line in listed)
    tests = rules_of_tests(root)
    if strange := sorted(set(tests) - set(known)):
        raise UnknownRule(f"docs/rules.tsv has no rule {', '.join(strange)}: correct {tests[strange[0]][0]}.")
    return [
        {"id": rule, "text": text, "tests": tests.get(rule, []), "state": "tested" if rule in tests else "open"}
        for rule, text in known.items()
    ]


def rule_page(rows: list[dict[str, Any]]) -> str:
    """The rows as the Markdown of docs/rules.md; the same rows always make the same text."""
    done = sum(row["state"] == "tested" for row in rows)
    lines = [
        "# Rules and their tests", "", "Generated by `dolbom rules --write docs/rules.md`.",
        f"{done} of {len(rows)} rules are named by a test; the others wait for their module or for a test that names them.",
        "", "| rule | what | state | tests |", "|---|---|---|---|",
        *(f"| {r['id']} | {r['text']} | {r['state']} | {'<br>'.join(r['tests'])} |" for r in rows),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


@click.command("rules")
@click.option("--write", "target", type=click.Path(path_type=Path), help="Write the table as Markdown.")
@as_json
@guarded
def rules(target: Path | None, as_json: bool) -> None:
    """Each rule ID with its tests and its state."""
    rows = rule_rows()
    if target:
        target.write_text(rule_page(rows), encoding="utf-8")
    if as_json or not target:
        show(
            rows,
            as_json,
            lambda found: "\n".join(f"{r['id']:8} {r['state']:7} {r['text'][:80]}" for r in found),
        )


singles = (why, rules)
