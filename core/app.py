"""Put Dolbom together: this file reads like its table of contents."""

from __future__ import annotations

from apiflask import APIFlask
from flask import Blueprint

from core.config import ROOT, Settings, load_settings
from core.db.base import ENGINE_OPTIONS, SYSTEM_OPTIONS, db
from core.db.servers.address import Servers
from core.host import discovery, hooks
from core.host.running import EXTENSION, Running
from core.regions import activation, policies
from core.security import access, roles
from core.web.api import SPEC_PATH


def create_app(
    settings: Settings | None = None, *, servers: Servers, only: frozenset[str] | None = None
) -> APIFlask:
    """Build the application on running servers.

    `only` keeps these modules and their needs (isolation tests).
    """
    settings = settings or load_settings()
    app = APIFlask(
        "dolbom", title="Dolbom", docs_path=None, spec_path=SPEC_PATH, static_folder=None
    )
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=servers.app_url,
        SQLALCHEMY_BINDS={
            "system": {"url": servers.system_url, **SYSTEM_OPTIONS},
            "public": {"url": servers.public_url, **ENGINE_OPTIONS},
        },
    )
    registry = discovery.discover(ROOT, only)
    app.extensions[EXTENSION] = Running(settings, servers, registry)
    db.init_app(app)
    _modules(registry)
    _doors(app, settings)
    _pages(app, registry)
    _entrances(app, settings, servers)
    return app


def _modules(registry: discovery.Registry) -> None:
    """Load what modules are made of: parts by file name, permissions, roles, policies, answers to questions."""
    access.book.load("core", ROOT / "core" / "access.csv")
    policies.load("core", ROOT / "core" / "policies")
    discovery.load(registry)
    for manifest in list(registry):
        activation.NEEDS[manifest.name] = tuple(manifest.depends)
        if (manifest.path / "access.csv").exists():
            access.book.load(manifest.name, manifest.path / "access.csv")
        if (manifest.path / "roles.csv").exists():
            roles.book.load(manifest.name, manifest.path / "roles.csv")
        policies.load(manifest.name, manifest.path / "policies")
    for manifest, answers in registry.parts("hooks"):
        if (
            hooks.manager.get_plugin(manifest.name) is not answers
        ):  # a process may make a second app, as tests do
            hooks.register(manifest.name, answers)


def _doors(app: APIFlask, settings: Settings) -> None:
    """What every request passes, in this order; answers pass it backwards."""
    from core.web import errors, headers, i18n, logs, notices, requests, typed_numbers

    logs.install(app, settings)
    headers.install(app, settings)
    requests.install(app)
    errors.install(app)
    i18n.install(app)
    headers.only_as_set_up(app, settings)
    typed_numbers.install(app)
    notices.install(app)


def _pages(app: APIFlask, registry: discovery.Registry) -> None:
    """The theme first, so that its templates win; then the host's pages and every module's."""
    from core.web import (
        account,
        admin,
        api,
        contacts,
        entering,
        factors,
        front,
        health,
        proving,
        register,
        reset,
        sessions,
        shell,
    )
    from core.web.theme import make_theme

    app.register_blueprint(make_theme())
    shell.install(app)
    app.register_blueprint(front.bp)
    for pages in (account, contacts, register, reset, entering, proving, factors, sessions):
        app.register_blueprint(pages.bp)
    app.before_request(factors.lead_to_setting_up)
    app.register_blueprint(health.bp)
    admin.install(app, registry)
    with_pages = set()
    for manifest, web in registry.parts("web"):
        app.register_blueprint(web.bp)
        with_pages.add(manifest.name)
    for manifest in registry:  # a module may have pages in the office only
        if manifest.name not in with_pages and (manifest.path / "templates").is_dir():
            bare = Blueprint(f"{manifest.name}-office", manifest.package, template_folder="templates")
            app.register_blueprint(bare)
    api.install(app)
    for _, open_api in registry.parts("api_v1"):
        app.register_blueprint(open_api.bp)


def _entrances(app: APIFlask, settings: Settings, servers: Servers) -> None:
    """Signing in, and how often one may try."""
    from core.web import limits, login, metrics

    login.install(app)
    limits.install(app, settings, servers)
    metrics.install(app, servers)
