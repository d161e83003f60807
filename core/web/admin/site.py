"""One Flask-Admin site at /office for all modules' views, found by file name."""

from __future__ import annotations

from typing import Any

from flask import Flask, g
from flask_admin import Admin, AdminIndexView, expose
from flask_admin.theme import Theme

from core.db.base import db
from core.host.discovery import Registry
from core.security import access
from core.text import _
from core.web.admin.guarded import BadView, Guarded, sign_in_first
from core.web.admin.view import SafeView
from core.web.theme import OFFICE_BASE, OFFICE_FOLDER


class Start(AdminIndexView):  # type: ignore[misc]
    """The start page of a post: its key figures and what waits for it."""

    @expose("/")
    def index(self) -> Any:
        """Cards of all modules that are on here."""
        from core.web.shell import start_page

        return self.render("admin/index.html", **start_page())

    def is_accessible(self) -> bool:
        """Any signed-in person has a start page."""
        access.note("start page of one's own post")
        return g.get("identity") is not None

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        """Strangers sign in first."""
        return sign_in_first()


def install(app: Flask, registry: Registry) -> Admin:
    """Create the site and add the views of the host and of every module's admin.py."""
    site = Admin(
        app,
        name="Dolbom",
        index_view=Start(name=_("Start"), url="/office", endpoint="office"),
        theme=Theme(folder=OFFICE_FOLDER, base_template=OFFICE_BASE),
        csp_nonce_generator=lambda: g.get("csp_nonce", ""),
    )
    app.extensions["dolbom_office"] = site
    from core.web import office

    for view in vars(office).values():
        register(site, "core", view)
    for manifest, part in registry.parts("admin"):
        for view in list(vars(part).values()):
            if getattr(view, "__module__", "").startswith(manifest.package):
                register(site, manifest.name, view)
    return site


def register(site: Admin, module: str, view: Any) -> None:
    """Add a view class of a module under `/office/<module>/<name>`; anything that is no view is passed over."""
    if not isinstance(view, type) or not issubclass(view, Guarded) or "slug" not in vars(view):
        if (
            isinstance(view, type)
            and issubclass(view, SafeView)
            and view is not SafeView
            and vars(view).get("model")
        ):
            raise BadView(f"{view.__name__}: give it a slug, the last part of its address.")
        return
    where = {"endpoint": f"{module}-{view.slug}", "url": f"/office/{module}/{view.slug}"}
    made = view(view.of, db, **where) if issubclass(view, SafeView) else view(**where)
    made.name = getattr(view, "title", view.__name__)
    site.add_view(made)
