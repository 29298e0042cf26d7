"""Waves: what could be picked together, waves made and released, their batches with walks, and the lines to pick."""

import datetime as dt
from typing import Literal

from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Cursor, ExactUnits, Given, Id, IdempotencyKey, Key, Limit
from reorder.api.paging import cut_page, decode_cursor, encode_cursor
from reorder.domain.staff.rules import Ability
from reorder.domain.warehouse.wave_lines import LineRow
from reorder.domain.warehouse.wave_queries import BatchSummary, WaveSummary
from reorder.domain.warehouse.wave_rules import WaveProposal
from reorder.flows import waves
from reorder.insights import waves as reading
from reorder.kernel import clock

router = Router(tags=["waves"])
_LIST = "waves"
WaveState = Literal["planned", "released", "picking", "done", "cancelled"]
BatchState = Literal["open", "picking", "done", "cancelled"]
LineState = Literal["open", "picked", "short", "moved", "dropped"]
Temperature = Literal["ambient", "chilled", "frozen"]


class ProposedWave(Schema):
    """Orders that would be picked together."""

    key: str = Field(description="Names it when a wave is made of it; gone once its orders are in another one.")
    cut_off_at: dt.datetime | None
    temperature_class: Temperature
    is_express: bool
    orders: int
    lines: int
    units: ExactUnits


class ProposedWaves(Schema):
    """The waves that could be made at a place now, the earliest cut-off first."""

    items: list[ProposedWave]


class Wave(Schema):
    """A wave and how far it is."""

    id: int
    place: str
    state: WaveState
    is_releasing: bool = Field(description="A worker releases its orders and plans its walks, or will in a moment.")
    cut_off_at: dt.datetime | None
    temperature_class: Temperature
    is_express: bool
    orders: int
    batches: int
    batches_done: int
    lines: int
    lines_picked: int
    length_mm: int | None = Field(description="Of all walks; null where the place has no floor plan.")
    by_name_length_mm: int | None = Field(description="The same in the order of location names.")
    created_at: dt.datetime
    released_at: dt.datetime | None
    done_at: dt.datetime | None
    left_back: list[str] = Field(description="Orders that could not be released with it.")


class WaveBatch(Schema):
    """One walk of one person."""

    id: int
    number: int
    state: BatchState
    kind: Literal["cart", "singles"] = Field(description="Orders of one line are picked together without totes.")
    assigned_to: str
    totes: int
    orders: int
    lines: int
    lines_picked: int
    units: ExactUnits
    length_mm: int | None
    by_name_length_mm: int | None


class WaveWithBatches(Wave):
    """A wave with its batches."""

    items: list[WaveBatch]


class WavePage(Schema):
    """A page of waves, the newest first."""

    items: list[Wave]
    next_cursor: str | None


class BatchLine(Schema):
    """Units of a lot to take out of a bin."""

    id: int
    sequence: int
    bin: str = Field(description="Empty: the goods are in no bin by the records.")
    sku: str
    product_name: str
    lot: str
    expires_date: dt.date | None
    units: ExactUnits
    picked_units: ExactUnits
    tote: int = Field(description="Position on the cart; 0: none.")
    order_id: int
    order: str
    state: LineState
    picked_by: str
    picked_at: dt.datetime | None


class BatchWithLines(WaveBatch):
    """A batch with its lines in walking order."""

    wave_id: int
    place: str
    walk: list[str] = Field(description="Bins in walking order.")
    items: list[BatchLine]


class WaveFilter(Schema):
    """What to list; without a state those that are not finished."""

    place: Key | None = None
    state: WaveState | None = None


class PlaceFilter(Schema):
    """Where."""

    place: Key


