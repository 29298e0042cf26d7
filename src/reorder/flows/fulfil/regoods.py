"""Goods of orders that change their place: what stands where now, where it shall stand, and the writes between.

For goods that an order still has and keeps where nobody else has them: rerouting. Where what is wanted has changed, or
what was promised is gone (edits, short picks), `repromising` promises it as for a new order. What may be taken both ask
`beside`.

The caller holds the orders and the levels of their products. Stock of all orders is given back before any is promised
anew, so that two orders can change places. It all holds, or nothing is written.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.inventory.allocating import Settled, Wanted, allocate_units, settle_units
from reorder.domain.inventory.waiting import NewBackorder, record_backorders, set_waiting
from reorder.domain.orders.rules import demand_key_of
from reorder.domain.warehouse.life import HeldFulfilment, change_fulfilments
from reorder.domain.warehouse.operations import NewDecision, NewFulfilment, NewFulfilmentLine, add_fulfilments
from reorder.flows.fulfil.beside import StockBeside
from reorder.flows.fulfil.following import HeldOrder, mark_goods
from reorder.flows.fulfil.routing import RoutePlan

MOVABLE: Final = ("waiting", "allocated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Units of a product that one fulfilment order sends for an order line; it moves as a whole."""

    fulfilment: HeldFulfilment
    order_line_id: int
    product_id: int
    sku: str
    units: Decimal

    @property
    def line_id(self) -> str:
        """Its name in a route."""
        return f"{self.fulfilment.id}/{self.order_line_id}/{self.product_id}"

    @property
    def waits(self) -> bool:
        """Whether it waits for goods where it is."""
        return self.fulfilment.state == "waiting"

    @property
    def demand_key(self) -> str:
        """The key by which stock knows it."""
        return demand_key_of(order_line_id=self.order_line_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A held order with its pieces and the place that each shall come from; None: it waits at `waits_at`."""

    held: HeldOrder
    pieces: Sequence[Piece]
    places: Mapping[str, str | None]
    route: RoutePlan
    waits_at: str

    def target_of(self, piece: Piece) -> tuple[str, str]:
        """(place, state) that a piece comes to; one that waits stays where it waits."""
        place = self.places[piece.line_id]
        if place is not None:
            return place, "allocated"
        return (piece.fulfilment.place_code if piece.waits else self.waits_at), "waiting"

    def is_moved(self, piece: Piece) -> bool:
        """Whether it comes from elsewhere, or has its goods now."""
        return self.target_of(piece) != (piece.fulfilment.place_code, "waiting" if piece.waits else "allocated")

    @property
    def moved(self) -> list[Piece]:
        """The pieces that change."""
        return [piece for piece in self.pieces if self.is_moved(piece)]


class GoodsMovedOn(Exception):
    """Stock that was to be promised is not there: nothing is written, the caller's savepoint is rolled back.

    `order_ids` are the orders that it was missing for.
    """

    def __init__(self, *, order_ids: Collection[int]) -> None:
        super().__init__(f"goods of orders {sorted(order_ids)} moved on")
        self.order_ids = frozenset(order_ids)


def pieces_of(*, held: HeldOrder, states: Collection[str]) -> list[Piece]:
    """What of an order can still come from elsewhere."""
    return [
        Piece(
            fulfilment=one,
            order_line_id=line.order_line_id,
            product_id=line.product_id,
            sku=line.sku,
            units=line.units,
        )
        for one in held.fulfilments
        if one.state in states
        for line in one.lines
    ]


def own_units(*, pieces: Sequence[Piece]) -> dict[tuple[str, int], Decimal]:
    """What the pieces are promised now, by (place, product): free for them."""
    units: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for piece in pieces:
        if not piece.waits:
            units[piece.fulfilment.place_code, piece.product_id] += piece.units
    return dict(units)


def move_goods(*, changes: Sequence[Change], stock: StockBeside, cause: str, moment: dt.datetime) -> None:
    """Bring every piece to its place, with fulfilment orders and the decision behind it. Raises GoodsMovedOn.

    `stock` was read under the locks; what it counts as `own` is at least what these changes give back.
    """
    _release(changes=changes, moment=moment)
    short = [change.held.order.id for change in changes if not _promise(change=change, stock=stock, moment=moment)]
    if short:
        raise GoodsMovedOn(order_ids=short)
    for change in changes:
        _wait(change=change)
        _rewrite(change=change, cause=cause, moment=moment)
    mark_goods(
        goods={
            (piece.sku, place)
            for change in changes
            for piece in change.moved
            for place in (piece.fulfilment.place_code, change.target_of(piece)[0])
        }
    )


def _release(*, changes: Sequence[Change], moment: dt.datetime) -> None:
    for change in changes:
        leaving = [piece for piece in change.moved if not piece.waits]
        if not leaving:
            continue
        given_back = settle_units(
            kind="release",
            settled=[
                Settled(
                    demand_key=piece.demand_key,
                    product_id=piece.product_id,
                    units=piece.units,
                    place_code=piece.fulfilment.place_code,
                )
                for piece in leaving
            ],
            key=f"reroute {change.held.event_id}",
            cause_kind="order",
            cause_key=str(change.held.order.id),
            moment=moment,
        )
        if sum(one.units for one in given_back) != sum(piece.units for piece in leaving):
            raise GoodsMovedOn(order_ids=[change.held.order.id])


def _promise(*, change: Change, stock: StockBeside, moment: dt.datetime) -> bool:
    wanted: dict[tuple[str, int, str], Decimal] = defaultdict(Decimal)
    for piece in change.moved:
        place, state = change.target_of(piece)
        if state == "allocated":
            wanted[piece.demand_key, piece.product_id, place] += piece.units
    if not wanted:
        return True
    rules = stock.rules_of(held=change.held)
    segment = stock.segment_of(held=change.held)
    promise = allocate_units(
        wanted=[
            Wanted(
                demand_key=demand,
                product_id=product,
                place_code=place,
                units=units,
                expires_from=rules.expires_from(product_id=product),
                keep_units=rules.keep_units(place_code=place, product_id=product, segment=segment),
            )
            for (demand, product, place), units in sorted(wanted.items())
        ],
        key=f"reroute {change.held.event_id}",
        cause_kind="order",
        cause_key=str(change.held.order.id),
        moment=moment,
    )
    return not promise.short


def _wait(*, change: Change) -> None:
    """Backorders follow: goods that are there now are waited for no longer, those that were lost are.

    What else an order waits for keeps its turn and the day that was promised.
    """
    waiting: dict[tuple[str, int, str], Decimal] = defaultdict(Decimal)
    left: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for piece in change.pieces:
        place, state = change.target_of(piece)
        if state == "waiting":
            waiting[piece.demand_key, piece.product_id, place] += piece.units
            left[piece.demand_key, piece.product_id] += piece.units
    moved = {(piece.demand_key, piece.product_id) for piece in change.moved}
    known = {(piece.demand_key, piece.product_id) for piece in change.pieces if piece.waits}
    set_waiting(units={goods: left.get(goods, Decimal(0)) for goods in sorted(moved & known)})
    lost = moved - known
    record_backorders(
        backorders=[
            NewBackorder(demand_key=demand, product_id=product, place_code=place, units=units)
            for (demand, product, place), units in sorted(waiting.items())
            if (demand, product) in lost
        ]
    )


def _rewrite(*, change: Change, cause: str, moment: dt.datetime) -> None:
    """Fulfilment orders that change are cancelled, and what they sent is written anew with what comes to its place."""
    touched = {piece.fulfilment.id for piece in change.moved}
    targets = {change.target_of(piece) for piece in change.moved}
    touched |= {
        piece.fulfilment.id
        for piece in change.pieces
        if piece.fulfilment.state in MOVABLE and change.target_of(piece) in targets
    }
    ids = sorted(touched)
    states = sorted({piece.fulfilment.state for piece in change.pieces if piece.fulfilment.id in touched})
    if change_fulfilments(ids=ids, from_states=states, to_state="cancelled", moment=moment) != len(ids):
        raise GoodsMovedOn(order_ids=[change.held.order.id])
    lines: dict[tuple[str, str], dict[tuple[int, int], Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for piece in change.pieces:
        if piece.fulfilment.id in touched:
            lines[change.target_of(piece)][piece.order_line_id, piece.product_id] += piece.units
    add_fulfilments(
        fulfilments=[
            _fulfilment(change=change, place=place, state=state, units=units)
            for (place, state), units in sorted(lines.items())
        ],
        decisions=[_decision(change=change, cause=cause, moment=moment)],
    )


def _fulfilment(*, change: Change, place: str, state: str, units: Mapping[tuple[int, int], Decimal]) -> NewFulfilment:
    terms = change.route.terms_of(place_code=place) if state == "allocated" else {}
    return NewFulfilment(
        order_id=change.held.order.id,
        place_code=place,
        state=state,
        lines=tuple(
            NewFulfilmentLine(order_line_id=line, product_id=product, units=many)
            for (line, product), many in sorted(units.items())
        ),
        **terms,
    )


def _decision(*, change: Change, cause: str, moment: dt.datetime) -> NewDecision:
    return NewDecision(
        order_id=change.held.order.id,
        decided_at=moment,
        cause=cause,
        places={
            f"{piece.order_line_id}/{piece.product_id}": change.places[piece.line_id] or "" for piece in change.pieces
        },
        candidates=change.route.candidates,
        cost_minor=change.route.cost_minor,
        reason=change.route.reason,
    )
