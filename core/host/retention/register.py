"""The register of processing activities: what personal data each module holds, why, by which law, how long, for whom.

Built from the manifests, so that it cannot be older than the code (RODO art. 30, 개인정보 보호법 §30).
"""

from __future__ import annotations

from dataclasses import dataclass

from core.host.discovery import Registry
from core.host.retention.rules import RULES


@dataclass(frozen=True)
class Processing:
    """One module's line; `title` is an English text to be translated when shown."""

    module: str
    title: str
    version: str
    personal: tuple[str, ...]
    purpose: str
    legal_basis: str
    recipients: tuple[str, ...]
    hosts: tuple[str, ...]
    retain: str
    rules: tuple[str, ...]


def register_of_processing(registry: Registry) -> list[Processing]:
    """The modules that hold personal data, in the order they are loaded."""
    return [
        Processing(
            manifest.name, manifest.title, manifest.version, manifest.data.personal, manifest.data.purpose,
            manifest.data.legal_basis, manifest.data.recipients, manifest.talks_to.hosts, manifest.data.retain,
            tuple(sorted(name for name, rule in RULES.by_name.items() if rule.module == manifest.name)),
        )
        for manifest in registry
        if manifest.data.personal
    ]  # fmt: skip
