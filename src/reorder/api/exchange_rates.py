"""Exchange rates: what other currencies are worth in the shop's, from a day on."""

import datetime as dt
from decimal import Decimal
from typing import Annotated

from django.conf import settings
from ninja import Query, Router, Schema
from pydantic import BeforeValidator, Field, StringConstraints

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Currency, Cursor, Day, ExactUnits, Given, IdempotencyKey, Limit
from reorder.api.paging import cut_page, decode_cursor, encode_cursor
from reorder.domain.purchasing import operations, queries
from reorder.domain.purchasing.exchange import NewRate
from reorder.domain.staff.rules import Ability
from reorder.kernel import clock

router = Router(tags=["exchange rates"])
_LIST = "exchange_rates"


class ExchangeRate(Schema):
    """One unit of `currency` is worth `rate` units of the shop's currency from `date` on."""

    currency: str
    date: dt.date
    rate: ExactUnits
    source: str
    recorded_by: str


class ExchangeRatePage(Schema):
    """A page of rates, the latest day first; `shop_currency` is what they are worth in."""

    shop_currency: str
    items: list[ExchangeRate]
    next_cursor: str | None


class GivenRate(Given):
    """One rate."""

    currency: Currency
    date: Day
    rate: Annotated[str, BeforeValidator(str), StringConstraints(pattern=r"^[0-9]{1,10}(\.[0-9]{1,10})?$")]
    source: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = ""


class RatesBody(Given):
    """Rates, all of them or none."""

    rates: Annotated[list[GivenRate], Field(min_length=1, max_length=5000)]


class SavedRates(Schema):
    """How many rates are there now, and how many orders without a rate got theirs."""

    rates: int
    orders: int


class RateFilter(Schema):
    """What to list."""

    currency: Currency | None = None


@reads(
    router,
    "/exchange-rates",
    ability=Ability.VIEW_BUYING,
    answer=ExchangeRatePage,
    summary="List exchange rates, the latest day first",
)
def list_exchange_rates(
    request: ApiRequest, wanted: Query[RateFilter], limit: Limit = 50, cursor: Cursor = None
) -> ExchangeRatePage:
    given = decode_cursor(of=_LIST, text=cursor, kinds=(dt.date, int))
    after = (given[0], given[1]) if given else None
    rows = queries.list_rates(currency=wanted.currency or "", size=limit + 1, after=after)
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.rate_date, last.id)) if last else None
    return ExchangeRatePage(
        shop_currency=settings.REORDER.currency,
        items=[
            ExchangeRate(
                currency=row.currency,
                date=row.rate_date,
                rate=row.rate,
                source=row.source,
                recorded_by=row.recorded_by,
            )
            for row in shown
        ],
        next_cursor=following,
    )


@writes(
    router,
    "/exchange-rates",
    ability=Ability.DECIDE_PROPOSALS,
    answers={200: SavedRates},
    summary="Save exchange rates, all or none",
)
def post_exchange_rates(request: ApiRequest, idempotency_key: IdempotencyKey, body: RatesBody) -> Written:
    saved = operations.save_rates(
        rates=[
            NewRate(currency=one.currency, rate_date=one.date, rate=Decimal(one.rate), source=one.source)
            for one in body.rates
        ],
        saved_by=request.auth.name,
        today=clock.current_date(time_zone=settings.REORDER.time_zone),
    )
    return Written(status=200, body=SavedRates(rates=saved.rates_count, orders=saved.orders_count))
