"""Install, upgrade, disable, uninstall: first a plan that says what will happen to tables, rows and dependants, then the act.

Disabling keeps everything. Uninstalling archives the schema to a file first and then drops it whole, also when the
module's folder was deleted before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa

from core.db import migrations
from core.errors import DolbomError
from core.host.discovery import Registry
from core.host.manifest import Manifest
from core.host.state import facts


class PlanBlocked(DolbomError):
    """The plan names something that must be done first."""

    code: ClassVar[str] = "module.blocked"
    http: ClassVar[int] = 409


class UnknownModule(DolbomError):
    """No module of this name is found or installed."""

    code: ClassVar[str] = "module.unknown"
    http: ClassVar[int] = 404


@dataclass(frozen=True)
class TablePlan:
    """One table of the module and how many rows it holds."""

    name: str
    rows: int


@dataclass
class Plan:
    """What an act on a module will do; printed before anything is done."""

    action: str
    module: str
    installed: bool
    revision: str | None
    target: str | None
    tables: list[TablePlan] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    dependants: list[str] = field(default_factory=list)
    activations: int = 0
    retention: str = ""
    personal: list[str] = field(default_factory=list)
    holds: int = 0
    archive: str = ""
    blocked: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows in all tables of the module."""
        return sum(table.rows for table in self.tables)

    def as_json(self) -> dict[str, Any]:
        """The plan as the command line prints it."""
        return {**asdict(self), "rows": self.rows}


def scripts_of(manifest: Manifest, root: Path) -> migrations.Scripts:
    """Where a module's migration scripts lie."""
    return migrations.Scripts(manifest.name, manifest.migrations, root)


def core_scripts(root: Path) -> migrations.Scripts:
    """The host's own migration scripts."""
    return migrations.Scripts("core", root / "migrations" / "core", root)


