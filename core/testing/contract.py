"""What every module promises, inherited instead of written: `class TestToys(ModuleContract): module = "toys"`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, ClassVar

import sqlalchemy as sa
from flask import Flask

from core import checks
from core.db import migrations
from core.db.base import db, mapped_classes
from core.host import hooks
from core.host.lifecycle import core_scripts
from core.host.running import running
from core.regions import activation
from core.security import access
from core.security import scope as scopes
from core.testing.world import World


class ModuleContract:
    """Checks that hold for every module; a subclass names it and may add its own tests."""

    module: ClassVar[str]

    def test_it_runs(self, app: Flask) -> None:
        """The manifest is right, everything it needs is there, nothing of it failed to import."""
        registry = running().registry
        assert self.module in registry.modules, registry.quarantine.get(self.module)

    def test_models_are_walled(self, app: Flask) -> None:
        """Scopes, policies, unique constraints, indexes and history of its tables are as they must be."""
        names = (
            "scoped-models",
            "row-walls",
            "unique-in-scope",
            "indexed-foreign-keys",
            "recorded",
            "granted",
        )
        found = [record for result in checks.run(running(), names) for record in result.records]
        assert not [
            record for record in found if record.startswith((f"{self.module}.", f"modules.{self.module}."))
        ]

    def test_permissions_are_granted(self, app: Flask) -> None:
        """Services ask, and what they ask for stands in access.csv."""
        found = [
            r
            for result in checks.run(running(), ("services-ask", "permissions-held"))
            for r in result.records
        ]
        assert not [record for record in found if self.module in record]

    def test_tables_are_called_what_they_hold(self, app: Flask) -> None:
        """Whoever switches the module reads words, not names of tables: a page's title or the class's `__title__`."""
        pages = {getattr(view, "of", None) for view in app.extensions["dolbom_office"]._views}
        bare = [
            cls
            for cls in mapped_classes(self.module)
            if cls not in pages and not getattr(cls, "__title__", None)
        ]
        assert not bare, f"name a page for them or give them __title__ = _('…'): {bare}"

    def test_schema_can_be_built_and_removed(self, app: Flask) -> None:
        """From an empty database its tables arrive, the uninstall plan lists every one, and nothing stays after."""
        life = running().lifecycle
        plan = life.plan("uninstall", self.module)
        mapped = {cls.__table__.fullname for cls in mapped_classes(self.module)}
        assert mapped <= {table.name for table in plan.tables}
        assert migrations.head(core_scripts(running().root))

    def test_off_leaves_no_trace(
        self, app: Flask, world: World, acting: Callable[..., AbstractContextManager[Any]], client: Any
    ) -> None:
        """Switched off: no route, no menu entry, no card, no answer to any question (architecture check 4)."""
        self.switch(world, on=False)
        with acting("administrator", world.district):
            assert not activation.is_active(self.module)
            heard = {question for question, names in hooks.asked().items() if self.module in names}
            assert not heard, f"{self.module} is off and answers {sorted(heard)}"
        with scopes.system("look at the routes"):
            mine = [
                r for r in app.url_map.iter_rules() if r.endpoint.split(".")[0].split("-")[0] == self.module
            ]
        for rule in mine:
            if "GET" in (rule.methods or ()) and not rule.arguments:
                assert client.get(rule.rule).status_code == 404, (
                    f"{rule.rule} answers although {self.module} is off"
                )

    def test_on_again_nothing_was_lost(self, app: Flask, world: World) -> None:
        """Off and on again: every row is where it was."""
        before = self.rows()
        self.switch(world, on=False)
        self.switch(world, on=True)
        assert self.rows() == before
        with scopes.system("look"):
            assert activation.is_active(self.module, world.district)

    def rows(self) -> dict[str, int]:
        """Rows by table of the module."""
        return {table.name: table.rows for table in running().lifecycle.plan("disable", self.module).tables}

    def switch(self, world: World, *, on: bool) -> None:
        """Switch the module everywhere in the test world, with what depends on it."""
        names = [self.module, *running().registry.dependants(self.module)] if not on else [
            *(n for n in running().registry.closure(self.module)), *running().registry.dependants(self.module)]  # fmt: skip
        with access.asking(), scopes.system("switch a module in a test"):
            for name in names:
                if running().registry.modules[name].kind != "region":
                    activation.switch(name, world.city, on=on, first_day=date(2020, 1, 1), reason="test")
            db.session.commit()
            assert db.session.scalar(sa.text("select 1")) == 1
