"""What other currencies are worth, and which are used without anybody having said so."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.db import connection

from reorder.domain.purchasing.models import ExchangeRate

# The row of the day, or the last one before it.
_ON: Final = """
SELECT DISTINCT ON (currency) currency, rate, rate_date FROM purchasing_exchangerate
WHERE rate_date <= %(on_date)s AND (%(wanted)s::text[] = '{}' OR currency = ANY(%(wanted)s::text[]))
ORDER BY currency, rate_date DESC
"""
_USED: Final = """
WITH used AS (
    SELECT supplier.currency, count(DISTINCT supplier.id) AS suppliers_count, count(offer.id) AS offers_count
    FROM purchasing_supplier AS supplier
    LEFT JOIN purchasing_offer AS offer ON offer.supplier_id = supplier.id AND offer.is_active
    WHERE supplier.is_active AND supplier.currency <> %(shop)s GROUP BY supplier.currency
), latest AS (
    SELECT DISTINCT ON (currency) currency, rate, rate_date FROM purchasing_exchangerate
    ORDER BY currency, rate_date DESC
)
SELECT used.currency, used.suppliers_count, used.offers_count, latest.rate, latest.rate_date
FROM used LEFT JOIN latest USING (currency) ORDER BY used.currency
"""


# An offer can be compared where supplier and product share a currency, or both are valued in the shop's.
_UNVALUED: Final = """
SELECT supplier.code, supplier.name, product.sku, supplier.currency, product.currency,
       product.unit_cost_minor IS NOT NULL, count(*) OVER ()
FROM purchasing_offer AS offer
JOIN purchasing_supplier AS supplier ON supplier.id = offer.supplier_id AND supplier.is_active
JOIN catalog_product AS product ON product.id = offer.product_id AND product.state = 'active'
WHERE offer.is_active AND supplier.currency <> product.currency AND (
    (supplier.currency <> %(shop)s AND NOT EXISTS (SELECT 1 FROM purchasing_exchangerate AS known
                                                   WHERE known.currency = supplier.currency))
    OR (product.currency <> %(shop)s AND NOT EXISTS (SELECT 1 FROM purchasing_exchangerate AS known
                                                     WHERE known.currency = product.currency)))
ORDER BY supplier.code, product.sku LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class UnvaluedOffer:
    """An offer that cannot be compared with others: nobody has said what its currency is worth.

    `has_own_cost`: the product's own cost stands in for it where no other offer is there.
    """

    supplier_code: str
    supplier_name: str
    sku: str
    offer_currency: str
    product_currency: str
    has_own_cost: bool


@dataclass(frozen=True, slots=True)
class RateRow:
    """What one whole unit of a currency is worth in the shop's, from a day on."""

    id: int
    currency: str
    rate_date: dt.date
    rate: Decimal
    source: str
    recorded_at: dt.datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class UsedCurrency:
    """A currency that suppliers in use are paid in; `rate` None: nobody has said what it is worth."""

    currency: str
    suppliers_count: int
    offers_count: int
    rate: Decimal | None
    rate_date: dt.date | None


def rates_on(*, on_date: dt.date, currencies: Collection[str] = ()) -> dict[str, Decimal]:
    """The rate of each currency (of these, when named) that is known on a day; the shop's own is 1."""
    wanted = sorted(set(currencies))
    with connection.cursor() as cursor:
        cursor.execute(_ON, {"on_date": on_date, "wanted": wanted})
        found = {currency: rate for currency, rate, _ in cursor.fetchall()}
    return found | {settings.REORDER.currency: Decimal(1)}


def latest_rates() -> dict[str, Decimal]:
    """The newest rate of each currency; the shop's own is 1."""
    return rates_on(on_date=dt.date.max)


def find_rate(*, currency: str, on_date: dt.date) -> Decimal | None:
    """What one whole unit was worth in the shop's currency on a day; None when nobody has said."""
    return rates_on(on_date=on_date, currencies=[currency]).get(currency)


def list_rates(*, currency: str = "", size: int, after: tuple[dt.date, int] | None = None) -> list[RateRow]:
    """`size` rates, the latest day first, after the day and id of the last row seen."""
    found = ExchangeRate.objects.order_by("-rate_date", "-pk")
    found = found.filter(currency=currency) if currency else found
    if after is not None:
        found = found.filter(rate_date__lte=after[0]).exclude(rate_date=after[0], pk__gte=after[1])
    return [
        RateRow(
            id=row.pk,
            currency=row.currency,
            rate_date=row.rate_date,
            rate=row.rate.normalize(),
            source=row.source,
            recorded_at=row.recorded_at,
            recorded_by=row.recorded_by,
        )
        for row in found[:size]
    ]


def list_used_currencies() -> list[UsedCurrency]:
    """Every currency but the shop's in which suppliers in use are paid, with its latest rate."""
    with connection.cursor() as cursor:
        cursor.execute(_USED, {"shop": settings.REORDER.currency})
        return [UsedCurrency(*row) for row in cursor.fetchall()]


def list_unvalued_offers(*, limit: int) -> tuple[list[UnvaluedOffer], int]:
    """Offers in use that no rate makes comparable, by supplier and SKU; and how many there are."""
    with connection.cursor() as cursor:
        cursor.execute(_UNVALUED, {"shop": settings.REORDER.currency, "limit": limit})
        rows = cursor.fetchall()
    return [UnvaluedOffer(*row[:6]) for row in rows], int(rows[0][6]) if rows else 0
