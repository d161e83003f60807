"""What a module says about keeping personal data is also done: each such table has a retention rule."""

from __future__ import annotations

from core.checks.finding import Result
from core.host.retention import RULES
from core.host.running import Running


def retained(here: Running) -> Result:
    """Every `personal` entry of a manifest (`model.field`) names a table that a retention rule empties."""
    ruled = {rule.table for rule in RULES.by_name.values()}
    bad = [
        f"{manifest.name}: {entry}"
        for manifest in here.registry
        for entry in manifest.data.personal
        if f"{manifest.name}.{entry.partition('.')[0]}" not in ruled
    ]
    return Result(
        "retained", "Personal data goes when its time is over.",
        "Where the model is defined: declare_retention(RetentionRule('module.model', Model, Model.ended_on, keep='5y')).",
        bad,
    )  # fmt: skip


CHECKS = (retained,)
