"""When a sign-in is told to its owner: a pure rule over what came before (ASVS V6.3.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.security.origins import Origin

#: Failures before a success that are more than mistyping.
MANY = 3


@dataclass(frozen=True)
class Past:
    """An earlier attempt: whether it let somebody in, why not, and where it came from."""

    let_in: bool
    cause: str
    origin: Origin


def judge(now: Origin, past: Sequence[Past]) -> frozenset[str]:
    """Which notices a sign-in raises: `sign-in-elsewhere`, `sign-in-after-failures`, `sign-in-half-done`, or none.

    `past` has the newest first. Elsewhere: earlier sign-ins are known, and neither this browser nor this network is among
    them; one of the two alone changes every day. After failures: three or more wrong passwords or codes since the last
    sign-in. Attempts while the account waited count too: somebody guessed. Half done: since the last sign-in somebody gave
    the right password from another browser and network and never passed the second step: the password is known to others.
    """
    found = set()
    known = [one.origin for one in past if one.let_in and one.origin != Origin()]
    if known and all(one.browser != now.browser and one.network != now.network for one in known):
        found.add("sign-in-elsewhere")
    failures = 0
    for one in past:
        if one.let_in:
            break
        failures += one.cause in ("password", "code", "locked")
        if one.cause == "second" and one.origin.browser != now.browser and one.origin.network != now.network:
            found.add("sign-in-half-done")
    if failures >= MANY:
        found.add("sign-in-after-failures")
    return frozenset(found)
