"""What changes families; each act asks first and leaves the commit to its caller, but for those said to commit."""

from __future__ import annotations

from modules.families.services.asking import answer, ask_about_data
from modules.families.services.children import add_child, born, correct_child
from modules.families.services.collecting import let_collect, no_longer_collects
from modules.families.services.consenting import consent, record_paper_consent, withdraw_consent
from modules.families.services.counter import find_registered, register_child
from modules.families.services.erasing import erase
from modules.families.services.founding import found, mine
from modules.families.services.guarding import bar, correct_guardian
from modules.families.services.inviting import add_guardian, invite, join
from modules.families.services.papers import decide, hand_in, show, take_back
from modules.families.services.sharing import share, unshare
from modules.families.services.taking_over import take_over

__all__ = [
    "add_child",
    "add_guardian",
    "answer",
    "ask_about_data",
    "bar",
    "born",
    "consent",
    "correct_child",
    "correct_guardian",
    "decide",
    "erase",
    "find_registered",
    "found",
    "hand_in",
    "invite",
    "join",
    "let_collect",
    "mine",
    "no_longer_collects",
    "record_paper_consent",
    "register_child",
    "share",
    "show",
    "take_back",
    "take_over",
    "unshare",
    "withdraw_consent",
]
