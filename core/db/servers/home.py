"""Where a home keeps its servers' data, sockets, logs and locks, and whether we may use it at all."""

from __future__ import annotations

import errno
import hashlib
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from core.db.servers.refusals import DiskFull, HomeNotOurs, HomeNotWritable, HomeTooLong
from core.errors import NO_ROOM

SOCKET_LIMIT = 100  # the kernel takes 107 bytes; a little room for longer socket names
HOME_LIMIT = 900  # PostgreSQL truncates paths at 1023 bytes and adds its own file names


@dataclass(frozen=True)
class Home:
    """The fixed places inside one DOLBOM_HOME."""

    path: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.path / "pg"

    @property
    def valkey(self) -> Path:
        """Valkey's working directory with the append-only file."""
        return self.path / "valkey"

    @property
    def logs(self) -> Path:
        """Where both servers and the guardian log."""
        return self.path / "log"

    @property
    def users_lock(self) -> Path:
        """Held shared by everybody who needs the servers."""
        return self.path / "users.lock"

    @property
    def start_lock(self) -> Path:
        """Held by the one client that starts a guardian; the others wait instead of starting theirs."""
        return self.path / "start.lock"

    @property
    def guardian_lock(self) -> Path:
        """Held by the guardian as long as it lives."""
        return self.path / "guardian.lock"

    @property
    def ready(self) -> Path:
        """The guardian's identity and the services it runs, once they answer."""
        return self.path / "ready"

    @property
    def linger(self) -> Path:
        """Touched by a command that expects the next one soon: the servers then stay a moment longer."""
        return self.path / "linger"

    @property
    def sockets(self) -> Path:
        """The folder of both sockets: `<home>/run`, or a short one where the kernel's limit is passed."""
        run = self.path / "run"
        if len(os.fsencode(run / ".s.PGSQL.5432")) <= SOCKET_LIMIT:
            return run
        # Not TMPDIR: every process of this home must find the same folder, and it may be long itself.
        name = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        return Path("/tmp") / f"dolbom-{os.geteuid()}-{name}"  # noqa: S108  # `private` refuses a prepared one


def open_home(path: Path) -> Home:
    """Create the home where needed and refuse one we could not use safely."""
    if len(os.fsencode(path)) > HOME_LIMIT:
        raise HomeTooLong(
            f"DOLBOM_HOME is {len(os.fsencode(path))} bytes long; choose a path of at most {HOME_LIMIT}"
        )
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Links are followed once here: two spellings of one folder must meet at the same locks and sockets.
        home = Home(path.resolve())
        owned(home.path)
        for folder in (home.logs, home.path / "secrets"):
            folder.mkdir(mode=0o700, exist_ok=True)
        return home
    except OSError as error:
        raise unusable(path, error) from error


def unusable(path: Path, error: OSError) -> DiskFull | HomeNotWritable | HomeTooLong:
    """The refusal that explains an operating system's error about the home."""
    if error.errno in NO_ROOM:
        return DiskFull(f"the disk of {path} is full; free some space or choose another DOLBOM_HOME")
    if error.errno == errno.ENAMETOOLONG:
        return HomeTooLong("DOLBOM_HOME has a name longer than this file system takes; choose a shorter path")
    reason = (error.strerror or str(error)).lower()
    return HomeNotWritable(
        f"{error.filename or path}: {reason}; DOLBOM_HOME must be a folder this user may write to"
    )


def owned(path: Path) -> None:
    """Refuse a folder of another user: PostgreSQL would too, later and less clearly."""
    owner = path.stat().st_uid
    if owner != os.geteuid():
        who = _name(owner)
        raise HomeNotOurs(
            f"{path} belongs to {who}, this process runs as {_name(os.geteuid())}; "
            f"run it as {who} or choose another DOLBOM_HOME"
        )


def private(path: Path) -> None:
    """Make the socket folder ours alone; refuse one that somebody else prepared under a public /tmp."""
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    allowed = {os.geteuid()} if os.geteuid() else {0, nobody().pw_uid}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in allowed:
        raise HomeNotOurs(
            f"{path} is not a folder of {_name(os.geteuid())}; remove it or choose a shorter DOLBOM_HOME"
        )
    if stat.S_IMODE(found.st_mode) & 0o077:
        path.chmod(0o700)


def nobody() -> pwd.struct_passwd:
    """The unprivileged account PostgreSQL runs as when we are root; it must be in passwd."""
    return pwd.getpwnam("nobody")


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
