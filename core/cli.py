"""The `dolbom` command: the surface that people, scripts and acceptance checks use."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import click

from core import __version__
from core.config import ROOT

#: Group → (file in core.commands, one example). Files are imported only when their command is used.
CORE = {
    "init": ("processes", "dolbom init --demo seoul"),
    "up": ("processes", "dolbom up"),
    "serve": ("processes", "dolbom serve"),
    "worker": ("processes", "dolbom worker"),
    "check": ("checking", "dolbom check --json"),
    "outside": ("outside", "dolbom outside care.example.org"),
    "module": ("modules", "dolbom module enable facilities --region KR-11"),
    "region": ("regions", "dolbom region new KR-11 --pack kr_seoul"),
    "new": ("scaffolding", "dolbom new module toys"),
    "why": ("explaining", "dolbom why seoul-officer facilities.Facility 12"),
    "i18n": ("translating", "dolbom i18n extract"),
    "rules": ("explaining", "dolbom rules --write docs/rules.md"),
    "backup": ("safety", "dolbom backup dolbom.backup"),
    "restore": ("safety", "dolbom restore dolbom.backup"),
    "drill": ("safety", "dolbom drill"),
    "bench": ("benching", "dolbom bench list --json"),
}
GROUPS = {
    "Run": ("init", "up", "serve", "worker"),
    "Regions and modules": ("region", "module", "check", "why", "rules"),
    "Build": ("new", "i18n"),
    "Safety and speed": ("backup", "restore", "drill", "outside", "bench"),
}


class Dolbom(click.Group):
    """Finds a command by name without importing the others; modules add theirs in `cli.py`, or in `commands/NAME.py` each."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, core's first."""
        return [*CORE, *sorted(self._module_files())]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import the file that holds the command."""
        if name in CORE:
            part: Any = importlib.import_module(f"core.commands.{CORE[name][0]}")
            found = part.commands if getattr(part.commands, "name", "") == name else None
            chosen: click.Command = found or {command.name: command for command in part.singles}[name]
            return chosen
        path = self._module_files().get(name)
        commands: click.Command | None = importlib.import_module(path).commands if path else None
        return commands

    @staticmethod
    def _module_files() -> dict[str, str]:
        from core.host.discovery import folders  # slow to import, and most commands are the host's own

        found: dict[str, str] = {}
        for folder, package in folders(ROOT):
            if (folder / "cli.py").is_file():
                found[package.rpartition(".")[2]] = f"{package}.cli"
            for path in sorted((folder / "commands").glob("[a-z]*.py")):
                found[path.stem] = f"{package}.commands.{path.stem}"
        return found

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list grouped, with one example each."""
        formatter.write(f"Dolbom {__version__} – public childcare, openly kept.\n")
        for title, names in (*GROUPS.items(), ("Modules", tuple(self._module_files()))):
            with formatter.section(title):
                rows = [(n, CORE[n][1] if n in CORE else f"dolbom {n} --help") for n in names]
                formatter.write_dl(rows) if rows else None


@click.group(cls=Dolbom, invoke_without_command=True)
@click.version_option(__version__, prog_name="dolbom")
@click.pass_context
def command(ctx: click.Context) -> None:
    """Public childcare, openly kept."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main() -> None:
    """Entry point; works from any folder."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(Path(ROOT)))
    command(prog_name="dolbom")


if __name__ == "__main__":
    main()
