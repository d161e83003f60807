"""Where a request comes from, in words its owner can judge: family of browser and system, shortened address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address, ip_network

#: The first that fits counts: others copy the names of those below them.
_BROWSERS = (
    ("Whale", r"Whale/"),
    ("KakaoTalk", r"KAKAOTALK"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|OPT/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Version/[\d.]+.*Safari/"),
)
_SYSTEMS = (
    ("Android", r"Android"),
    ("iOS", r"iPhone|iPad|iPod"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux|X11"),
)
_LONGEST = 512


@dataclass(frozen=True)
class Origin:
    """Family of browser and system («Chrome · Windows») and network (`203.0.113.0/24`); empty when unknown."""

    browser: str = ""
    network: str = ""


def origin(agent: str, address: str | None) -> Origin:
    """Judge what a browser says of itself and the address it comes from; never raises."""
    return Origin(family(agent), network(address))


def family(agent: str) -> str:
    """Browser and system without versions, so that an update is no new browser; empty for what is neither."""
    text = agent[:_LONGEST]
    named = (
        next((name for name, sign in family if re.search(sign, text)), "") for family in (_BROWSERS, _SYSTEMS)
    )
    return " · ".join(filter(None, named))


def network(address: str | None) -> str:
    """The network of an address: the first 24 bits of IPv4, 48 of IPv6; a household more or less, never a device."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None) or found
    return str(ip_network((mapped, 24 if isinstance(mapped, IPv4Address) else 48), strict=False))


_here: ContextVar[tuple[str, str | None] | None] = ContextVar("dolbom_origin", default=None)


@contextmanager
def coming_from(agent: str, address: str | None) -> Iterator[None]:
    """Work for a request from there."""
    token = _here.set((agent, address))
    try:
        yield
    finally:
        _here.reset(token)


def current() -> Origin:
    """Where the present request comes from; the empty origin for work without one."""
    said = _here.get()
    return Origin() if said is None else origin(*said)
