"""What moves waiting lists. Each act asks first; those that write a list commit, for a list is written by the system alone."""

from __future__ import annotations

from modules.enrollment.services.admitting import admit, leave
from modules.enrollment.services.applying import apply, apply_at_counter
from modules.enrollment.services.claims import claim, take_back, verify
from modules.enrollment.services.ending import expire_unborn, withdraw
from modules.enrollment.services.offering import accept, decline, expire_offers, leave_out, offer
from modules.enrollment.services.order import Standing, listed, standing
from modules.enrollment.services.places import close_vacancy, open_vacancy, set_places

__all__ = [
    "Standing",
    "accept",
    "admit",
    "apply",
    "apply_at_counter",
    "claim",
    "close_vacancy",
    "decline",
    "expire_offers",
    "expire_unborn",
    "leave",
    "leave_out",
    "listed",
    "offer",
    "open_vacancy",
    "set_places",
    "standing",
    "take_back",
    "verify",
    "withdraw",
]
