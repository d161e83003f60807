"""The rules in force at a place: value, origin, validity, legal basis, certainty (F-45, E-04)."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_wtf.csrf import generate_csrf

from core.db.base import db
from core.errors import DolbomError, NotFound
from core.host import packs
from core.regions import policies
from core.regions.atlas import Node, atlas
from core.security import access
from core.security import scope as scopes
from core.text import _
from core.web import i18n
from core.web.admin.guarded import PageView
from core.web.office import naming


class PoliciesPage(PageView):
    """Read the rules of a region on a day; set an own value where the law leaves it to the region."""

    slug = "policies"
    title = _("Rules")
    section = _("Administration")
    icon = "scale"
    weight = 20
    permission = "core.policy"

    @expose("/")
    def index(self) -> Any:
        """All rules of one region on one day."""
        node, day = self._region(), self._day()
        language = scopes.current().language
        return self.render(
            "office/policies.html", node=node, day=day, rows=packs.settings(node, day), regions=naming.regions(),
            name=node.name(language), may_change=access.allowed("core.policy.update", at=node.no), show=_show,
        )  # fmt: skip

    @expose("/change", methods=("GET", "POST"))
    def change(self) -> Any:
        """Set an own value of one rule from a day, with its legal basis."""
        node, key = self._region(), request.args.get("key", "")
        access.require("core.policy.update", at=node.no)
        known = policies.catalogue(node.no).get(key)
        if not known:
            raise NotFound(_("There is no rule with this name here: go back to the list of rules."))
        if request.method == "POST":
            return self._save(node, key)
        return self.render(
            "office/policy_change.html", node=node, key=key, known=known, csrf=generate_csrf(), show=_show,
            statuses=policies.STATUSES, value=json.dumps(known[0].value, ensure_ascii=False, indent=1, default=str),
            name=node.name(scopes.current().language), today=scopes.current().on_date.isoformat(),
        )  # fmt: skip

    def _save(self, node: Node, key: str) -> Any:
        form = request.form
        try:
            policies.override(
                key, place=node.no, value=json.loads(form["value"]), valid_from=date.fromisoformat(form["valid_from"]),
                valid_to=date.fromisoformat(form["valid_to"]) if form.get("valid_to") else None,
                kinds=tuple(form.getlist("kind")), legal_basis=form.get("legal_basis", ""),
                status=form.get("status", ""), note=form.get("note", ""),
            )  # fmt: skip
            db.session.commit()
        except json.JSONDecodeError:
            flash(
                _(
                    "The value is not readable: keep the form of the value in force and change only what differs."
                ),
                "error",
            )
        except (ValueError, KeyError):
            flash(_("Write the days as dates."), "error")
        except DolbomError as refused:
            db.session.rollback()
            flash(str(refused), "error")
        else:
            flash(_("%(key)s has an own value here now.", key=key), "success")
            return redirect(self.get_url(".index", region=node.code))
        return redirect(self.get_url(".change", region=node.code, key=key))

    def _region(self) -> Node:
        tree, me = atlas(), scopes.current()
        node = tree.by_code.get(request.args.get("region", ""))
        if node is None and me.place is not None:
            node = tree.region_of(me.place)
        if node is None:
            node = next(iter(tree.nodes.values()), None)
        if node is None:
            raise NotFound(_("There is no region yet: open one from its pack."))
        return node

    def _day(self) -> date:
        try:
            return date.fromisoformat(request.args.get("at", ""))
        except ValueError:
            return scopes.current().on_date


def _show(value: Any) -> str:
    """A value in one readable line."""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_show(part)}" for key, part in value.items())
    if isinstance(value, list):
        return ", ".join(map(_show, value))
    return i18n.day(value) if isinstance(value, date) else str(value)
