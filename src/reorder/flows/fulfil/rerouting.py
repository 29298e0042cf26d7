"""Orders routed again: after a short pick or when a place is out, and all that wait to be released, together.

Only what nobody has in his hands moves. What no other place has stays where it is.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.db import transaction

from reorder.domain.customers.addresses import find_address
from reorder.domain.inventory.locks import lock_levels
from reorder.domain.inventory.queries import list_free_units
from reorder.domain.orders.editing import list_held_lines
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.open_orders import list_orders_at, list_unreleased_orders
from reorder.engine import routing as engine
from reorder.flows.fulfil.costing import (
    WAITING_COST,
    LineFacts,
    OrderFacts,
    PricedOrder,
    free_stock,
    price_places,
    to_route,
)
from reorder.flows.fulfil.following import HeldOrder, audit, hold_order_row, tell
from reorder.flows.fulfil.holding import follow_waiting
from reorder.flows.fulfil.regoods import MOVABLE, Change, GoodsMovedOn, Piece, move_goods, own_units, pieces_of
from reorder.flows.fulfil.routing import decide_places, explain_route
from reorder.flows.fulfil.terms import RoutingTerms, load_terms
from reorder.flows.shop_day import shop_date

# What of a place that is out can still go from elsewhere: nobody has begun to pick it.
_OUTAGE: Final = (*MOVABLE, "released")
_PAGE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerouted:
    """What became of an order: the places its pieces left and came to (both empty: nothing changed), and its state."""

    order_id: int
    from_places: tuple[str, ...]
    to_places: tuple[str, ...]
    state: str

    @property
    def is_changed(self) -> bool:
        """Whether anything moved."""
        return bool(self.to_places)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRerouted:
    """Orders of a place that is out: those that go from elsewhere now, and those that stay because nobody has it."""

    moved_order_ids: tuple[int, ...]
    left_order_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveRerouted:
    """All unreleased orders looked at together: which moved, and what their parcels were and are weighed at."""

    orders_count: int
    moved_order_ids: tuple[int, ...]
    cost_before: float
    cost_after: float


def reroute_order(
    *, order_id: int, cause: str, actor: Actor, moment: dt.datetime, avoid_places: Collection[str] = ()
) -> Rerouted:
    """Choose places again for what of an order is not in work yet; `cause`: short_pick, outage, manual.

    Nothing comes from `avoid_places` that another place has; from those, what is released but not picked moves too.
    Raises UnknownOrder, NotOurs.
    """
    with one_transaction():
        return reroute_held(order_id=order_id, cause=cause, actor=actor, moment=moment, avoid_places=avoid_places)


def reroute_held(
    *, order_id: int, cause: str, actor: Actor, moment: dt.datetime, avoid_places: Collection[str] = ()
) -> Rerouted:
    """The same as a part of the caller's transaction, such as that of a short pick."""
    held = hold_order_row(order_id=order_id)
    states = _OUTAGE if avoid_places else MOVABLE
    pieces = [
        piece
        for piece in pieces_of(held=held, states=states)
        if piece.fulfilment.state != "released" or piece.fulfilment.place_code in avoid_places
    ]
    if not pieces:
        return _unchanged(held)
    change = _decide(held=held, pieces=pieces, avoid_places=avoid_places, moment=moment)
    if not change.moved:
        return _unchanged(held)
    try:
        with transaction.atomic():
            move_goods(changes=[change], cause=cause, moment=moment)
    except GoodsMovedOn:
        return _unchanged(held)
    return _tell(change=change, cause=cause, actor=actor, moment=moment)


def reroute_place(*, place_code: str, actor: Actor, moment: dt.datetime) -> PlaceRerouted:
    """A place is out: everything there that nobody has picked goes from elsewhere where it can, order by order."""
    moved: list[int] = []
    left: list[int] = []
    after = 0
    while order_ids := list_orders_at(place_code=place_code, states=_OUTAGE, after=after, limit=_PAGE):
        for order_id in order_ids:
            done = reroute_order(
                order_id=order_id, cause="outage", actor=actor, moment=moment, avoid_places=[place_code]
            )
            (moved if done.is_changed else left).append(order_id)
        after = order_ids[-1]
    return PlaceRerouted(moved_order_ids=tuple(moved), left_order_ids=tuple(left))


