"""What a stranger finds when knocking at a server that people use: its certificate, its TLS, and what it lets through.

Nothing of this can be seen from inside, because a proxy ends TLS (ASVS V12.1.1, V12.2.1, V12.2.2, V3.4.1, V13.4.1).
"""

from __future__ import annotations

import re
import socket
import ssl
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path

from core.checks.finding import Result

#: Seconds one knock may take.
PATIENCE = 10
YEAR = 365 * 24 * 3600
#: What no server should speak any more.
OLD = {"TLS 1.0": ssl.TLSVersion.TLSv1, "TLS 1.1": ssl.TLSVersion.TLSv1_1}


@dataclass(frozen=True)
class Server:
    """Where to knock: its name, both ports, and whom to trust (None: whom this machine trusts)."""

    name: str
    port: int = 443
    plain: int = 80
    trust: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Checks certificate and name as a browser does."""
        return ssl.create_default_context(cafile=self.trust)

    def get(self, path: str) -> HTTPResponse:
        """The answer by TLS, headers only; whoever gave it is not asked for papers here."""
        context = self.context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return _asked(HTTPSConnection(self.name, self.port, timeout=PATIENCE, context=context), path)


def look(server: Server) -> list[Result]:
    """All findings; a server that does not answer at all is one of them."""
    return [judge(server) for judge in (trusted, only_new, encrypted, remembered, hidden)]


def trusted(server: Server) -> Result:
    """Whether a browser would open the page without a warning (V12.2.2)."""
    return _result(
        "certificate", "The certificate is publicly trusted, in time and made out to this name.",
        "Get one from a public authority (docs/operations.md, TLS).", lambda: _shaken(server, server.context())[1:],
    )  # fmt: skip


def only_new(server: Server) -> Result:
    """Whether TLS 1.2 and 1.3 alone are spoken, 1.3 first (V12.1.1)."""
    return _result(
        "tls-versions", "TLS 1.3 is taken first, and 1.0 and 1.1 are refused.",
        "Set `ssl_protocols TLSv1.2 TLSv1.3;` or what your proxy calls it.", lambda: _versions(server),
    )  # fmt: skip


def encrypted(server: Server) -> Result:
    """Whether plain HTTP gets a way to https or nothing (V12.2.1)."""
    return _result(
        "no-plain-http", "Plain HTTP is led to https or refused.", "Redirect port 80 to https and serve nothing there.",
        lambda: _plain(server),
    )  # fmt: skip


def remembered(server: Server) -> Result:
    """Whether browsers are told to come by https for a year, and cookies belong to this host (V3.3.1, V3.4.1)."""
    return _result(
        "hsts", "Browsers are told to come by https only, and cookies belong to this host.",
        "Run Dolbom with DOLBOM_ENV=prod, and let the proxy pass its headers on.", lambda: _kept(server),
    )  # fmt: skip


def hidden(server: Server) -> Result:
    """Whether the history of the code is out of reach (V13.4.1)."""
    return _result(
        "no-history", "No file of version control is served.", "Let the proxy serve no folder of the code.",
        lambda: [path for path in ("/.git/HEAD", "/.git/config", "/.svn/entries") if server.get(path).status == 200],
    )  # fmt: skip


def _versions(server: Server) -> list[str]:
    context = server.context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    taken, *wrong = _shaken(server, context)
    found = wrong or ([] if taken == "TLSv1.3" else [f"{taken} was taken where 1.3 was offered"])
    return found + [f"{name} is spoken" for name, version in OLD.items() if not _shaken(server, _old(version))[1:]]


def _old(version: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")  # or this machine would refuse before the server is asked
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    return context


def _shaken(server: Server, context: ssl.SSLContext) -> list[str]:
    """The version both sides agreed on, then what went wrong."""
    try:
        with (
            socket.create_connection((server.name, server.port), timeout=PATIENCE) as bare,
            context.wrap_socket(bare, server_hostname=server.name) as safe,
        ):
            return [safe.version() or ""]
    except (OSError, ssl.SSLError) as error:
        return ["", f"{server.name}:{server.port}: {getattr(error, 'verify_message', '') or error}"]


def _plain(server: Server) -> list[str]:
    try:
        answer = _asked(HTTPConnection(server.name, server.plain, timeout=PATIENCE), "/login")
    except ConnectionRefusedError:
        return []  # nobody listens: nothing can be read on the way
    leads = answer.getheader("Location", "")
    if answer.status >= 400 or leads.startswith("https://"):
        return []
    return [f"http://{server.name}:{server.plain}/login answers {answer.status} {leads}".rstrip()]


def _kept(server: Server) -> list[str]:
    answer = server.get("/login")
    age = re.search(r"max-age=(\d+)", answer.getheader("Strict-Transport-Security", ""))
    found = [] if age and int(age[1]) >= YEAR else ["Strict-Transport-Security names no year"]
    cookies = answer.headers.get_all("Set-Cookie") or []
    return found + [
        f"the cookie {one.partition('=')[0]} is not bound to this host"
        for one in cookies if not (one.startswith("__Host-") and "; Secure" in one)
    ]  # fmt: skip


def _asked(connection: HTTPConnection, path: str) -> HTTPResponse:
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer
    finally:
        connection.close()


def _result(name: str, message: str, action: str, find: Callable[[], list[str]]) -> Result:
    try:
        return Result(name, message, action, find())
    except (OSError, HTTPException) as error:
        return Result(name, message, action, [f"no answer: {error}"])
