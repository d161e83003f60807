"""Figures, money, days and times as the reader writes them; money is minor units, moments are UTC (F6)."""

from __future__ import annotations

import re
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel import dates, numbers

from core.web.i18n.spoken import language as spoken
from core.web.i18n.spoken import locale

Style = Literal["short", "medium", "long", "full"]


def number(value: float | Decimal, language: str | None = None, *, digits: int | None = None) -> str:
    """A figure with the language's separators; `digits` fixes how many stand after the decimal sign."""
    shape = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return _decimal(value, shape, language or spoken())


def figure(value: Any, language: str | None = None) -> Any:
    """What stands in a cell: a number in the reader's spelling, a dash where none is known, any other word as it is."""
    if value is None:
        return "—"
    return number(value, language) if isinstance(value, int | float | Decimal) else value


@lru_cache(4096)
def _decimal(value: float | Decimal, shape: str | None, language: str) -> str:
    """Lists repeat few figures (places, ages) many times."""
    return numbers.format_decimal(value, shape, locale=locale(language))


def percent(share: float | Decimal, language: str | None = None, *, digits: int = 0) -> str:
    """A share of one as percent: 0.256 → 26 %."""
    ways = locale(language)
    shape = ways.percent_formats[None].pattern.replace("0", "0." + "0" * digits) if digits else None
    return numbers.format_percent(share, shape, locale=ways)


def money(
    minor: int, currency: str, language: str | None = None, *, exponent: int | None = None, sign: bool = True
) -> str:
    """An amount in the currency's smallest unit: 123450 PLN → 1234,50 zł; without `sign` the figure alone."""
    places = exponent_of(currency) if exponent is None else exponent
    amount = Decimal(minor).scaleb(-places)
    if not sign:
        return number(amount, language, digits=places)
    ways = locale(language)
    figure = "0." + "0" * places if places else "0"
    shape = re.sub(r"0\.0+", figure, ways.currency_formats["standard"].pattern)
    return numbers.format_currency(amount, currency, shape, locale=ways, currency_digits=False)


def exponent_of(currency: str) -> int:
    """How many digits a currency has after the decimal sign: 0 for KRW, 2 for PLN."""
    return numbers.get_currency_precision(currency)


def day(value: date, language: str | None = None, *, style: Style = "long") -> str:
    """A day as one writes it: 2026년 3월 2일, 2 marca 2026, March 2, 2026."""
    return dates.format_date(value, style, locale=locale(language))


def month(value: date, language: str | None = None) -> str:
    """A month with its year: 2026년 3월, marzec 2026."""
    return dates.format_skeleton("yMMMM", value, locale=locale(language))


def clock(value: time | datetime, zone: str | tzinfo | None = None) -> str:
    """Hour and minute, 24 hours in every language; a moment needs the zone of the place it happened in."""
    local = moved(value, zone) if isinstance(value, datetime) else value
    return f"{local:%H:%M}"


def moment(
    value: datetime, zone: str | tzinfo, language: str | None = None, *, style: Style = "medium"
) -> str:
    """Day and time at the place: a moment of UTC shown in the place's zone, summer time included."""
    return f"{day(moved(value, zone).date(), language, style=style)} {clock(value, zone)}"


def moved(value: datetime, zone: str | tzinfo | None) -> datetime:
    """A moment in a place's zone; one without zone is refused, because nobody could tell when it was."""
    if value.tzinfo is None:
        raise ValueError("a moment without time zone cannot be shown: store moments in UTC with their zone")
    return value.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)
