"""Segments of customers: their sizes and worth after the last night, and every recorded move between them."""

import datetime as dt

from django.conf import settings
from ninja import Query, Router, Schema
from pydantic import Field

from reorder.api.access import ApiRequest, reads
from reorder.api.fields import Cursor, Day, Limit
from reorder.api.paging import as_number, cut_page, decode_cursor, encode_cursor
from reorder.domain.staff.rules import Ability
from reorder.insights import segments
from reorder.kernel import clock

router = Router(tags=["segments"])
_LIST = "segment-moves"
_USUAL_DAYS = 7


class Segment(Schema):
    """One segment; amounts in whole units of the shop's currency."""

    segment: str
    customers_count: int
    customers_share: float
    expected_value_90: float = Field(description="What its customers are expected to spend in the next 90 days.")
    expected_value: float = Field(description="In the next 365 days.")
    value_share: float = Field(description="Of the expected value of all customers.")
    churn_share: float = Field(description="The mean chance that one of its customers has left for good.")


class Segments(Schema):
    """All segments that have customers, the best first; before the first night there are none."""

    as_of_date: dt.date | None
    items: list[Segment]


class Move(Schema):
    """A customer whom a night found in another segment than the nights before."""

    date: dt.date
    customer_id: int
    customer_key: str
    from_segment: str | None = Field(description="null: the customer was seen for the first time.")
    to_segment: str


class MovePage(Schema):
    """A page of moves by day."""

    items: list[Move]
    next_cursor: str | None


class MoveFilter(Schema):
    """Which moves to list."""

    since: Day | None = Field(
        default=None, description="Moves of this day and later; without it those of the last 7 days."
    )


@reads(router, "/segments", ability=Ability.VIEW_CUSTOMERS, answer=Segments, summary="Show segments and their worth")
def list_segments(request: ApiRequest) -> Segments:
    page = segments.get_sizes()
    return Segments(
        as_of_date=page.as_of_date,
        items=[
            Segment(
                segment=size.segment,
                customers_count=size.count,
                customers_share=as_number(size.share),
                expected_value_90=as_number(size.expected_value_90),
                expected_value=as_number(size.expected_value),
                value_share=as_number(size.value_share),
                churn_share=as_number(size.churn_share),
            )
            for size in page.sizes
            if size.count
        ],
    )


@reads(
    router,
    "/segments/moves",
    ability=Ability.VIEW_CUSTOMERS,
    answer=MovePage,
    summary="List moves between segments by day",
)
def list_segment_moves(
    request: ApiRequest, wanted: Query[MoveFilter], limit: Limit = 50, cursor: Cursor = None
) -> MovePage:
    today = clock.current_date(time_zone=settings.REORDER.time_zone)
    after = decode_cursor(of=_LIST, text=cursor, kinds=(dt.date, int))
    rows = segments.list_moves(
        since=wanted.since or today - dt.timedelta(days=_USUAL_DAYS),
        after=(after[0], after[1]) if after else None,
        limit=limit + 1,
    )
    shown, last = cut_page(rows=rows, limit=limit)
    return MovePage(
        items=[
            Move(
                date=row.date,
                customer_id=row.customer_id,
                customer_key=row.key,
                from_segment=row.from_segment or None,
                to_segment=row.to_segment,
            )
            for row in shown
        ],
        next_cursor=encode_cursor(of=_LIST, values=(last.date, last.id)) if last else None,
    )
