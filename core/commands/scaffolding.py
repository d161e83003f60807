"""`dolbom new`: write a module, region pack or device with its tests, ready to pass the checks untouched."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import click
from jinja2 import Environment, StrictUndefined

from core import __version__
from core.commands.session import as_json, guarded, show
from core.config import ROOT
from core.errors import DolbomError

TEMPLATES = ROOT / "core" / "scaffold"
commands = click.Group("new", help="Write a new module, region pack or device with its tests.")


class NameTaken(DolbomError):
    """A module of this name is there already, or the name cannot be one."""

    code: ClassVar[str] = "new.name"


def write(kind: str, name: str, title: str, root: Path = ROOT) -> list[str]:
    """Write the folder, its migration and its tests; refuses before writing anything if one of the files is there."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,40}", name) or name in ("core", "public", "tests"):
        raise NameTaken(
            f"{name!r} cannot be a module's name: use lower-case letters, digits and _, beginning with a letter."
        )
    env = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701  writes code
    facts: dict[str, Any] = {
        "name": name, "title": title, "class": "".join(part.capitalize() for part in name.split("_")), "host": __version__.rsplit(".", 1)[0],
    }  # fmt: skip
    source = TEMPLATES / kind
    planned = {
        root / str(path.relative_to(source)).replace("NAME", name).removesuffix(".jinja"): env.from_string(
            path.read_text("utf-8")
        ).render(facts)
        for path in sorted(source.rglob("*.jinja"))
    }
    taken = [path for group in ("modules", "plugins") for path in [root / group / name] if path.exists()]
    if taken:
        raise NameTaken(f"{taken[0].relative_to(root)} is there already: choose another name.")
    for path, text in planned.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [str(path.relative_to(root)) for path in planned]


def _command(kind: str, help_: str) -> None:
    @commands.command(kind, help=help_)
    @click.argument("name")
    @click.option("--title", help="Title in English (default: from the name).")
    @as_json
    @guarded
    def new(name: str, title: str | None, as_json: bool) -> None:
        files = write(kind, name, title or name.replace("_", " ").capitalize())
        show(
            {"written": files},
            as_json,
            lambda done: "\n".join([*done["written"], "Next: make check && make test"]),
        )


for _kind, _help in (
    ("module", "A business noun: models, services, page, migration and tests."),
    ("region", "A region pack: codes, kinds, rules, checklist and tests."),
    ("device", "A device driver: frames and tests."),
):
    _command(_kind, _help)
