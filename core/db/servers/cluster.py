"""Create PostgreSQL's data directory, give it to the account the server runs as, write its settings."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from core.db.servers import processes
from core.db.servers.binaries import Postgres
from core.db.servers.home import Home, nobody
from core.db.servers.refusals import DiskFull, HomeNotWritable, StartFailed
from core.secret_files import secret

ADMIN = "dolbom_admin"
ROOM_FOR_A_CLUSTER = 120 * 2**20  # an empty cluster takes 40 MB, its first write-ahead log segments more
SHARED_MEMORY_NEEDED = 256 * 2**20


def cache(memory: int) -> int:
    """Megabytes of PostgreSQL's own cache on a machine with `memory` bytes: a thirty-second of it, 128 to 1,024."""
    return min(max(memory // 32 >> 20, 128), 1024)


SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": f"{cache(os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES'))}MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "idle_in_transaction_session_timeout": "60s",
    "shared_preload_libraries": "''",
    "log_checkpoints": "off",
    # A refused row must not put a child's name into a log file.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
# In containers /dev/shm is often 64 MB, too little for parallel queries.
SMALL_SHARED_MEMORY = {"dynamic_shared_memory_type": "mmap", "max_parallel_workers_per_gather": "0"}
CARELESS = {
    "fsync": "off",
    "full_page_writes": "off",
}  # a killed server loses nothing, a power cut everything


def create(home: Home, binaries: Postgres, durable: bool) -> None:
    """Run initdb beside the final place and move the result there, so half a cluster is never found."""
    draft = home.path / "pg.new"
    shutil.rmtree(draft, ignore_errors=True)
    if shutil.disk_usage(home.path).free < ROOM_FOR_A_CLUSTER:
        raise DiskFull(
            f"the disk of {home.path} has less than {ROOM_FOR_A_CLUSTER >> 20} MB left, too little for a "
            "database; free some space or choose another DOLBOM_HOME"
        )
    draft.mkdir(mode=0o700)
    password = _password_file(home)
    give(home, draft, binaries)
    # pg_trgm still asks the C library what a letter is: in its plain C locale no Hangul syllable would be one.
    locale = ["--locale=C", "--lc-ctype=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if binaries.major < 17:  # the builtin provider is younger; this is its nearest relative
        locale = ["--locale-provider=libc", "--lc-collate=C", "--lc-ctype=C.UTF-8"]
    access = ["-U", ADMIN, f"--pwfile={password}", "--auth-local=scram-sha-256", "--auth-host=reject"]
    safety = ["--data-checksums", *([] if durable else ["--no-sync"])]
    command = [str(binaries.bin / "initdb"), "-D", str(draft), "-E", "UTF8", *access, *safety, *locale]
    try:
        done = subprocess.run(
            [*processes.as_unprivileged(), *command], capture_output=True, text=True, errors="replace",
            env=processes.clean_environment(), stdin=subprocess.DEVNULL, cwd=home.path, check=False,
        )  # fmt: skip
    finally:
        password.unlink(missing_ok=True)
    if done.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        raise explained(home, "initdb", done.stderr or done.stdout)
    with (draft / "postgresql.conf").open("a") as file:
        file.write(
            "\n# Dolbom's settings; those of ALTER SYSTEM come later and win.\ninclude = 'dolbom.conf'\n"
        )
    draft.rename(home.data)


def give(home: Home, folder: Path, binaries: Postgres) -> None:
    """Let the server's account own its data and sockets.

    Normally that is ourselves. Only root where user namespaces are forbidden hands them to `nobody`, and
    takes them back when namespaces work again.
    """
    if os.geteuid() != 0:
        return
    uid, gid = 0, 0
    if not processes.user_namespaces_work():
        uid, gid = nobody().pw_uid, nobody().pw_gid
        home.path.chmod(0o711)
        for needed in (home.path, binaries.bin):
            _require_open(needed)
    os.chown(home.sockets, uid, gid)
    if folder.stat().st_uid == uid:
        return
    for parent, _, files in os.walk(folder):
        for path in (Path(parent), *(Path(parent, name) for name in files)):
            os.lchown(path, uid, gid)


def configure(home: Home, durable: bool) -> None:
    """Write our settings anew at each start, so that an upgrade of Dolbom changes them."""
    settings = dict(SETTINGS)
    if _shared_memory() < SHARED_MEMORY_NEEDED:
        settings |= SMALL_SHARED_MEMORY
    if not durable:
        settings |= CARELESS
    text = "".join(f"{key} = {value}\n" for key, value in settings.items())
    path = home.data / "dolbom.conf"
    path.write_text("# Written at every start; put your own settings into postgresql.auto.conf.\n" + text)
    path.chmod(0o644)  # the folder is private; the server's account may differ from ours


def explained(home: Home, what: str, output: str) -> StartFailed | DiskFull:
    """The refusal for a server's last words."""
    if "No space left on device" in output:
        return DiskFull(f"the disk of {home.path} is full; free some space or choose another DOLBOM_HOME")
    lines = output.strip().splitlines() or ["it gave no reason"]
    telling = [line for line in lines if "FATAL" in line or "PANIC" in line or "error" in line.lower()]
    return StartFailed(f"{what} did not start: {(telling or lines)[-1].strip()[:400]} (logs: {home.logs})")


def _password_file(home: Home) -> Path:
    """A copy that the server's account may read; it is gone when initdb has ended."""
    path = home.path / "pg.password"
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret(home.path, ADMIN))
    if os.geteuid() == 0 and not processes.user_namespaces_work():
        os.chown(path, nobody().pw_uid, nobody().pw_gid)
    return path


def _require_open(path: Path) -> None:
    """`nobody` must be able to walk to the folder."""
    for folder in (path, *path.parents):
        if not folder.stat().st_mode & 0o001:
            raise HomeNotWritable(
                f"{folder} is closed to the account nobody, which runs PostgreSQL where root may not map "
                f"users; run Dolbom as an ordinary user, or run: chmod o+x {folder}"
            )


def _shared_memory() -> int:
    folder = "/dev/shm"  # noqa: S108  # where the C library puts it, and PostgreSQL with it
    try:
        found = os.statvfs(folder)
    except OSError:
        return 0
    return found.f_bavail * found.f_frsize if os.access(folder, os.W_OK) else 0
