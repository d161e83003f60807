"""Regions of the post: open one from its pack, and the checklist of what is left to do, with progress (E-08, F-41)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_admin import expose
from flask_wtf.csrf import generate_csrf

from core.db.base import db
from core.errors import DolbomError, NotFound
from core.host import packs
from core.host.running import running
from core.regions.atlas import atlas
from core.security import access
from core.security import scope as scopes
from core.text import _
from core.web.admin.guarded import PageView


class RegionsPage(PageView):
    """The region tree with each region's checklist."""

    slug = "regions"
    title = _("Regions")
    section = _("Administration")
    icon = "map"
    weight = 5
    permission = "core.region"

    @expose("/")
    def index(self) -> Any:
        """Regions of the post, and those the packs could open."""
        me, tree, language = scopes.current(), atlas(), scopes.current().language
        mine = [(len(tree.path(n.no)), n, n.name(language)) for n in tree.nodes.values() if me.covers(n.no)]
        ready = [
            (code, entry.names.get(language, entry.names["en"]), manifest)
            for manifest in running().registry.packs()
            for code, entry in packs.entries(manifest.path).items()
            if not entry.gazetteer
            and manifest.region
            and code == manifest.region.code
            and code not in tree.by_code
        ]
        return self.render(
            "office/regions.html",
            mine=mine,
            ready=ready,
            may_open=access.allowed("core.region.create"),
            csrf=generate_csrf(),
        )

    @expose("/open", methods=("POST",))
    def open(self) -> Any:
        """Open a region from its pack with its districts and modules."""
        access.require("core.region.create")
        code, pack = request.form.get("code", ""), request.form.get("pack", "")
        try:
            done = packs.open_with_modules(running().registry, code, pack)
            db.session.commit()
        except DolbomError as refused:
            db.session.rollback()
            flash(str(refused), "error")
            return redirect(self.get_url(".index"))
        flash(
            _(
                "%(code)s is open with %(count)s regions. The checklist shows what is left to do.",
                code=code,
                count=len(done["created"]),
            ),
            "success",
        )
        return redirect(self.get_url(".checklist", region=code))

    @expose("/checklist")
    def checklist(self) -> Any:
        """What is left to do for opening the region or for a new school year."""
        code, when = request.args.get("region", ""), request.args.get("when", "new_region")
        node = atlas().by_code.get(code)
        if node is None or not scopes.current().covers(node.no) or when not in packs.OCCASIONS:
            raise NotFound(_("There is no such region here: go back to the list of regions."))
        steps = packs.checklist(running().registry, node, when)
        return self.render(
            "office/checklist.html", node=node, name=node.name(scopes.current().language), steps=steps, when=when,
            done=sum(step.done is True for step in steps),
        )  # fmt: skip
