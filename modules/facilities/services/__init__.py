"""Everything that changes the register; each verb asks first."""

from __future__ import annotations

from modules.facilities.services.capacity import (
    decide_capacity,
    put_in_force,
    request_capacity,
    withdraw_capacity,
)
from modules.facilities.services.disclosing import describe_meals, disclose
from modules.facilities.services.importing import Report, import_register
from modules.facilities.services.offer import (
    close_on,
    designate,
    open_on_again,
    set_hours,
    set_standings,
)
from modules.facilities.services.photographing import add_photograph, take_down
from modules.facilities.services.register import change_status, edit, publish, register

__all__ = [
    "Report",
    "add_photograph",
    "change_status",
    "close_on",
    "decide_capacity",
    "describe_meals",
    "designate",
    "disclose",
    "edit",
    "import_register",
    "open_on_again",
    "publish",
    "put_in_force",
    "register",
    "request_capacity",
    "set_hours",
    "set_standings",
    "take_down",
    "withdraw_capacity",
]
