"""The statement of an owner's month, from the ledgers as they are now: nothing is kept that could differ from them."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from reorder.domain.inventory.owner_errors import BadMonth
from reorder.domain.inventory.owner_rules import Charged, OwnerMonth, OwnerRow, StoredProduct, charge_month
from reorder.domain.inventory.owners import get_owner, list_owners
from reorder.insights import owners as reading
from reorder.insights.owners import StandingGoods
from reorder.kernel.clock import date_at

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What an owner's month comes to; storage counts the ends of `days` days, fewer than the month has while it runs.

    Amounts are minor units of `currency`.
    """

    owner: OwnerRow
    month: str
    first_date: dt.date
    ends_date: dt.date
    days: int
    is_running: bool
    currency: str
    charged: Charged
    stored: Sequence[StoredProduct]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerOverview:
    """An owner with what stands here, and the statement of the month so far."""

    owner: OwnerRow
    standing: StandingGoods
    statement: Statement


def make_statement(*, code: str, month: str, moment: dt.datetime) -> Statement:
    """The statement of a month (`2026-11`) at the charges that are set now. Raises UnknownOwner, BadMonth.

    A day counts for storage once it is over. The month of `moment` is told as far as it has come.
    """
    return _statement(owner=get_owner(code=code), month=month, moment=moment)


def list_overview(*, moment: dt.datetime) -> list[OwnerOverview]:
    """Every owner with stock and the month so far, those in use first."""
    standing = reading.list_standing()
    month = month_of(moment=moment)
    return [
        OwnerOverview(
            owner=owner,
            standing=standing.get(owner.code)
            or StandingGoods(owner=owner.code, products_count=0, units=Decimal(0), litres=Decimal(0), unsized_count=0),
            statement=_statement(owner=owner, month=month, moment=moment),
        )
        for owner in list_owners()
    ]


def month_of(*, moment: dt.datetime) -> str:
    """The month that a moment is in on the shop's calendar, such as `2026-11`."""
    return date_at(moment=moment, time_zone=settings.REORDER.time_zone).isoformat()[:7]


def span_of(*, month: str, moment: dt.datetime) -> tuple[dt.date, dt.date]:
    """The first day of a month, and the first of the next. Raises BadMonth for one that has not begun."""
    found = _MONTH.fullmatch(month)
    today = date_at(moment=moment, time_zone=settings.REORDER.time_zone)
    if found is None or not 1900 <= int(found[1]) <= today.year:
        raise BadMonth(month=month[:20])
    first = dt.date(int(found[1]), int(found[2]), 1)
    if first > today:
        raise BadMonth(month=month)
    return first, (first + dt.timedelta(days=31)).replace(day=1)


def _statement(*, owner: OwnerRow, month: str, moment: dt.datetime) -> Statement:
    first, ends = span_of(month=month, moment=moment)
    zone = settings.REORDER.time_zone
    today = date_at(moment=moment, time_zone=zone)
    days = (min(ends, today) - first).days
    last = first + dt.timedelta(days=days - 1)
    stored = reading.list_stored(owner=owner.code, first_date=first, last_date=last, time_zone=zone) if days else []
    counts = reading.count_month(owner=owner.code, first_date=first, ends_date=ends, time_zone=zone)
    return Statement(
        owner=owner,
        month=month,
        first_date=first,
        ends_date=ends,
        days=days,
        is_running=ends > today,
        currency=settings.REORDER.currency,
        charged=charge_month(month=OwnerMonth(days=days, stored=stored, counts=counts), rates=owner.rates),
        stored=stored,
    )
