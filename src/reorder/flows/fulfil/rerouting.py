"""One order routed again, or all of a place that is out; `waves` looks at all orders together.

Only what nobody has in his hands moves. What no other place has stays where it is. What a picker does not find is lost
and promised anew: `shorts`.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import transaction

from reorder.domain.customers.addresses import find_address
from reorder.domain.inventory.locks import lock_levels
from reorder.domain.orders.editing import list_held_lines
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.open_orders import list_orders_at
from reorder.flows.fulfil.beside import StockBeside
from reorder.flows.fulfil.costing import LineFacts, OrderFacts
from reorder.flows.fulfil.following import HeldOrder, audit, hold_order_row, tell
from reorder.flows.fulfil.holding import follow_waiting
from reorder.flows.fulfil.regoods import MOVABLE, Change, GoodsMovedOn, Piece, move_goods, own_units, pieces_of
from reorder.flows.fulfil.routing import decide_places
from reorder.flows.fulfil.terms import load_terms

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
    stock = _lock_stock(held=held, pieces=pieces, moment=moment)
    change = _decide(held=held, pieces=pieces, stock=stock, avoid_places=avoid_places, moment=moment)
    if not change.moved:
        return _unchanged(held)
    try:
        with transaction.atomic():
            move_goods(changes=[change], stock=stock, cause=cause, moment=moment)
    except GoodsMovedOn:
        return _unchanged(held)
    return tell_moved(change=change, cause=cause, actor=actor, moment=moment)


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


def _decide(
    *, held: HeldOrder, pieces: Sequence[Piece], stock: StockBeside, avoid_places: Collection[str], moment: dt.datetime
) -> Change:
    terms = load_terms(product_ids=sorted({piece.product_id for piece in pieces}), moment=moment)
    terms.places = [place for place in terms.places if place.code not in avoid_places]
    route = decide_places(
        order=order_facts(held=held),
        lines=line_facts(pieces=pieces),
        free=stock.units_for(held=[held]),
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


def _lock_stock(*, held: HeldOrder, pieces: Sequence[Piece], moment: dt.datetime) -> StockBeside:
    products = sorted({piece.product_id for piece in pieces})
    lock_levels(product_ids=products)
    return StockBeside.read(held=[held], product_ids=products, own=own_units(pieces=pieces), moment=moment)


def order_facts(*, held: HeldOrder) -> OrderFacts:
    """An order that is there as routing asks for it."""
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


def line_facts(*, pieces: Sequence[Piece]) -> list[LineFacts]:
    """Pieces as routing asks for them, with what they are worth."""
    order_ids = sorted({piece.fulfilment.order_id for piece in pieces})
    lines = {line.id: line for line in list_held_lines(order_ids=order_ids)}
    facts = []
    for piece in pieces:
        line = lines[piece.order_line_id]
        value = round((line.unit_price_minor or 0) * min(piece.units, line.units))
        facts.append(
            LineFacts(line_id=piece.line_id, product_id=piece.product_id, units=piece.units, value_minor=value)
        )
    return facts


def tell_moved(*, change: Change, cause: str, actor: Actor, moment: dt.datetime) -> Rerouted:
    """The order's state follows its goods, and what became of them is told."""
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
    "line_facts",
    "order_facts",
    "reroute_held",
    "reroute_order",
    "reroute_place",
    "tell_moved",
]
