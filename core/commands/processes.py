"""`dolbom init | up | serve | worker`: everything from nothing, and one process each."""

from __future__ import annotations

import importlib
import os
import sys
import threading
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import click

from core.commands import children
from core.commands.session import as_json, bring_up_to_date, guarded, opened, show
from core.config import ROOT, Settings, load_settings
from core.db.base import db
from core.db.servers import attach
from core.errors import DolbomError
from core.host import demo_accounts, hooks, packs
from core.host.running import running
from core.regions import activation
from core.regions.atlas import atlas
from core.security import scope as scopes

commands = None
#: Demo name → its pack.
DEMOS = {"seoul": "kr_seoul", "incheon": "kr_incheon", "krapkowice": "pl_krapkowice"}


class PortTaken(DolbomError):
    """Another program listens on the port."""

    code: ClassVar[str] = "up.port-taken"


class UnknownDemo(DolbomError):
    """There is no demo of this name."""

    code: ClassVar[str] = "init.unknown-demo"


@click.command("init")
@click.option("--demo", help="seoul,incheon,krapkowice or none (default: the settings').")
@click.option("--administrator", metavar="LOGIN", help="Issue the first administrator; prints the link to choose a password.")
@click.option("--name", default="", help="The administrator's name.")
@click.option("--language", default="en", type=click.Choice(["en", "ko", "pl"]), help="The administrator's language.")
@as_json
@guarded
def init(demo: str | None, administrator: str | None, name: str, language: str, as_json: bool) -> None:
    """Create the home, migrate, load demo data if wanted; repeating it changes nothing."""
    from core.security.first_account import first_administrator

    with opened("init"):
        names = (
            load_settings().demo if demo is None else tuple(n for n in demo.split(",") if n and n != "none")
        )
        result = load_demos(names)
        if administrator:
            settings = load_settings()
            token = first_administrator(administrator, name, language)
            result["link"] = f"http://{settings.host}:{settings.port}/activate/{token}"
        show(result, as_json, _logins)


def _logins(result: dict[str, Any]) -> str:
    lines = []
    if "link" in result:
        lines += ["The first administrator chooses a password here (once, within three days):", f"  {result['link']}"]
    lines += [f"demo {name}: {len(made)} regions opened" for name, made in result["opened"].items()]
    if result["logins"]:
        lines += [
            "Demo logins (shown once):",
            *(f"  {login:24} {password}" for login, password in result["logins"].items()),
        ]
    return "\n".join(lines) or "ready"


def load_demos(names: tuple[str, ...]) -> dict[str, Any]:
    """Open the demo regions, import their registers and issue demo accounts; what is there stays."""
    made: dict[str, list[str]] = {}
    logins: dict[str, str] = {}
    for name in names:
        if name not in DEMOS:
            raise UnknownDemo(f"There is no demo {name}: use {', '.join(DEMOS)} or none.")
        folder = packs.pack_of(running().registry, DEMOS[name]).path / "data"
        plan = tomllib.loads((folder / "demo.toml").read_text(encoding="utf-8"))
        if (
            all(code in atlas().by_code for code in plan["open"])
            and (folder / "demo_accounts.toml").exists()
            and _has_logins(folder)
        ):
            continue
        made[name] = [
            code
            for wanted in plan["open"]
            for code in packs.open_with_modules(running().registry, wanted, DEMOS[name])["created"]
        ]
        top = _top(plan["open"])
        _switch_on(plan["modules"], atlas().find(top).no)
        place = atlas().find(plan["open"][0]).no
        hooks.ask("demo", at=place, region_code=top, folder=folder, on=scopes.current().on_date)
        db.session.commit()
        accounts = tomllib.loads((folder / "demo_accounts.toml").read_text(encoding="utf-8"))["account"]
        logins |= demo_accounts.issue_demo(accounts)
        db.session.commit()
    return {"opened": made, "logins": logins}


