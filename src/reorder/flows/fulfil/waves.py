"""All orders that are promised and not released looked at together: goods move where that costs less in all.

It is decided on a look that holds nothing; then small groups of orders that change places with each other are held,
looked at again and written. What changed meanwhile is left as it stands, for the next wave. Nobody loses what he has.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.db import transaction

from reorder.domain.inventory.locks import lock_levels
from reorder.domain.orders.errors import UnknownOrder
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.open_orders import list_unreleased_orders
from reorder.engine import routing as engine
from reorder.flows.fulfil.beside import StockBeside
from reorder.flows.fulfil.costing import WAITING_COST, LineFacts, PricedOrder, free_stock, price_places, to_route
from reorder.flows.fulfil.following import HeldOrder, hold_order_row
from reorder.flows.fulfil.regoods import Change, GoodsMovedOn, Piece, move_goods, own_units, pieces_of
from reorder.flows.fulfil.rerouting import line_facts, order_facts, tell_moved
from reorder.flows.fulfil.routing import explain_route
from reorder.flows.fulfil.terms import RoutingTerms, load_terms

# Orders that are read in one transaction, and those that are written in one: so long, placing orders may wait.
_READ, _WRITTEN = 100, 10
# What a group lacked may be free when others have moved; it is tried so often.
_ROUNDS: Final = 3
# Less is no reason to move anything: a minor unit.
_LEAST_SAVING: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveRerouted:
    """Unreleased orders looked at together: which moved, and what their parcels were and are weighed at.

    `last_order_id`: of the last one that was looked at, where there may be more behind it.
    """

    orders_count: int
    moved_order_ids: tuple[int, ...]
    cost_before: float
    cost_after: float
    last_order_id: int | None = None


def reroute_wave(
    *, actor: Actor, moment: dt.datetime, budget_seconds: float = 5.0, after: int = 0, limit: int = 1000, seed: int = 0
) -> WaveRerouted:
    """Look at orders that are promised and not released together, and move goods where that costs less in all.

    At most `limit` orders, those whose numbers come after `after`. Nothing is held while it is decided; call it outside
    of transactions.
    """
    order_ids = list_unreleased_orders(after=after, limit=limit)
    held, pieces = _look(order_ids=order_ids)
    last = order_ids[-1] if len(order_ids) == limit else None
    if not held:
        return WaveRerouted(orders_count=0, moved_order_ids=(), cost_before=0.0, cost_after=0.0, last_order_id=last)
    wave = _Wave.load(held=held, pieces=pieces, moment=moment)
    plan = engine.route_orders(
        orders=[to_route(priced=priced) for priced in wave.priced],
        stock=wave.stock,
        backorder_cost=WAITING_COST,
        budget_seconds=budget_seconds,
        seed=seed,
    )
    moves = wave.moves(plan=plan)
    moved = _write(moves=moves, actor=actor, moment=moment)
    before = sum(wave.cost_now(number) for number in range(len(held)))
    return WaveRerouted(
        orders_count=len(held),
        moved_order_ids=tuple(sorted(moved)),
        cost_before=before,
        cost_after=before - sum(moves[order_id].saving for order_id in moved),
        last_order_id=last,
    )


@dataclass(frozen=True, slots=True)
class _Move:
    """An order whose goods are to come from elsewhere, and what that saves; less than nothing: others save by it."""

    change: Change
    saving: float


@dataclass(frozen=True, slots=True)
class _Wave:
    """Unreleased orders with what each place asks for them, and the stock that they share."""

    held: Sequence[HeldOrder]
    pieces: Mapping[int, list[Piece]]
    priced: Sequence[PricedOrder]
    stock: Mapping[tuple[str, str], float]
    terms: RoutingTerms

    @classmethod
    def load(cls, *, held: Sequence[HeldOrder], pieces: Mapping[int, list[Piece]], moment: dt.datetime) -> "_Wave":
        every = [piece for one in held for piece in pieces[one.order.id]]
        products = sorted({piece.product_id for piece in every})
        free = StockBeside.read(held=held, product_ids=products, own=own_units(pieces=every), moment=moment)
        terms = load_terms(product_ids=products, moment=moment)
        lines: dict[int, list[LineFacts]] = defaultdict(list)
        for piece, line in zip(every, line_facts(pieces=every), strict=True):
            lines[piece.fulfilment.order_id].append(line)
        priced = [
            price_places(order=order_facts(held=one), lines=lines[one.order.id], terms=terms, moment=moment)
            for one in held
        ]
        units = free.units_for(held=held)
        stock: dict[tuple[str, str], float] = {}
        for one in priced:
            stock |= free_stock(priced=one, free=units)
        return cls(held, pieces, priced, stock, terms)

    def cost_now(self, number: int) -> float:
        """What an order is weighed at as it stands."""
        pieces = self.pieces[self.held[number].order.id]
        return self._cost(number, {piece.line_id: piece.fulfilment.place_code for piece in pieces})

    def _cost(self, number: int, places: Mapping[str, str]) -> float:
        """What an order is weighed at from these places; one that may not send it any more counts as waiting."""
        route = to_route(priced=self.priced[number])
        used = set(places.values())
        cost = sum(route.line_cost.get(line, WAITING_COST) for line in places.items())
        cost += sum(route.shipment_cost.get(place, 0.0) for place in used)
        return cost + route.split_penalty * (len(used) - 1)

    def moves(self, *, plan: engine.RoutingPlan) -> dict[int, _Move]:
        """Orders whose goods come from elsewhere, by number; one that would lose any stays as it is."""
        chosen: dict[str, list[engine.Assignment]] = defaultdict(list)
        for each in plan.assignments:
            chosen[each.order_id].append(each)
        ways: dict[str, list[engine.Candidate]] = defaultdict(list)
        for way in plan.candidates:
            ways[way.order_id].append(way)
        moves = {}
        for number, held in enumerate(self.held):
            key = str(held.order.id)
            places = {each.line_id: each.place for each in chosen[key] if each.place is not None}
            pieces = self.pieces[held.order.id]
            is_moved = any(piece.fulfilment.place_code != places.get(piece.line_id) for piece in pieces)
            if len(places) < len(pieces) or not is_moved:
                continue
            route = explain_route(
                priced=self.priced[number], terms=self.terms, assignments=chosen[key], candidates=ways[key]
            )
            change = Change(
                held=held,
                pieces=pieces,
                places=places,
                route=route,
                waits_at=self.priced[number].fallback_place_code,
            )
            moves[held.order.id] = _Move(change, self.cost_now(number) - self._cost(number, places))
        return moves


def _look(*, order_ids: Sequence[int]) -> tuple[list[HeldOrder], dict[int, list[Piece]]]:
    """The orders as they stand, each held for a moment only."""
    held: list[HeldOrder] = []
    for start in range(0, len(order_ids), _READ):
        with one_transaction():
            held += [hold_order_row(order_id=order_id) for order_id in order_ids[start : start + _READ]]
    pieces = {one.order.id: pieces_of(held=one, states=("allocated",)) for one in held}
    return [one for one in held if pieces[one.order.id]], pieces


def _write(*, moves: Mapping[int, _Move], actor: Actor, moment: dt.datetime) -> list[int]:
    """The numbers of the orders that moved."""
    moved: list[int] = []
    for _ in range(_ROUNDS):
        gone = set(moved)
        left = {order_id: move for order_id, move in moves.items() if order_id not in gone}
        done = [
            order_id
            for group in _groups(moves=left)
            for order_id in _write_group(moves=[left[one] for one in group], actor=actor, moment=moment)
        ]
        if not done:
            break
        moved += done
    return moved


def _groups(*, moves: Mapping[int, _Move]) -> Iterator[list[int]]:
    """Orders of which one comes to what another leaves, together; a large group in parts."""
    beside = _beside(moves=moves)
    seen: set[int] = set()
    for first in moves:
        if first in seen:
            continue
        seen.add(first)
        group = [first]
        for order_id in group:
            new = sorted(beside[order_id] - seen)
            seen.update(new)
            group += new
        for start in range(0, len(group), _WRITTEN):
            yield group[start : start + _WRITTEN]


def _beside(*, moves: Mapping[int, _Move]) -> dict[int, set[int]]:
    """By order, those with which it meets at goods that one leaves and another comes to (one in the middle of each)."""
    leaving: dict[tuple[str, int], set[int]] = defaultdict(set)
    coming: dict[tuple[str, int], set[int]] = defaultdict(set)
    for order_id, move in moves.items():
        for piece in move.change.moved:
            leaving[piece.fulfilment.place_code, piece.product_id].add(order_id)
            coming[move.change.target_of(piece)[0], piece.product_id].add(order_id)
    beside: dict[int, set[int]] = defaultdict(set)
    for goods in leaving.keys() & coming.keys():
        middle, *others = sorted(leaving[goods] | coming[goods])
        beside[middle].update(others)
        for other in others:
            beside[other].add(middle)
    return beside


def _write_group(*, moves: Sequence[_Move], actor: Actor, moment: dt.datetime) -> list[int]:
    """Write those of a group that stand as they were seen and find their goods, as long as that saves anything."""
    with one_transaction():
        ordered = sorted(moves, key=lambda move: move.change.held.order.id)
        left = [now for move in ordered if (now := _hold(move=move)) is not None]
        lock_levels(product_ids=sorted({piece.product_id for move in left for piece in move.change.moved}))
        while sum(move.saving for move in left) >= _LEAST_SAVING:
            changes = [move.change for move in left]
            try:
                with transaction.atomic():
                    move_goods(changes=changes, stock=_stock(changes, moment=moment), cause="wave", moment=moment)
            except GoodsMovedOn as fault:
                left = [move for move in left if move.change.held.order.id not in fault.order_ids]
                continue
            for change in changes:
                tell_moved(change=change, cause="wave", actor=actor, moment=moment)
            return [change.held.order.id for change in changes]
    return []


def _hold(*, move: _Move) -> _Move | None:
    """The move with its order held; None when anything happened to the order since it was looked at."""
    seen = move.change.held
    try:
        held = hold_order_row(order_id=seen.order.id)
    except UnknownOrder:
        return None
    return replace(move, change=replace(move.change, held=held)) if held == seen else None


def _stock(changes: Sequence[Change], *, moment: dt.datetime) -> StockBeside:
    moved = [piece for change in changes for piece in change.moved]
    return StockBeside.read(
        held=[change.held for change in changes],
        product_ids=sorted({piece.product_id for piece in moved}),
        own=own_units(pieces=moved),
        moment=moment,
    )