def reroute_wave(
    *, actor: Actor, moment: dt.datetime, budget_seconds: float = 5.0, limit: int = 1000, seed: int = 0
) -> WaveRerouted:
    """Look at all orders that are promised and not released together, and move goods where that costs less in all.

    One transaction: the orders are held while it is decided, `limit` of them at most. Nobody loses what he has.
    """
    with one_transaction():
        held = [hold_order_row(order_id=order_id) for order_id in list_unreleased_orders(limit=limit)]
        pieces = {one.order.id: pieces_of(held=one, states=("allocated",)) for one in held}
        held = [one for one in held if pieces[one.order.id]]
        if not held:
            return WaveRerouted(orders_count=0, moved_order_ids=(), cost_before=0.0, cost_after=0.0)
        wave = _Wave.load(held=held, pieces=pieces, moment=moment)
        plan = engine.route_orders(
            orders=[to_route(priced=priced) for priced in wave.priced],
            stock=wave.stock,
            backorder_cost=WAITING_COST,
            budget_seconds=budget_seconds,
            seed=seed,
        )
        before = sum(wave.cost_now(number) for number in range(len(held)))
        changes = wave.changes(plan=plan) if plan.cost < before - 1 else []
        try:
            with transaction.atomic():
                move_goods(changes=changes, cause="wave", moment=moment)
        except GoodsMovedOn:
            changes = []
        for change in changes:
            _tell(change=change, cause="wave", actor=actor, moment=moment)
    return WaveRerouted(
        orders_count=len(held),
        moved_order_ids=tuple(change.held.order.id for change in changes),
        cost_before=before,
        cost_after=plan.cost if changes else before,
    )


@dataclass(frozen=True, slots=True)
class _Wave:
    """Unreleased orders with what each place asks for them, and the stock that they share."""

    held: Sequence[HeldOrder]
    pieces: dict[int, list[Piece]]
    priced: Sequence[PricedOrder]
    stock: dict[tuple[str, str], float]
    terms: RoutingTerms

    @classmethod
    def load(cls, *, held: Sequence[HeldOrder], pieces: dict[int, list[Piece]], moment: dt.datetime) -> "_Wave":
        every = [piece for one in held for piece in pieces[one.order.id]]
        free = _free(pieces=every, moment=moment)
        terms = load_terms(product_ids=sorted({piece.product_id for piece in every}), moment=moment)
        facts = [(_order_facts(one), _line_facts(held=one, pieces=pieces[one.order.id])) for one in held]
        priced = [price_places(order=order, lines=lines, terms=terms, moment=moment) for order, lines in facts]
        stock: dict[tuple[str, str], float] = {}
        for one in priced:
            stock |= free_stock(priced=one, free=free)
        return cls(held, pieces, priced, stock, terms)

    def cost_now(self, number: int) -> float:
        """What an order is weighed at as it stands; a place that may not send it any more counts as waiting."""
        route, places = to_route(priced=self.priced[number]), set()
        cost = 0.0
        for piece in self.pieces[self.held[number].order.id]:
            place = piece.fulfilment.place_code
            cost += route.line_cost.get((piece.line_id, place), WAITING_COST)
            places.add(place)
        cost += sum(route.shipment_cost.get(place, 0.0) for place in places)
        return cost + route.split_penalty * (len(places) - 1)

    def changes(self, *, plan: engine.RoutingPlan) -> list[Change]:
        """Orders whose goods come from elsewhere; one that would lose any stays, with all others, as it is."""
        places: dict[str, dict[str, str | None]] = {}
        for each in plan.assignments:
            places.setdefault(each.order_id, {})[each.line_id] = each.place
        if any(place is None for chosen in places.values() for place in chosen.values()):
            return []
        changes = []
        for held, priced in zip(self.held, self.priced, strict=True):
            key = str(held.order.id)
            route = explain_route(
                priced=priced,
                terms=self.terms,
                assignments=[each for each in plan.assignments if each.order_id == key],
                candidates=[each for each in plan.candidates if each.order_id == key],
            )
            change = Change(
                held=held,
                pieces=self.pieces[held.order.id],
                places=places[key],
                route=route,
                waits_at=priced.fallback_place_code,
            )
            if change.moved:
                changes.append(change)
        return changes


