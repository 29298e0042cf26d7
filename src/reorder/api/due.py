"""Due dates: who will need what again, and when."""

import datetime as dt
from typing import Annotated, Final

from django.conf import settings
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from reorder.api.access import ApiRequest, reads
from reorder.api.fields import Cursor, Id, Key, Limit
from reorder.api.paging import as_number, cut_page, decode_cursor, encode_cursor
from reorder.domain.staff.rules import Ability
from reorder.insights import api_due
from reorder.insights.api_due import DueRow
from reorder.kernel import clock

router = Router(tags=["due"])
_LIST = "due"
_USUAL_DAYS: Final = 14


class Band(Schema):
    """Two days between which the purchase falls with a probability."""

    from_date: dt.date
    until_date: dt.date


class DueDate(Schema):
    """When one customer will need one product, or something of one category, again."""

    customer_id: int
    customer_key: str
    sku: str | None = Field(description="null where a category is planned as a whole.")
    category: str | None = Field(description="Only where a category is planned as a whole.")
    due_date: dt.date = Field(description="The median of the predicted next purchase.")
    half_band: Band = Field(description="With 50 % probability.")
    wide_band: Band = Field(description="With 80 % probability.")
    remind_date: dt.date
    remind_hit_share: float = Field(description="Probability that the purchase falls within 3 days of remind_date.")
    active_share: float = Field(description="Probability that this customer still buys this.")
    within_7_days: float
    within_14_days: float
    within_30_days: float
    expected_units: float
    orders_count: int
    usual_gap_days: float
    last_bought_date: dt.date
    evidence: str
    reason: str = Field(description="In the language of Accept-Language.")


class DuePage(Schema):
    """A page of due dates by the day to remind, on one day the likeliest first."""

    items: list[DueDate]
    next_cursor: str | None


class DueFilter(Schema):
    """What to list: days ahead, one customer, one product, or several of these together."""

    days: Annotated[int, Field(ge=1, le=366)] | None = Field(
        default=None,
        description="Only those to remind within so many days from today; 14 without a customer or product.",
    )
    customer_id: Id | None = None
    sku: Key | None = None


@reads(router, "/due", ability=Ability.VIEW_CUSTOMERS, answer=DuePage, summary="List due dates by the day to remind")
def list_due(request: ApiRequest, wanted: Query[DueFilter], limit: Limit = 50, cursor: Cursor = None) -> DuePage:
    today = clock.current_date(time_zone=settings.REORDER.time_zone)
    is_narrow = wanted.customer_id is not None or wanted.sku is not None
    days = wanted.days or (None if is_narrow else _USUAL_DAYS)
    after = decode_cursor(of=_LIST, text=cursor, kinds=(dt.date, float, int))
    rows = api_due.list_due(
        limit=limit + 1,
        after=(after[0], after[1], after[2]) if after else None,
        from_date=today if days else None,
        until_date=today + dt.timedelta(days=days - 1) if days else None,
        customer_id=wanted.customer_id,
        subject=api_due.subject_of_sku(sku=wanted.sku) if wanted.sku else None,
    )
    shown, last = cut_page(rows=rows, limit=limit)
    values = (last.remind_date, last.remind_hit_share, last.id) if last else ()
    following = encode_cursor(of=_LIST, values=values) if last else None
    return DuePage(items=[_due(row, today=today) for row in shown], next_cursor=following)


def _due(row: DueRow, *, today: dt.date) -> DueDate:
    return DueDate(
        customer_id=row.customer_id,
        customer_key=row.customer_key,
        sku=row.sku,
        category=row.category_code,
        due_date=row.due_date,
        half_band=Band(from_date=row.due_p25_date, until_date=row.due_p75_date),
        wide_band=Band(from_date=row.due_p10_date, until_date=row.due_p90_date),
        remind_date=row.remind_date,
        remind_hit_share=as_number(row.remind_hit_share),
        active_share=as_number(row.active_share),
        within_7_days=as_number(row.within_7_days),
        within_14_days=as_number(row.within_14_days),
        within_30_days=as_number(row.within_30_days),
        expected_units=as_number(row.expected_units),
        orders_count=row.orders_count,
        usual_gap_days=as_number(row.usual_gap_days),
        last_bought_date=row.last_bought_date,
        evidence=row.evidence,
        reason=api_due.explain_due(row=row, as_of=today, translate=_),
    )
