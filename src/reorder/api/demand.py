"""The demand plan: expected units by product, place and day, with the parts that make them up."""

import datetime as dt

from ninja import Query, Router, Schema
from pydantic import Field

from reorder.api.access import ApiRequest, reads
from reorder.api.fields import Cursor, Day, Key, Limit
from reorder.api.paging import as_number, cut_page, decode_cursor, encode_cursor
from reorder.domain.staff.rules import Ability
from reorder.insights import api_demand, api_due
from reorder.insights.api_demand import PlannedDay
from reorder.kernel.ids import category_code_of, category_subject, is_category_subject

router = Router(tags=["demand"])
_LIST = "demand"


class DemandDay(Schema):
    """One day of the plan in selling units: mean = baseline + committed + adjustment, never below zero."""

    sku: str | None = Field(description="null where a category is planned as a whole.")
    category: str | None = Field(description="Only where a category is planned as a whole.")
    place: str = Field(description="Empty: sold at no known place.")
    date: dt.date
    mean_units: float
    baseline_units: float = Field(description="What sells without anything that we cause.")
    known_customers_units: float = Field(description="The part of the baseline that known customers explain.")
    committed_units: float = Field(description="What we cause or already hold: recurring orders, campaigns, reminders.")
    adjustment_units: float = Field(description="What a person corrected.")
    p50_units: float
    p90_units: float
    p95_units: float
    p99_units: float


class DemandPage(Schema):
    """A page of the plan by product, place and day."""

    items: list[DemandDay]
    next_cursor: str | None


class DemandFilter(Schema):
    """What to list."""

    sku: Key | None = Field(default=None, description="A product planned by its category shows its category's plan.")
    category: Key | None = Field(default=None, description="A category that is planned as a whole.")
    place: Key | None = None
    from_date: Day | None = None
    until_date: Day | None = Field(default=None, description="Included.")


@reads(router, "/demand", ability=Ability.VIEW_DEMAND, answer=DemandPage, summary="List the demand plan day by day")
def list_demand(
    request: ApiRequest, wanted: Query[DemandFilter], limit: Limit = 50, cursor: Cursor = None
) -> DemandPage:
    after = decode_cursor(of=_LIST, text=cursor, kinds=(str, str, dt.date))
    rows = api_demand.list_plan(
        actor=request.auth,
        limit=limit + 1,
        after=(after[0], after[1], after[2]) if after else None,
        subject=_subject(wanted),
        place_code=wanted.place,
        from_date=wanted.from_date,
        until_date=wanted.until_date,
    )
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.subject, last.place_code, last.date)) if last else None
    return DemandPage(items=[_day(row) for row in shown], next_cursor=following)


def _subject(wanted: DemandFilter) -> str | None:
    if wanted.sku is not None:
        return api_due.subject_of_sku(sku=wanted.sku)
    return category_subject(category_code=wanted.category) if wanted.category is not None else None


def _day(row: PlannedDay) -> DemandDay:
    is_category = is_category_subject(subject=row.subject)
    return DemandDay(
        sku=None if is_category else row.subject,
        category=category_code_of(subject=row.subject) if is_category else None,
        place=row.place_code,
        date=row.date,
        mean_units=as_number(row.mean_units),
        baseline_units=as_number(row.baseline_units),
        known_customers_units=as_number(row.known_customers_units),
        committed_units=as_number(row.committed_units),
        adjustment_units=as_number(row.adjustment_units),
        p50_units=as_number(row.p50_units),
        p90_units=as_number(row.p90_units),
        p95_units=as_number(row.p95_units),
        p99_units=as_number(row.p99_units),
    )
