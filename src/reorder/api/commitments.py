"""Commitments: demand that a shop causes or holds already, said by whatever knows of it."""

import datetime as dt
from typing import Annotated, Final, Literal

from django.conf import settings
from ninja import Query, Router, Schema
from pydantic import Field

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Cursor, Day, Given, IdempotencyKey, Key, Limit, Text
from reorder.api.paging import cut_page, decode_cursor, encode_cursor
from reorder.domain.planning import commitments
from reorder.domain.planning.commitments import CommitmentRow
from reorder.domain.staff.rules import Ability
from reorder.flows import demand_plan
from reorder.flows.demand_plan import CommitmentLine
from reorder.kernel import clock

router = Router(tags=["demand"])
_LIST = "commitments"
_MOST_UNITS: Final = 999_999_999.0

Kind = Literal["recurring_order", "pre_order", "campaign", "reminder", "price_change"]
Units = Annotated[float, Field(ge=-_MOST_UNITS, le=_MOST_UNITS, allow_inf_nan=False)]
Deviation = Annotated[float, Field(ge=0, le=_MOST_UNITS, allow_inf_nan=False)]


class CommitmentLineIn(Given):
    """Units of one product over some days."""

    sku: Key = Field(description="A bundle counts as what it is made of.")
    date: Day = Field(description="The first day.")
    until_date: Day | None = Field(default=None, description="The last day, included; the units spread evenly.")
    units: Units = Field(description="In all; below zero only for a price change.")
    deviation_units: Deviation = Field(default=0.0, description="Standard deviation of the units; 0: certain.")
    place: Key | None = Field(default=None, description="Without it, spread over places as the plan is.")


class CommitmentBody(Given):
    """Everything that stands under one kind and key from now on."""

    kind: Kind
    key: Key = Field(description="The name that its maker gives it, such as the number of a subscription.")
    reason: Text = ""
    lines: Annotated[list[CommitmentLineIn], Field(max_length=2000)] = Field(
        description="None at all withdraws it; days gone by stay, for they are taken out of the history."
    )


class Commitment(Schema):
    """What stands under one kind and key."""

    kind: Kind
    key: str
    reason: str
    author: str
    from_date: dt.date
    until_date: dt.date
    units: float
    deviation_units: float
    realised_units: float | None = Field(description="What its days came to, as far as anybody has settled them.")
    subjects: list[str]
    recorded_at: dt.datetime


class CommitmentPage(Schema):
    """A page of commitments by kind and key."""

    items: list[Commitment]
    next_cursor: str | None


class CommitmentAnswer(Schema):
    """What became of it."""

    kind: Kind
    key: str
    days_written: int
    days_withdrawn: int
    is_counted: bool = Field(description="Whether the demand plan holds it already; else the next night counts it.")


class CommitmentFilter(Schema):
    """What to list."""

    kind: Kind | None = None
    key: Key | None = None


@reads(
    router, "/commitments", ability=Ability.VIEW_DEMAND, answer=CommitmentPage, summary="List commitments that stand"
)
def list_commitments(
    request: ApiRequest, wanted: Query[CommitmentFilter], limit: Limit = 50, cursor: Cursor = None
) -> CommitmentPage:
    after = decode_cursor(of=_LIST, text=cursor, kinds=(str, str))
    rows = commitments.list_commitments(
        places=request.auth.place_codes,
        kind=wanted.kind or "",
        key=wanted.key or "",
        after=(after[0], after[1]) if after else None,
        limit=limit + 1,
    )
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.kind, last.key)) if last else None
    return CommitmentPage(items=[_commitment(row) for row in shown], next_cursor=following)


@writes(
    router,
    "/commitments",
    ability=Ability.ADJUST_DEMAND,
    answers={200: CommitmentAnswer},
    summary="Say what stands under a kind and key; sent again it changes nothing",
)
def post_commitment(request: ApiRequest, idempotency_key: IdempotencyKey, body: CommitmentBody) -> Written:
    done = demand_plan.commit_demand(
        kind=body.kind,
        key=body.key,
        reason=body.reason,
        lines=[
            CommitmentLine(
                sku=line.sku,
                from_date=line.date,
                until_date=line.until_date,
                units=line.units,
                deviation_units=line.deviation_units,
                place_code=line.place or "",
            )
            for line in body.lines
        ],
        place_codes=request.auth.place_codes,
        today=clock.current_date(time_zone=settings.REORDER.time_zone),
        moment=clock.current_moment(),
        decided_by=request.auth.name,
    )
    answer = CommitmentAnswer.model_validate(
        {
            "kind": done.kind,
            "key": done.key,
            "days_written": done.written_count,
            "days_withdrawn": done.withdrawn_count,
            "is_counted": done.is_counted,
        }
    )
    return Written(status=200, body=answer)


def _commitment(row: CommitmentRow) -> Commitment:
    return Commitment.model_validate(
        {
            "kind": row.kind,
            "key": row.key,
            "reason": row.reason,
            "author": row.author,
            "from_date": row.from_date,
            "until_date": row.until_date,
            "units": row.units,
            "deviation_units": row.deviation_units,
            "realised_units": row.realised_units,
            "subjects": list(row.subjects),
            "recorded_at": row.recorded_at,
        }
    )
