"""What moves waiting lists. Each act asks first; those that write a list commit, for a list is written by the system alone."""

from __future__ import annotations

from modules.enrollment.services.admitting import admit
from modules.enrollment.services.applying import apply, apply_at_counter
from modules.enrollment.services.claims import claim, take_back, verify
from modules.enrollment.services.ending import expire_unborn, withdraw
from modules.enrollment.services.order import Standing, listed, standing

__all__ = [
    "Standing",
    "admit",
    "apply",
    "apply_at_counter",
    "claim",
    "expire_unborn",
    "listed",
    "standing",
    "take_back",
    "verify",
    "withdraw",
]
