"""import-linter, with the project's own settings, names every way round the doors between modules."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from setup import ROOT

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
LAYERS = next(contract["layers"] for contract in SETTINGS["contracts"] if contract.get("containers") == ["core"])
FLOORS = [name for layer in LAYERS for name in re.findall(r"\w+", layer)]

LAWFUL = {
    "modules/fees/api.py": "from core.sdk import _",
    "modules/fees/events.py": "",
    "modules/fees/models.py": "",
    "modules/fees/web.py": "from modules.families import api\nfrom modules.families.events import born",
    "modules/fees/admin.py": "import modules.fees.models",
    "modules/families/api.py": "",
    "modules/families/events/__init__.py": "",
    "modules/families/events/born.py": "",
    "modules/families/models.py": "",
    "modules/books/api.py": "",
    "plugins/kr_seoul/hooks.py": "import modules.fees.api",
    "plugins/pl_krapkowice/api.py": "",
    "core/sdk.py": "import core.host",
}

UNLAWFUL = [
    ("modules/fees/jobs.py", "import modules.families.models", "offer it in families/api.py"),
    ("modules/fees/services.py", "from modules import books", "offer it in books/api.py"),
    (
        "modules/fees/rules.py",
        "import modules.books.api",
        "add books to depends or uses in modules/fees/module.toml",
    ),
    ("plugins/kr_seoul/web.py", "import plugins.pl_krapkowice.api", "add pl_krapkowice to depends or uses"),
    ("plugins/kr_seoul/models.py", "from core.db import session", "import it from core.sdk"),
    ("plugins/kr_seoul/jobs.py", "import redis", "plugins.kr_seoul.jobs -> redis"),
    (
        "modules/families/services.py",
        "import plugins.kr_seoul.hooks",
        "modules.families.services -> plugins.kr_seoul.hooks",
    ),
    ("core/web.py", "import core.app", "core.web -> core.app"),
    ("core/host.py", "import core.sdk", "core.host -> core.sdk"),
]


def lint(root: Path, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "pyproject.toml", root)
    for name in (*(f"core/{floor}.py" for floor in FLOORS), *LAWFUL, *files):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files.get(name, LAWFUL.get(name, "")))
    for folder in {path.parent for path in root.glob("*/**/*.py")} | {
        root / "core",
        root / "modules",
        root / "plugins",
    }:
        (folder / "__init__.py").touch()
    (root / "modules/fees/module.toml").write_text('uses = ["families"]\n')
    (root / "plugins/kr_seoul/module.toml").write_text('depends = { fees = ">=0.1" }\n')
    script = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", script, "--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{ROOT}", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_meeting_through_open_and_declared_doors_is_lawful(tmp_path: Path) -> None:
    done = lint(tmp_path, {})
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_other_way_is_named(tmp_path: Path) -> None:
    done = lint(tmp_path, {name: f"{LAWFUL.get(name, '')}\n{line}\n" for name, line, _ in UNLAWFUL})
    assert done.returncode == 1, done.stdout + done.stderr
    for name, _, advice in UNLAWFUL:
        module = name.removesuffix(".py").replace("/", ".")
        assert any(module in line and advice in line for line in done.stdout.splitlines()), (
            name,
            done.stdout,
        )


def test_a_circle_of_modules_is_named(tmp_path: Path) -> None:
    (tmp_path / "modules/families").mkdir(parents=True)
    (tmp_path / "modules/families/module.toml").write_text('depends = { fees = ">=0.1" }\n')
    done = lint(tmp_path, {"modules/families/services.py": "import modules.fees.api"})
    assert done.returncode == 1
    assert "modules form no circle BROKEN" in done.stdout