def _decide(*, held: HeldOrder, pieces: Sequence[Piece], avoid_places: Collection[str], moment: dt.datetime) -> Change:
    free = _free(pieces=pieces, moment=moment)
    terms = load_terms(product_ids=sorted({piece.product_id for piece in pieces}), moment=moment)
    terms.places = [place for place in terms.places if place.code not in avoid_places]
    route = decide_places(
        order=_order_facts(held),
        lines=_line_facts(held=held, pieces=pieces),
        free=free,
        moment=moment,
        terms=terms,
    )
    chosen = route.place_by_line
    # What nobody else has stays promised where it is.
    places = {
        piece.line_id: chosen[piece.line_id] or (None if piece.waits else piece.fulfilment.place_code)
        for piece in pieces
    }
    return Change(
        held=held,
        pieces=pieces,
        places=places,
        route=route,
        waits_at=route.fallback_place_code or pieces[0].fulfilment.place_code,
    )


def _free(*, pieces: Sequence[Piece], moment: dt.datetime) -> dict[tuple[str, int], Decimal]:
    """Free units with what the pieces themselves are promised; the levels are held from here on."""
    products = sorted({piece.product_id for piece in pieces})
    lock_levels(product_ids=products)
    free = dict(list_free_units(product_ids=products, moment=moment, today=shop_date(moment=moment)))
    for key, units in own_units(pieces=pieces).items():
        free[key] = free.get(key, Decimal(0)) + units
    return free


def _order_facts(held: HeldOrder) -> OrderFacts:
    order = held.order
    address = find_address(address_id=order.ship_to_id) if order.ship_to_id else None
    return OrderFacts(
        order_id=order.id,
        channel=order.channel,
        country=(address.country if address else "") or settings.REORDER.country,
        postcode=order.ship_postcode,
        currency=order.currency,
        ship_method=order.ship_method,
        is_store_pickup=bool(address and address.store_code),
    )


def _line_facts(*, held: HeldOrder, pieces: Sequence[Piece]) -> list[LineFacts]:
    lines = {line.id: line for line in list_held_lines(order_ids=[held.order.id])}
    facts = []
    for piece in pieces:
        line = lines[piece.order_line_id]
        value = round((line.unit_price_minor or 0) * min(piece.units, line.units))
        facts.append(
            LineFacts(line_id=piece.line_id, product_id=piece.product_id, units=piece.units, value_minor=value)
        )
    return facts


def _tell(*, change: Change, cause: str, actor: Actor, moment: dt.datetime) -> Rerouted:
    order = change.held.order
    left = tuple(sorted({piece.fulfilment.place_code for piece in change.moved}))
    came = tuple(sorted({change.target_of(piece)[0] for piece in change.moved}))
    details = {"from": list(left), "to": list(came), "cause": cause, "reason": change.route.reason}
    now = hold_order_row(order_id=order.id)
    tell(order=order, kind="rerouted", to_state=now.state, actor=actor, moment=moment, reason=cause, details=details)
    state = follow_waiting(order_id=order.id, actor=actor, moment=moment)
    audit(actor=actor, action="orders.rerouted", order=order, details={"from": list(left), "to": list(came)})
    return Rerouted(order_id=order.id, from_places=left, to_places=came, state=state)


def _unchanged(held: HeldOrder) -> Rerouted:
    return Rerouted(order_id=held.order.id, from_places=(), to_places=(), state=held.order.state)


__all__ = [
    "PlaceRerouted",
    "Rerouted",
    "WaveRerouted",
    "reroute_held",
    "reroute_order",
    "reroute_place",
    "reroute_wave",
]
