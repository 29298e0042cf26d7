"""Signals: prices, promotions, competitors' prices, events, holidays, weather and closed days, told in batches."""

import datetime as dt
from typing import Annotated

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Cursor, Day, Given, IdempotencyKey, Key, Limit, Moment
from reorder.api.paging import cut_page, decode_cursor, encode_cursor
from reorder.domain.planning import signals as books
from reorder.domain.planning.rules import ALL_PLACES
from reorder.domain.planning.signal_rules import KINDS, MOST_IN_BATCH, NewSignal
from reorder.domain.planning.signals import SignalRow
from reorder.domain.staff.errors import NotAllowed
from reorder.domain.staff.rules import Ability
from reorder.flows.shop_calendar import take_signals
from reorder.kernel import clock
from reorder.kernel.errors import explain_error

router = Router(tags=["signals"])
_LIST = "signals"

# Wider than what is taken: a signal that is too long is refused alone, not with its batch.
_Loose = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]


class SignalIn(Given):
    """One value of one day, of a product, of a category, or of everything."""

    kind: _Loose = Field(description=f"One of {', '.join(KINDS)}.", examples=["competitor_price"])
    date: Day
    name: _Loose = Field(default="", description="Of the event, the holiday, the competitor or what is measured.")
    sku: _Loose | None = Field(default=None, description="A price belongs to one product.")
    category: _Loose | None = None
    place: _Loose | None = Field(default=None, description="All places, when nothing is said.")
    number: Annotated[float, Field(strict=True, allow_inf_nan=False)] | None = Field(
        default=None,
        description="A price in major units, a discount as a share (0.2), degrees, 1 for open and 0 for closed.",
    )
    text: _Loose = ""
    known_at: Moment | None = Field(
        default=None, description="From when on it was known; a backtest sees nothing later. Now, when left out."
    )


class SignalsBody(Given):
    """Signals of one source; each is taken or refused by itself."""

    source: Key = Field(default="api", description="Who tells it, for people who look into the books.")
    signals: Annotated[list[SignalIn], Field(min_length=1, max_length=MOST_IN_BATCH)]


class RefusedSignal(Schema):
    """A signal that was not taken: its place in the batch, from 0, and why."""

    entry: int
    code: str
    detail: str


class SignalsAnswer(Schema):
    """How many values were new, stood already, or were refused; the refused ones by their place in the batch."""

    added: int
    unchanged: int
    refused: int
    refusals: list[RefusedSignal]


class SignalOut(Schema):
    """One version of a signal; a corrected value is a later version, and the earlier one stays."""

    id: int
    kind: str
    date: dt.date
    name: str
    sku: str | None
    category: str | None
    place: str | None = Field(description="null: all places.")
    number: float | None
    text: str
    known_at: dt.datetime
    source: str


class SignalPage(Schema):
    """A page of versions, the last recorded first."""

    items: list[SignalOut]
    next_cursor: str | None


class SignalFilter(Schema):
    """What to list."""

    kind: Key | None = None
    sku: Key | None = None
    place: Key | None = None
    from_date: Day | None = None
    until_date: Day | None = Field(default=None, description="Included.")


@writes(
    router,
    "/signals",
    ability=Ability.ADJUST_DEMAND,
    answers={200: SignalsAnswer},
    summary="Tell up to 1,000 signals; the same value again changes nothing, a corrected one is a later version",
)
def post_signals(request: ApiRequest, idempotency_key: IdempotencyKey, body: SignalsBody) -> Written:
    # Without a place a signal holds everywhere, which is more than a token of some places may change.
    if any(not request.auth.may_at(signal.place or ALL_PLACES) for signal in body.signals):
        raise NotAllowed(actor=request.auth.name, ability="adjust demand")
    outcome = take_signals(
        signals=[_given(signal) for signal in body.signals],
        source=body.source,
        moment=clock.current_moment(),
        told_by=request.auth.name,
    )
    refusals = [
        RefusedSignal(entry=entry, code=fault.code, detail=explain_error(error=fault, translate=_))
        for entry, fault in outcome.faults.items()
    ]
    return Written(
        status=200,
        body=SignalsAnswer(
            added=outcome.added_count, unchanged=outcome.unchanged_count, refused=len(refusals), refusals=refusals
        ),
    )


@reads(router, "/signals", ability=Ability.VIEW_DEMAND, answer=SignalPage, summary="List signals, the latest first")
def list_signals(
    request: ApiRequest, wanted: Query[SignalFilter], limit: Limit = 50, cursor: Cursor = None
) -> SignalPage:
    after = decode_cursor(of=_LIST, text=cursor, kinds=(int,))
    rows = books.list_signals(
        limit=limit + 1,
        after_id=after[0] if after else None,
        kind=wanted.kind,
        sku=wanted.sku,
        place_code=wanted.place,
        from_date=wanted.from_date,
        until_date=wanted.until_date,
    )
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.id,)) if last else None
    return SignalPage(items=[_signal(row) for row in shown], next_cursor=following)


def _given(signal: SignalIn) -> NewSignal:
    # Both named is a scope of its own, which the rules refuse.
    scope = "both" if signal.sku and signal.category else "product" if signal.sku else "category"
    key = signal.sku or signal.category or ""
    return NewSignal(
        kind=signal.kind,
        date=signal.date,
        name=signal.name.strip(),
        scope=scope if key else "all",
        key=key,
        place_code=signal.place or ALL_PLACES,
        number=signal.number,
        text=signal.text,
        known_at=signal.known_at,
    )


def _signal(row: SignalRow) -> SignalOut:
    return SignalOut(
        id=row.id,
        kind=row.kind,
        date=row.date,
        name=row.name,
        sku=row.key if row.scope == "product" else None,
        category=row.key if row.scope == "category" else None,
        place=None if row.place_code == ALL_PLACES else row.place_code,
        number=row.number,
        text=row.text,
        known_at=row.known_at,
        source=row.source,
    )
