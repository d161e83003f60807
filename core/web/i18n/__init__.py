"""Languages: what is said, how it is ordered, how it is found, how figures and days are written."""

from __future__ import annotations

from core.web.i18n.formats import clock, day, exponent_of, moment, money, month, number, percent
from core.web.i18n.order import sort_key
from core.web.i18n.search import initials_key, search_key, search_pattern, search_patterns
from core.web.i18n.spoken import install, language, names, speaking, zone

__all__ = [
    "clock",
    "day",
    "exponent_of",
    "initials_key",
    "install",
    "language",
    "moment",
    "money",
    "month",
    "names",
    "number",
    "percent",
    "search_key",
    "search_pattern",
    "search_patterns",
    "sort_key",
    "speaking",
    "zone",
]
