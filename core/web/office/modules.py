"""The matrix of regions and modules: what is on where, since when, own or inherited, and what a change would do (F-40)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf

from core.db.base import db
from core.errors import DolbomError, NotFound
from core.host.running import running
from core.host.switching import effect
from core.regions import activation
from core.regions.atlas import Node, atlas
from core.security import access
from core.security import scope as scopes
from core.text import _
from core.web import i18n
from core.web.admin.guarded import PageView
from core.web.office import naming

#: A wider matrix is shown for one province at a time.
MAX_ROWS = 60


class ModulesPage(PageView):
    """Switch modules on and off, after reading what that does."""

    slug = "modules"
    title = _("Modules")
    section = _("Administration")
    icon = "grid"
    weight = 10
    permission = "core.module"

    @expose("/")
    def index(self) -> Any:
        """The matrix of the places in the post."""
        language, here = scopes.current().language, self._rows()
        columns = [(m.name, _title(m.name)) for m in running().registry if m.kind != "region"]
        rows = [
            {"label": node.name(language), "url": self.get_url(".index", at=node.code) if node.level != "district" else None,
             "cells": [self._cell(name, node, language) for name, _shown in columns]}
            for node in here
        ]  # fmt: skip
        return self.render(
            "office/modules.html", columns=columns, rows=rows, quarantine=list(running().registry.quarantine.values()),
            packs=running().registry.packs(),
        )  # fmt: skip

    def _rows(self) -> list[Node]:
        tree, me = atlas(), scopes.current()
        wanted = request.args.get("at")
        if wanted and wanted in tree.by_code and me.covers(tree.by_code[wanted].no):
            top = tree.by_code[wanted]
            return [top, *tree.children(top.no)][:MAX_ROWS]
        mine = [node for node in tree.nodes.values() if me.covers(node.no)]
        return (
            mine if len(mine) <= MAX_ROWS else [node for node in mine if node.level != "district"][:MAX_ROWS]
        )

    def _cell(self, module: str, node: Node, language: str) -> dict[str, Any]:
        found = activation.answer(module, node.no)
        blocked = found.on and not activation.is_active(module, node.no)
        origin = atlas().nodes.get(found.place_no or -1) if found.inherited else None
        return {
            "state": "blocked" if blocked else "on" if found.on else "off",
            "since": i18n.day(found.first_day) if found.first_day else None,
            "origin": origin.name(language) if origin else None,
            "url": self.get_url(".change", module=module, at=node.code) if self.may_switch(node) else None,
            "effect": "; ".join(str(line) for line in self.effects(module, node, on=not found.on)),
        }

    def may_switch(self, node: Node) -> bool:
        """Whether the post may switch modules at this region."""
        return access.allowed("core.activation.update", at=node.no)

    def effects(self, module: str, node: Node, *, on: bool) -> Iterator[Any]:
        """What switching would do here, in sentences; nothing is done."""
        place = node.name(scopes.current().language)
        found = effect(running().registry, module, node, on=on)
        if on:
            yield _(
                "Turns %(module)s on in %(place)s and all places below that say nothing else.",
                module=_title(module),
                place=place,
            )
            if found.missing:
                yield _("Stays without effect until these are on: %(names)s.", names=", ".join(map(_title, found.missing)))
            return
        yield _(
            "Turns %(module)s off in %(place)s: its pages, tasks and menu entries disappear.",
            module=_title(module),
            place=place,
        )
        yield _("All its data stays and is there again when it is turned on.")
        if found.losing:
            yield _("These need it and stop with it: %(names)s.", names=", ".join(map(_title, found.losing)))

    @expose("/change", methods=("GET", "POST"))
    def change(self) -> Any:
        """Show the effect with tables and rows, then do it with a reason."""
        module, node = self._asked()
        access.require("core.activation.update", at=node.no)
        now = activation.answer(module, node.no)
        if request.method == "POST":
            return self._do(module, node, on=not now.on)
        db.session.rollback()  # the plan counts behind the walls and would wait for what this page has read
        plan = running().lifecycle.plan("install" if not now.on else "disable", module)
        return self.render(
            "office/module_change.html", module=running().registry.modules[module], node=node, on=now.on, plan=plan,
            effects=list(self.effects(module, node, on=not now.on)), csrf=generate_csrf(), today=scopes.current().on_date.isoformat(),
            name=node.name(scopes.current().language), holds={table.name: naming.table(table.name) for table in plan.tables},
        )  # fmt: skip

    def _asked(self) -> tuple[str, Node]:
        module, code = request.args.get("module", ""), request.args.get("at", "")
        tree = atlas()
        if (
            module not in running().registry.modules
            or code not in tree.by_code
            or not scopes.current().covers(tree.by_code[code].no)
        ):
            raise NotFound(_("There is no such module or region here: go back to the list of modules."))
        return module, tree.by_code[code]

    def _do(self, module: str, node: Node, *, on: bool) -> Any:
        try:
            day = date.fromisoformat(request.form.get("first_day", ""))
            activation.switch(
                module, node.no, on=on, first_day=day, reason=request.form.get("reason", "").strip()
            )
            db.session.commit()
        except (ValueError, DolbomError) as refused:
            db.session.rollback()
            flash(
                str(refused) if isinstance(refused, DolbomError) else _("Write the first day as a date."),
                "error",
            )
            return redirect(self.get_url(".change", module=module, at=node.code))
        flash(_("%(module)s is on from %(day)s.", module=_title(module), day=i18n.day(day)) if on
              else _("%(module)s is off from %(day)s. Its data stays.", module=_title(module), day=i18n.day(day)), "success")  # fmt: skip
        return redirect(self.get_url(".index"))


def _title(module: str) -> str:
    """A module's title in the reader's language."""
    return str(gettext(running().registry.modules[module].title))
