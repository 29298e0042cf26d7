"""Saving what other currencies are worth; orders that were placed without a rate get theirs once it is known."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from reorder.domain.purchasing.errors import BadRate
from reorder.domain.purchasing.exchange import NewRate, refuse_bad_rate
from reorder.domain.purchasing.models import ExchangeRate, PurchaseOrder
from reorder.domain.purchasing.operations.landing import settle_landed_cost
from reorder.domain.staff.operations import record_audit

_LISTED: Final = 20
_FILL: Final = """
UPDATE purchasing_purchaseorder AS bought SET exchange_rate = known.rate
FROM (
    SELECT waiting.id, (SELECT rate FROM purchasing_exchangerate AS one
                        WHERE one.currency = waiting.currency
                          AND one.rate_date <= (waiting.placed_at AT TIME ZONE %(time_zone)s)::date
                        ORDER BY one.rate_date DESC LIMIT 1) AS rate
    FROM purchasing_purchaseorder AS waiting
    WHERE waiting.exchange_rate IS NULL AND waiting.currency = ANY(%(currencies)s::text[])
) AS known
WHERE bought.id = known.id AND bought.exchange_rate IS NULL AND known.rate IS NOT NULL RETURNING bought.id
"""


@dataclass(frozen=True, slots=True)
class SavedRates:
    """How many rates are there now, and how many orders got their rate by it."""

    rates_count: int
    orders_count: int


def save_rates(*, rates: Sequence[NewRate], saved_by: str, today: dt.date) -> SavedRates:
    """Save rates, all or none; one of the same currency and day is replaced, and orders keep the rate they have.

    Orders placed without a rate, on or after such a day, get theirs, and what their goods cost is counted again.
    Raises BadRate.
    """
    seen: set[tuple[str, dt.date]] = set()
    for rate in rates:
        refuse_bad_rate(rate=rate, shop_currency=settings.REORDER.currency)
        if rate.rate_date > today:
            raise BadRate(currency=rate.currency, date=rate.rate_date, reason="the day is still to come")
        if (rate.currency, rate.rate_date) in seen:
            raise BadRate(currency=rate.currency, date=rate.rate_date, reason="it is given twice")
        seen.add((rate.currency, rate.rate_date))
    with transaction.atomic():
        ExchangeRate.objects.bulk_create(
            [
                ExchangeRate(
                    currency=rate.currency,
                    rate_date=rate.rate_date,
                    rate=rate.rate,
                    source=" ".join(rate.source.split())[:200],
                    recorded_by=saved_by,
                )
                for rate in sorted(rates, key=lambda one: (one.currency, one.rate_date))
            ],
            update_conflicts=True,
            unique_fields=["currency", "rate_date"],
            update_fields=["rate", "source", "recorded_by"],
        )
        filled = _fill_orders(currencies=sorted({rate.currency for rate in rates}))
        record_audit(
            actor=saved_by,
            action="purchasing.save_rates",
            subject_kind="exchange_rate",
            subject_key=", ".join(sorted({rate.currency for rate in rates})),
            details={
                "rates": [f"{rate.currency} {rate.rate_date} {rate.rate}" for rate in rates[:_LISTED]],
                "count": len(rates),
                "orders": len(filled),
            },
        )
    return SavedRates(rates_count=len(rates), orders_count=len(filled))


def _fill_orders(*, currencies: Sequence[str]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"currencies": list(currencies), "time_zone": settings.REORDER.time_zone})
        ids = sorted(row[0] for row in cursor.fetchall())
    for number in PurchaseOrder.objects.filter(pk__in=ids, receipts__isnull=False).distinct().order_by("pk"):
        settle_landed_cost(order_id=number.pk)
    return ids
