"""Find modules, order them by what they need, import their parts by file name, and set broken ones aside with the reason.

A broken module never stops the office: it and those that depend on it are quarantined, the rest runs.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from core import __version__
from core.db.base import FOREIGN_PACKAGES, Base, forget_classes, schema_of
from core.errors import DolbomError
from core.host import borders
from core.host import manifest as manifests
from core.host.manifest import Manifest

ENTRY_POINTS = "dolbom.modules"
#: Files a module may have, in the order they are imported.
PARTS = ("events", "models", "api", "rules", "services", "hooks", "jobs", "statements", "web", "api_v1", "admin", "cli")


@dataclass(frozen=True)
class Quarantined:
    """A module that does not run, why, and what to do."""

    name: str
    reason: str
    detail: str = ""


@dataclass
class Registry:
    """All modules found, in an order in which each comes after those it needs."""

    modules: dict[str, Manifest] = field(default_factory=dict)
    quarantine: dict[str, Quarantined] = field(default_factory=dict)
    loaded: dict[tuple[str, str], ModuleType] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Manifest]:
        return iter(self.modules.values())

    def part(self, module: str, name: str) -> ModuleType | None:
        """The imported file `name`.py of a module, if it has one."""
        return self.loaded.get((module, name))

    def parts(self, name: str) -> Iterator[tuple[Manifest, ModuleType]]:
        """That file of every running module, in order."""
        for manifest in self:
            found = self.part(manifest.name, name)
            if found is not None:
                yield manifest, found

    def packs(self) -> list[Manifest]:
        """The region packs."""
        return [manifest for manifest in self if manifest.kind == "region"]

    def dependants(self, name: str) -> list[str]:
        """Modules that need `name`, directly or not, in order."""
        found: list[str] = []
        for manifest in self:
            if any(needed == name or needed in found for needed in manifest.depends):
                found.append(manifest.name)
        return found

    def closure(self, name: str) -> list[str]:
        """`name` and everything it needs, in order."""
        wanted = {name}
        for manifest in reversed(list(self)):
            if manifest.name in wanted:
                wanted.update(manifest.depends)
        return [manifest.name for manifest in self if manifest.name in wanted]

    def aside(self, name: str, reason: str, detail: str = "") -> None:
        """Quarantine a module and those that depend on it."""
        self.quarantine[name] = Quarantined(name, reason, detail)
        for dependant in self.dependants(name):
            if dependant not in self.quarantine:
                self.quarantine[dependant] = Quarantined(dependant, f"It needs {name}, which does not run.")
            self.modules.pop(dependant, None)
        self.modules.pop(name, None)


def folders(root: Path) -> Iterator[tuple[Path, str]]:
    """(folder, python package) of every module in the tree and of every installed third-party package."""
    for group in ("modules", "plugins"):
        for path in sorted((root / group).glob("*/module.toml")):
            yield path.parent, f"{group}.{path.parent.name}"
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        spec = find_spec(point.value)
        if spec and spec.submodule_search_locations:
            yield Path(next(iter(spec.submodule_search_locations))), point.value


def discover(root: Path, only: frozenset[str] | None = None) -> Registry:
    """Read all manifests and order them; nothing is imported. `only` keeps these modules and what they need."""
    registry = Registry()
    found: dict[str, Manifest] = {}
    for folder, package in folders(root):
        try:
            manifest = manifests.read(folder, package)
        except (DolbomError, OSError) as error:
            registry.quarantine[folder.name] = Quarantined(folder.name, str(error))
            continue
        if manifest.name in found:
            reason = f"Two modules are called {manifest.name}: {found[manifest.name].path} and {folder}; remove one."
            registry.quarantine[manifest.name] = Quarantined(manifest.name, reason)
            continue
        found[manifest.name] = manifest
        if package.split(".")[0] not in ("modules", "plugins"):
            FOREIGN_PACKAGES[package.split(".")[0]] = manifest.name
    _order(found, registry)
    if only is not None:
        keep = {name for wanted in only for name in registry.closure(wanted)}
        registry.modules = {name: m for name, m in registry.modules.items() if name in keep}
    return registry


def _order(found: dict[str, Manifest], registry: Registry) -> None:
    for name, manifest in list(found.items()):
        reason = _misfit(manifest, found)
        if reason:
            registry.quarantine[name] = Quarantined(name, reason)
    graph = {
        name: {*manifest.depends, *(used for used in manifest.uses if used in found)}
        for name, manifest in found.items()
    }
    order: list[str] = []
    while not order and graph:
        try:
            order = list(TopologicalSorter({n: sorted(graph[n]) for n in sorted(graph)}).static_order())
        except CycleError as error:
            cycle = error.args[1]
            for name in sorted(set(cycle) & set(graph)):
                text = " → ".join(reversed(cycle))
                registry.quarantine[name] = Quarantined(
                    name, f"Modules need each other in a circle: {text}. Cut one arrow."
                )
                graph.pop(name)
    registry.modules = {name: found[name] for name in order if name in found}
    for name in list(registry.quarantine):
        kept = registry.quarantine[name]
        registry.aside(name, kept.reason, kept.detail)


def _misfit(manifest: Manifest, found: dict[str, Manifest]) -> str | None:
    if Version(__version__) not in SpecifierSet(manifest.host):
        return f"It wants a host {manifest.host}; this one is {__version__}. Install a fitting version of the module."
    for needed, wanted in manifest.depends.items():
        if needed not in found:
            return f"It needs {needed}, which is not installed. Add it, or remove {manifest.name}."
        if Version(found[needed].version) not in SpecifierSet(wanted):
            return f"It needs {needed} {wanted}; installed is {found[needed].version}."
    return None


def load(registry: Registry, parts: tuple[str, ...] = PARTS) -> None:
    """Import the parts of every module in order; a module that fails is set aside, the rest goes on."""
    for manifest in list(registry):
        if manifest.name not in registry.modules:
            continue
        try:
            with borders.kept(manifest.name):
                _load_one(registry, manifest, parts)
        except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a stranger's module raises must not stop the office
            _forget(manifest.package)
            registry.aside(manifest.name, _reason(error, manifest), traceback.format_exc())
            registry.loaded = {k: v for k, v in registry.loaded.items() if k[0] in registry.modules}


def _load_one(registry: Registry, manifest: Manifest, parts: tuple[str, ...]) -> None:
    for part in parts:
        if (manifest.path / f"{part}.py").exists() or (manifest.path / part / "__init__.py").exists():
            registry.loaded[manifest.name, part] = importlib.import_module(f"{manifest.package}.{part}")


def _reason(error: BaseException, manifest: Manifest) -> str:
    """One line: the place in the module, what is wrong there, and what to do."""
    if isinstance(error, SyntaxError):
        text = f"{error.filename}:{error.lineno}: {error.msg}; correct that line and start again"
    else:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if Path(frame.filename).is_relative_to(manifest.path)]
        kind = "" if isinstance(error, DolbomError) else f"{type(error).__name__}: "
        last = (own or frames)[-1]
        text = f"{kind}{error} ({last.filename}:{last.lineno})"
    return " ".join(text.split())


def _forget(package: str) -> None:
    """Take a half-imported module out again, its tables included, so that nothing of it shows."""
    schema = schema_of(f"{package}.models")
    forget_classes(package)
    for table in [table for table in Base.metadata.tables.values() if table.schema == schema]:
        Base.metadata.remove(table)
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[name]
