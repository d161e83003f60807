"""What changes families; each act asks first and leaves the commit to its caller, but for those said to commit."""

from __future__ import annotations

from modules.families.services.children import add_child, born, correct_child
from modules.families.services.collecting import let_collect, no_longer_collects
from modules.families.services.consenting import consent, record_paper_consent, withdraw_consent
from modules.families.services.counter import find_registered, register_child
from modules.families.services.founding import found, mine
from modules.families.services.guarding import bar, correct_guardian
from modules.families.services.sharing import share, unshare

__all__ = [
    "add_child",
    "bar",
    "born",
    "consent",
    "correct_child",
    "correct_guardian",
    "find_registered",
    "found",
    "let_collect",
    "mine",
    "no_longer_collects",
    "record_paper_consent",
    "register_child",
    "share",
    "unshare",
    "withdraw_consent",
]
