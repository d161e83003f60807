"""How long data is kept: rules modules declare, holds that stop them, plans, purges with a certificate, the register.

Above the regions, because the law that sets a period differs by place.
"""

from __future__ import annotations

from core.host.retention.erasures import erase
from core.host.retention.holds import LegalHold, holds, lift_hold, place_hold
from core.host.retention.plans import Due, kept_until, plan
from core.host.retention.purges import (
    PurgeCertificate,
    certificates,
    check,
    digest_of,
    purge,
    read_certificate,
)
from core.host.retention.register import Processing, register_of_processing
from core.host.retention.rules import RULES, RetentionRule, declare

__all__ = [
    "RULES",
    "Due",
    "LegalHold",
    "Processing",
    "PurgeCertificate",
    "RetentionRule",
    "certificates",
    "check",
    "declare",
    "digest_of",
    "erase",
    "holds",
    "kept_until",
    "lift_hold",
    "place_hold",
    "plan",
    "purge",
    "read_certificate",
    "register_of_processing",
]