class Lifecycle:
    """Acts on modules with the owner's connection; `archive` writes a schema to a file before it is dropped."""

    def __init__(
        self, owner: sa.Engine, registry: Registry, root: Path, archive: Callable[[str], Path] | None = None
    ) -> None:
        self.owner, self.registry, self.root, self.archive = owner, registry, root, archive

    def upgrade_core(self) -> tuple[str | None, str | None]:
        """Bring the host's own schema up to date."""
        with self.owner.begin() as connection:
            return migrations.upgrade(connection, core_scripts(self.root))

    def upgrade_all(self, names: list[str] | None = None) -> dict[str, tuple[str | None, str | None]]:
        """Install or upgrade every running module (or `names` and what they need) in order, one transaction each."""
        for name in names or ():
            self.manifest(name)
        wanted = None if names is None else {n for name in names for n in self.registry.closure(name)}
        done = {"core": self.upgrade_core()}
        for manifest in list(self.registry):
            if wanted is None or manifest.name in wanted:
                done[manifest.name] = self.install(manifest.name)
        return done

    def install(self, name: str) -> tuple[str | None, str | None]:
        """Install or upgrade one module; what it needs must be there already."""
        manifest = self.manifest(name)
        with self.owner.begin() as connection:
            missing = [need for need in manifest.depends if not self._installed(connection, need)]
            if missing:
                raise PlanBlocked(f"{name} needs {', '.join(missing)}: install that first.")
            result = migrations.upgrade(connection, scripts_of(manifest, self.root))
            connection.execute(
                sa.text(
                    "insert into core.module (name, version, title, kind, state, manifest) "
                    "values (:name, :version, :title, :kind, 'installed', :manifest) on conflict (name) do update set "
                    "version = excluded.version, title = excluded.title, kind = excluded.kind, state = 'installed', "
                    "manifest = excluded.manifest, changed_at = clock_timestamp() "
                    "where (module.version, module.title, module.manifest, module.state) is distinct from "
                    "(excluded.version, excluded.title, excluded.manifest, 'installed')"
                ).bindparams(sa.bindparam("manifest", type_=sa.JSON)),
                {
                    "name": name, "version": manifest.version, "title": manifest.title, "kind": manifest.kind,
                    "manifest": facts(manifest),
                },
            )  # fmt: skip
        return result

    def plan(self, action: str, name: str) -> Plan:
        """Say what `install | upgrade | disable | uninstall` of a module would do, counting rows and dependants."""
        manifest = self.registry.modules.get(name)
        with self.owner.connect() as connection:
            installed = self._installed(connection, name)
            if manifest is None and not installed:
                self.manifest(name)
            kept = (
                connection.scalar(sa.text("select manifest from core.module where name = :n"), {"n": name})
                or {}
            )
            known = facts(manifest) if manifest else kept
            plan = Plan(
                action, name, installed, migrations.revision(connection, name),
                migrations.head(scripts_of(manifest, self.root)) if manifest else None,
                retention=known.get("retain", ""), personal=list(known.get("personal", ())),
            )  # fmt: skip
            plan.needs = [
                n for n in (manifest.depends if manifest else ()) if not self._installed(connection, n)
            ]
            plan.tables = self._tables(connection, name)
            plan.dependants = self._dependants(connection, name)
            plan.activations = self._count(
                connection, "core.activation", "module = :n and state = 'on'", name
            )
            plan.holds = self._count(connection, "core.legal_hold", "module = :n and lifted_at is null", name)
            self._judge(plan)
            return plan

    def _judge(self, plan: Plan) -> None:
        if plan.action == "uninstall":
            if not plan.installed:
                plan.blocked.append(f"{plan.module} is not installed.")
            if plan.dependants:
                plan.blocked.append(f"These need it: {', '.join(plan.dependants)}. Uninstall them first.")
            if plan.holds:
                plan.blocked.append(f"{plan.holds} legal hold(s) protect its data. Lift them first.")
            plan.archive = (
                "the whole schema is written to a file in the home's archive folder before it is dropped"
            )
        elif plan.action in ("install", "upgrade") and plan.needs:
            plan.blocked.append(f"It needs {', '.join(plan.needs)}: install that first.")

    def uninstall(self, name: str) -> Plan:
        """Archive the module's schema, then remove it whole: tables, version table, activation lines, policy overrides."""
        plan = self.plan("uninstall", name)
        if plan.blocked:
            raise PlanBlocked(" ".join(plan.blocked))
        if self.archive is not None and plan.tables:
            plan.archive = str(self.archive(name))
        with self.owner.begin() as connection:
            connection.execute(sa.text("select pg_advisory_xact_lock(:lock)"), {"lock": migrations.LOCK})
            connection.execute(sa.text(f'drop schema if exists "{name}" cascade'))
            for table, column in (
                ("core.activation", "module"),
                ("core.policy_override", "split_part(key, '.', 1)"),
            ):
                self._delete_under_force(connection, table, f"{column} = :n", name)
            connection.execute(sa.text("delete from core.module where name = :n"), {"n": name})
        return plan

    @staticmethod
    def _delete_under_force(connection: sa.Connection, table: str, condition: str, name: str) -> None:
        connection.execute(sa.text(f"alter table {table} no force row level security"))
        connection.execute(sa.text(f"delete from {table} where {condition}"), {"n": name})
        connection.execute(sa.text(f"alter table {table} force row level security"))

    def manifest(self, name: str) -> Manifest:
        """The manifest of a module that runs; one set aside is refused with its reason."""
        if name not in self.registry.modules:
            aside = self.registry.quarantine.get(name)
            raise UnknownModule(
                f"{name} does not run: {aside.reason}"
                if aside
                else f"There is no module {name}: see `dolbom module list`."
            )
        return self.registry.modules[name]

    @staticmethod
    def _installed(connection: sa.Connection, name: str) -> bool:
        if name == "core":
            return True
        row = connection.scalar(
            sa.text("select 1 from core.module where name = :n and state = 'installed'"), {"n": name}
        )
        return row is not None

    def _dependants(self, connection: sa.Connection, name: str) -> list[str]:
        by_manifest = connection.scalars(
            sa.text(
                "select name from core.module where state = 'installed' and manifest -> 'depends' ? :n order by 1"
            ),
            {"n": name},
        )
        return sorted({*by_manifest, *migrations.foreign_dependants(connection, name)} - {"core"})

    @staticmethod
    def _tables(connection: sa.Connection, schema: str) -> list[TablePlan]:
        names = connection.scalars(
            sa.text(
                "select tablename from pg_tables where schemaname = :s and tablename <> 'alembic_version' order by 1"
            ),
            {"s": schema},
        ).all()
        found = []
        for table in names:
            qualified = f'"{schema}"."{table}"'
            forced = connection.scalar(
                sa.text("select relforcerowsecurity from pg_class where oid = cast(:t as regclass)"),
                {"t": qualified},
            )
            with connection.begin_nested() as inner:
                if forced:  # the owner counts everything, and puts the wall back by rolling back
                    connection.execute(sa.text(f"alter table {qualified} no force row level security"))
                rows = connection.scalar(sa.text(f"select count(*) from {qualified}")) or 0
                inner.rollback()
            found.append(TablePlan(f"{schema}.{table}", rows))
        return found

    @staticmethod
    def _count(connection: sa.Connection, table: str, condition: str, name: str) -> int:
        if not connection.scalar(sa.text("select to_regclass(:t)"), {"t": table}):
            return 0
        with connection.begin_nested() as inner:
            connection.execute(sa.text(f"alter table {table} no force row level security"))
            rows = (
                connection.scalar(sa.text(f"select count(*) from {table} where {condition}"), {"n": name})
                or 0
            )
            inner.rollback()
        return int(rows)
