"""Run pg_dump and pg_restore: the right version, no password on a command line, the last line of their complaint."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from core.db.backup.refusals import ToolFailed
from core.db.servers.address import Servers

_BLOCK = 1 << 20
#: Extensions stand in every database of ours already, and their owner is another; so does the schema public.
_NOT_OURS = re.compile(
    r"^\d+; \d+ \d+ (EXTENSION|COMMENT - EXTENSION|(COMMENT|ACL) - SCHEMA public|SCHEMA - public)"
)


def dump(servers: Servers, address: str, snapshot: str, major: int) -> Iterator[bytes]:
    """The dump in custom format, block by block."""
    options = ["--format=custom", f"--snapshot={snapshot}", "--no-password"]
    bare, environment = _without_password(address)
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            [_tool(servers.pg_bin, "pg_dump", major), *options, f"--dbname={bare}"],
            stdout=subprocess.PIPE, stderr=said, env=environment,
        )  # fmt: skip
        assert child.stdout is not None
        try:
            while block := child.stdout.read(_BLOCK):
                yield block
        finally:
            child.stdout.close()
            try:
                child.wait(60)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        if child.returncode:
            said.seek(0)
            raise ToolFailed(f"pg_dump: {_last(said.read())}")


def load(servers: Servers, path: Path, major: int) -> None:
    """Restore a dump as the owner, in one transaction: all of it or nothing."""
    tool = _tool(servers.pg_bin, "pg_restore", major)
    listed = subprocess.run([tool, "--list", str(path)], capture_output=True, check=False)
    if listed.returncode:
        raise ToolFailed(f"pg_restore: {_last(listed.stderr)}")
    lines = [line for line in listed.stdout.decode().splitlines() if not _NOT_OURS.match(line)]
    bare, environment = _without_password(servers.owner_url)
    with tempfile.NamedTemporaryFile("w", suffix=".list") as wanted:
        wanted.write("\n".join(lines) + "\n")
        wanted.flush()
        options = [
            "--no-owner",
            "--single-transaction",
            "--exit-on-error",
            "--no-password",
            f"--use-list={wanted.name}",
        ]
        done = subprocess.run(
            [tool, *options, f"--dbname={bare}", str(path)], capture_output=True, env=environment, check=False
        )
    if done.returncode:
        raise ToolFailed(f"pg_restore: {_last(done.stderr)}")


def _tool(folder: Path | None, name: str, major: int) -> str:
    """The tool beside the server's binaries, else one in PATH that is not older than the server."""
    found = shutil.which(name, path=str(folder)) if folder else shutil.which(name)
    if not found:
        raise ToolFailed(
            f"{name} is missing; install the package postgresql-client-{major}, or run: make setup"
        )
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"(\d+)", said.partition(")")[2])
    if not version or int(version[1]) < major:
        raise ToolFailed(
            f"{found} is {said.strip() or 'of an unknown version'}, the server is PostgreSQL {major}; install postgresql-client-{major}"
        )
    return found


def _without_password(address: str) -> tuple[str, dict[str, str]]:
    """An address everybody may see in the list of processes, and the environment with its password."""
    parts = urlsplit(address)
    user, _, host = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    if password:
        environment["PGPASSWORD"] = unquote(password)
    return urlunsplit(parts._replace(netloc=f"{name}@{host}" if name else host)), environment


def _last(said: bytes) -> str:
    """The line that tells why."""
    lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower()]
    return (telling or lines or ["it gave no reason"])[0][:400]
