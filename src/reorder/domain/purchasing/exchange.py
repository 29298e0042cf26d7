"""Amounts of one currency in another by a known rate; pure. A rate is what one whole unit is worth, never a guess."""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from reorder.domain.purchasing.errors import BadRate
from reorder.kernel.money import minor_digits

# A rate that is older than this still counts, and is said to be old wherever rates are shown.
OLD_RATE_DAYS: Final = 35
_CURRENCY: Final = re.compile("[A-Z]{3}")
_MOST: Final = Decimal(10) ** 9
_STEP: Final = Decimal("0.0000000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRate:
    """From `rate_date` on one whole unit of `currency` is worth `rate` whole units of the shop's currency."""

    currency: str
    rate_date: dt.date
    rate: Decimal
    source: str = ""


def refuse_bad_rate(*, rate: NewRate, shop_currency: str) -> None:
    """Raises BadRate."""
    faults = {
        "the currency must be a three-letter ISO 4217 code": not _CURRENCY.fullmatch(rate.currency),
        "it is the shop's own currency, worth 1": rate.currency == shop_currency,
        "the rate must be a number above zero": not rate.rate.is_finite() or rate.rate <= 0,
        "the rate is too large": rate.rate.is_finite() and rate.rate > _MOST,
        "the rate has more than ten decimals": rate.rate.is_finite()
        and abs(rate.rate) <= _MOST
        and rate.rate != rate.rate.quantize(_STEP),
        "the day lies before 1990": rate.rate_date.year < 1990,
    }
    for reason, holds in faults.items():
        if holds:
            raise BadRate(currency=rate.currency, date=rate.rate_date, reason=reason)


def convert_minor(*, minor: Decimal | int, source: str, target: str, rate: Decimal) -> int:
    """Minor units of `source` as minor units of `target`, rounded half up; `rate` is between whole units."""
    exact = Decimal(minor) * rate
    scaled = exact.scaleb(minor_digits(currency=target) - minor_digits(currency=source))
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))
