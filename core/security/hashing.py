"""Hashing of passwords is dear on purpose; here it is bounded, so that a storm of it leaves the other pages quick.

Two rooms in each process. `slot()`: so many hashes at once, the others wait. `entrance()`: so many attempts to sign in
at once, with their hash, their wait for it and the delay after a failure; whoever finds it full is asked to come back.
A quarter of a process's threads, at least one, always remains for everything else.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from core.errors import Refusal
from core.text import _

#: OWASP's second choice for argon2id: 19 MiB, two passes, so that four threads of a worker stay small.
ARGON2 = {"argon2__time_cost": 2, "argon2__memory_cost": 19 * 1024, "argon2__parallelism": 1}
#: Seconds somebody waits for a free slot before being asked to come back.
PATIENCE = 2.0
#: Seconds after which it is worth trying again.
RETRY_AFTER = 3


class TooBusy(Refusal):
    """Too many passwords are being checked at this moment; this one was not."""

    code: ClassVar[str] = "sign-in.too-busy"
    http: ClassVar[int] = 503
    retry_after: ClassVar[int] = RETRY_AFTER


class Room:
    """A room for so many at once; others wait at most `patience` seconds, and no more than `waiting` of them."""

    def __init__(self, places: int, *, waiting: int, patience: float) -> None:
        self.places, self.waiting, self.patience = places, waiting, patience
        self._inside = threading.BoundedSemaphore(places)
        self._near = threading.BoundedSemaphore(places + waiting)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Be inside; raises `TooBusy` at once when too many wait already, else after `patience` seconds."""
        if not self._near.acquire(blocking=False):
            raise _too_busy()
        try:
            if not self._inside.acquire(timeout=self.patience):
                raise _too_busy()
            try:
                yield
            finally:
                self._inside.release()
        finally:
            self._near.release()


def rooms(threads: int) -> tuple[Room, Room]:
    """The rooms (hashes, attempts) of a process with so many threads: a quarter hashes, a quarter stays free."""
    hashes = max(1, threads // 4)
    occupied = max(1, threads - hashes)
    return Room(hashes, waiting=occupied, patience=PATIENCE), Room(occupied, waiting=0, patience=0.0)


_hashes, _attempts = rooms(4)


def limit(threads: int) -> None:
    """Set the rooms by the number of threads of a web process (setting `threads`)."""
    global _hashes, _attempts
    _hashes, _attempts = rooms(threads)


@contextmanager
def slot() -> Iterator[None]:
    """Hash one password."""
    with _hashes.entered():
        yield


@contextmanager
def entrance() -> Iterator[None]:
    """Try to sign in once."""
    with _attempts.entered():
        yield


def _too_busy() -> TooBusy:
    return TooBusy(
        _("Very many people are signing in at this moment. Nothing was lost: please try again in a few seconds.")
    )