class WaveBody(Given):
    """Of which proposal of which place."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"place": "KEELUNG", "proposal": "20261127T0700-ambient-usual-0"}]},
    )
    place: Key
    proposal: Key


class EmptyWaveBody(Given):
    """Nothing needs to be said."""


@reads(
    router,
    "/waves/proposals",
    ability=Ability.FULFIL_ORDERS,
    answer=ProposedWaves,
    summary="List waves that could be made at a place now",
)
def list_wave_proposals(request: ApiRequest, wanted: Query[PlaceFilter]) -> ProposedWaves:
    found = waves.propose_waves(place_code=wanted.place, actor=request.auth)
    return ProposedWaves(items=[_proposal(one) for one in found])


@reads(router, "/waves", ability=Ability.VIEW_ORDERS, answer=WavePage, summary="List waves, the newest first")
def list_waves(request: ApiRequest, wanted: Query[WaveFilter], limit: Limit = 50, cursor: Cursor = None) -> WavePage:
    before = decode_cursor(of=_LIST, text=cursor, kinds=(int,))
    rows = reading.list_waves(
        actor=request.auth,
        place_code=wanted.place,
        states=(wanted.state,) if wanted.state else reading.LIVE,
        before_id=before[0] if before else None,
        limit=limit + 1,
    )
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.id,)) if last else None
    return WavePage(items=[Wave.model_validate(_wave(row)) for row in shown], next_cursor=following)


@reads(
    router,
    "/waves/{int:wave_id}",
    ability=Ability.VIEW_ORDERS,
    answer=WaveWithBatches,
    summary="Show a wave with its batches",
)
def get_wave(request: ApiRequest, wave_id: Id) -> WaveWithBatches:
    return _shown(request, wave_id)


@reads(
    router,
    "/pick-batches/{int:batch_id}",
    ability=Ability.VIEW_ORDERS,
    answer=BatchWithLines,
    summary="Show a batch with its lines in walking order",
)
def get_pick_batch(request: ApiRequest, batch_id: Id) -> BatchWithLines:
    page = reading.get_batch(actor=request.auth, batch_id=batch_id)
    batches = reading.get_wave(actor=request.auth, wave_id=page.batch.wave_id).batches
    batch = next(one for one in batches if one.id == batch_id)
    more = {
        "wave_id": page.batch.wave_id,
        "place": page.batch.place_code,
        "walk": list(page.batch.walk),
        "items": [_line(line) for line in page.lines],
    }
    return BatchWithLines.model_validate(_batch(batch) | more)


@writes(
    router,
    "/waves",
    ability=Ability.FULFIL_ORDERS,
    answers={201: WaveWithBatches},
    summary="Make a wave of a proposal; its orders are in no other wave then",
)
def create_wave(request: ApiRequest, idempotency_key: IdempotencyKey, body: WaveBody) -> Written:
    moment = clock.current_moment()
    wave_id = waves.make_wave(place_code=body.place, key=body.proposal, actor=request.auth, moment=moment)
    return Written(status=201, body=_shown(request, wave_id), headers={"Location": f"/api/v1/waves/{wave_id}"})


@writes(
    router,
    "/waves/{int:wave_id}/release",
    ability=Ability.FULFIL_ORDERS,
    answers={202: WaveWithBatches},
    summary="Have a worker release its orders and plan its walks",
)
def release_wave(request: ApiRequest, idempotency_key: IdempotencyKey, wave_id: Id, body: EmptyWaveBody) -> Written:
    waves.ask_release(wave_id=wave_id, actor=request.auth, moment=clock.current_moment())
    return Written(status=202, body=_shown(request, wave_id))


@writes(
    router,
    "/waves/{int:wave_id}/cancel",
    ability=Ability.FULFIL_ORDERS,
    answers={200: WaveWithBatches},
    summary="Give up what nobody has begun; its orders can be in another wave",
)
def cancel_wave(request: ApiRequest, idempotency_key: IdempotencyKey, wave_id: Id, body: EmptyWaveBody) -> Written:
    waves.cancel_wave(wave_id=wave_id, actor=request.auth, moment=clock.current_moment())
    return Written(status=200, body=_shown(request, wave_id))


def _shown(request: ApiRequest, wave_id: int) -> WaveWithBatches:
    page = reading.get_wave(actor=request.auth, wave_id=wave_id)
    return WaveWithBatches.model_validate(_wave(page.wave) | {"items": [_batch(one) for one in page.batches]})


def _proposal(one: WaveProposal) -> ProposedWave:
    facts = {name: getattr(one, name) for name in ("key", "cut_off_at", "temperature_class", "is_express", "units")}
    return ProposedWave.model_validate(facts | {"orders": one.orders_count, "lines": one.lines_count})


def _wave(one: WaveSummary) -> dict[str, object]:
    names = (
        "id", "state", "is_releasing", "cut_off_at", "temperature_class", "is_express", "length_mm",
        "by_name_length_mm", "created_at", "released_at", "done_at",
    )  # fmt: skip
    return {name: getattr(one, name) for name in names} | {
        "place": one.place_code,
        "orders": one.parcels_count,
        "batches": one.batches_count,
        "batches_done": one.batches_done_count,
        "lines": one.lines_count,
        "lines_picked": one.done_count,
        "left_back": [left["order"] for left in one.left_back],
    }


def _batch(one: BatchSummary) -> dict[str, object]:
    names = ("id", "number", "state", "kind", "assigned_to", "totes", "units", "length_mm", "by_name_length_mm")
    return {name: getattr(one, name) for name in names} | {
        "orders": one.parcels_count,
        "lines": one.lines_count,
        "lines_picked": one.done_count,
    }


def _line(one: LineRow) -> dict[str, object]:
    names = (
        "id", "sequence", "sku", "lot", "expires_date", "units", "picked_units", "tote", "order_id", "order", "state",
        "picked_by", "picked_at",
    )  # fmt: skip
    return {name: getattr(one, name) for name in names} | {"bin": one.bin_code, "product_name": one.name}
