"""How long the register is kept: a closed centre with all about it, and the reports of imports (their rows may name people)."""

from __future__ import annotations

from core.sdk import RetentionRule, _, declare_retention
from modules.facilities.models.facility import Facility
from modules.facilities.models.imports import ImportRun

CENTRES = declare_retention(
    RetentionRule(
        "facilities.facility", Facility, Facility.closed_on, keep="10y", unless=Facility.status != "closed",
        title=_("Centres that closed"),
    )
)  # fmt: skip
IMPORTS = declare_retention(
    RetentionRule("facilities.import", ImportRun, ImportRun.at, keep="2y", title=_("Reports of imports"))
)