def _switch_on(modules: list[str], place: int) -> None:
    """The modules a demo shows, with what they need, where they are off."""
    for name in dict.fromkeys(needed for module in modules for needed in running().registry.closure(module)):
        if not activation.answer(name, place).on:
            activation.switch(name, place, on=True, first_day=scopes.current().on_date, reason="demo")


def _top(codes: list[str]) -> str:
    """The smallest region that holds all the codes: their own if one, else the common parent."""
    if len(codes) == 1:
        return codes[0]
    paths = [[node.code for node in atlas().path(atlas().find(code).no)] for code in codes]
    return next((code for code in reversed(paths[0]) if all(code in path for path in paths)), codes[0])


def _has_logins(folder: Path) -> bool:
    import sqlalchemy as sa

    from core.security.accounts import Account

    first = tomllib.loads((folder / "demo_accounts.toml").read_text(encoding="utf-8"))["account"][0]["login"]
    return db.session.scalar(sa.select(Account.id).where(Account.login == first)) is not None


@click.command("serve")
@guarded
def serve() -> None:
    """The web server alone."""
    _refuse_taken_port(load_settings())
    _serve()


def _serve() -> None:
    from gunicorn.app.wsgiapp import WSGIApplication

    os.chdir(ROOT)
    sys.argv = ["gunicorn", "--config", "core/web/gunicorn.py", "wsgi:app"]
    WSGIApplication().run()


@click.command("worker")
@click.option("--burst", is_flag=True, help="Stop when nothing more is due.")
@guarded
def worker(burst: bool) -> None:
    """Background work: answers the bell, and relays the outbox to it."""
    _work(burst=burst)


def _work(*, burst: bool = False) -> None:
    from core.app import create_app
    from core.jobs import relay
    from core.jobs import worker as workers

    settings = load_settings()
    with attach(settings) as attached:
        app = create_app(settings, servers=attached.servers)
        stop = threading.Event()
        threading.Thread(target=relay.run, args=(app, stop), daemon=True, name="relay").start()
        try:
            workers.run(app, burst=burst)
        finally:
            stop.set()


@click.command("up")
@guarded
def up() -> None:
    """Everything: servers, migrations, demo data, web, worker, what modules run beside them; Ctrl-C stops all of it."""
    from core.web import post_box

    settings = load_settings()
    _refuse_taken_port(settings)
    began = time.monotonic()
    with attach(settings) as attached:
        further = _prepare(settings, attached)
        parts = [children.start("web server", _serve), children.start("worker", _work)]
        beside = [children.Beside(name, part) for name, part in further.items()]
        children.wait_ready(settings, parts)
        click.echo(
            f"Dolbom serves http://{settings.host}:{settings.port} ({time.monotonic() - began:.1f} s). Ctrl-C stops it."
        )
        if settings.env != "prod":
            click.echo(f"Codes and links for people lie in {post_box.folder(settings)} (development only).")
        children.watch(parts, beside)


def _of_modules() -> dict[str, Callable[[], None]]:
    """Further processes that modules ask for in `processes.py`, by name."""
    found: dict[str, Callable[[], None]] = {}
    for module in running().registry:
        if (module.path / "processes.py").is_file():
            found |= importlib.import_module(f"{module.package}.processes").PROCESSES
    return found


def _prepare(settings: Settings, attached: Any) -> dict[str, Callable[[], None]]:
    """Migrate and load the demo; gives the further processes of the modules."""
    from core.app import create_app
    from core.security import access

    app = create_app(settings, servers=attached.servers)
    with app.app_context():
        bring_up_to_date()
        with access.asking(), scopes.system("command: up", actor="cli:up"):
            done = load_demos(settings.demo)
        if done["logins"]:
            click.echo(_logins(done))
        for engine in db.engines.values():
            engine.dispose()
        return _of_modules()


def _refuse_taken_port(settings: Settings) -> None:
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise PortTaken(
                f"{settings.host}:{settings.port} cannot be used ({error.strerror}): set PORT to a free one."
            ) from None


singles = (init, up, serve, worker)
