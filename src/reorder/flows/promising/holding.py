"""Stock held for carts: places are chosen as for an order, and the hold is tried until it fits or is known not to."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from reorder.domain.catalog.bundles import list_parts
from reorder.domain.catalog.queries import ProductRow, list_products_by_sku
from reorder.domain.inventory.allocating import (
    Promise,
    Wanted,
    drop_expired_holds,
    drop_holds,
    hold_units,
)
from reorder.domain.inventory.promise_rules import PromiseRules
from reorder.domain.inventory.promise_terms import rules_for
from reorder.domain.inventory.queries import list_free_units, list_held_units
from reorder.domain.orders.rules import cart_hold_key
from reorder.domain.storage import one_transaction
from reorder.flows.fulfil.routing import LineFacts, OrderFacts, decide_places, load_terms
from reorder.flows.promising import errors
from reorder.kernel.formatting import name_first
from reorder.kernel.quantity import MAXIMUM_UNITS, plain_decimal

MOST_LINES = 500
MOST_MINUTES = 24 * 60
_LONGEST_ID = 200
# Free stock that vanished while we looked: look again so often, then it counts as short.
_TRIES = 4
_SWEPT_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLine:
    """Selling units of a product in a cart."""

    sku: str
    units: Decimal


@dataclass(frozen=True, slots=True)
class HeldGoods:
    """Units of a product (of a bundle: of a component) that are kept at a place; the SKU is that of the cart's line."""

    sku: str
    place_code: str
    units: Decimal


@dataclass(frozen=True, slots=True)
class ShortGoods:
    """A line that is not covered; `free_units`: the most that one place could keep for it."""

    sku: str
    wanted_units: Decimal
    free_units: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCart:
    """What became of a cart: all of it is held until `expires_at`, or nothing new is and `short` says why."""

    cart_id: str
    channel: str
    expires_at: dt.datetime | None
    held: tuple[HeldGoods, ...] = ()
    short: tuple[ShortGoods, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """Units to keep for a line of the cart; `each` of them make one unit of the line."""

    key: str
    sku: str
    product_id: int
    units: Decimal
    each: Decimal


class _DidNotFit(Exception):
    """The stock that was seen is gone; raised to let go of the locks of an attempt."""

    def __init__(self, promise: Promise) -> None:
        self.promise = promise
        super().__init__()


def hold_cart(
    *,
    cart_id: str,
    channel: str,
    lines: Sequence[CartLine],
    moment: dt.datetime,
    minutes: int | None = None,
    country: str = "",
    postcode: str = "",
    segment: str = "",
) -> HeldCart:
    """Keep stock for a cart for some minutes (default: the setting), all of its lines or nothing.

    What the cart held before is replaced; a cart that does not fit keeps what it held. Where goods go (country,
    postcode), the customer's segment and the channel decide as for an order: one place with everything comes first.
    Raises BadCart, UnknownGoods, UnitsNotSold, NothingToFulfilFrom.
    """
    _refuse_bad_cart(cart_id=cart_id, lines=lines, minutes=minutes)
    until = moment + dt.timedelta(minutes=minutes or settings.REORDER.cart_hold_minutes)
    with one_transaction():
        parts = _open(lines=lines)
        rules = rules_for(channel=channel, product_ids=sorted({part.product_id for part in parts}), moment=moment)
        hold_key = cart_hold_key(channel=channel, cart_id=cart_id)
        free = _free(parts=parts, rules=rules, hold_key=hold_key, segment=segment, moment=moment)
        cart = _Cart(hold_key, channel, country, postcode, segment, moment, until)
        promise, missing = _hold(cart=cart, parts=parts, free=free, rules=rules)
    if promise is None:
        return HeldCart(cart_id=cart_id, channel=channel, expires_at=None, short=_short(parts=missing, free=free))
    skus = {part.key: part.sku for part in parts}
    held = tuple(HeldGoods(skus[one.demand_key], one.place_code, one.units) for one in promise.taken)
    return HeldCart(cart_id=cart_id, channel=channel, expires_at=until, held=held)


def _free(
    *, parts: Sequence[_Part], rules: PromiseRules, hold_key: str, segment: str, moment: dt.datetime
) -> dict[tuple[str, int], Decimal]:
    """What this cart could have now by place and product; what it holds already is its own, whatever is kept."""
    product_ids = sorted({part.product_id for part in parts})
    free = list_free_units(product_ids=product_ids, moment=moment, today=rules.today)
    own = list_held_units(hold_keys=[hold_key], moment=moment).get(hold_key, {})
    takeable = rules.takeable_units(
        free={key: units + own.get(key, Decimal(0)) for key, units in free.items()}, segment=segment
    )
    return {key: max(units, own.get(key, Decimal(0))) for key, units in takeable.items()}


def release_cart(*, cart_id: str, channel: str) -> int:
    """Give back what a cart holds; returns how many holds that were. Twice is once."""
    with one_transaction():
        return drop_holds(hold_keys=[cart_hold_key(channel=channel, cart_id=cart_id)])


def sweep_holds(*, moment: dt.datetime) -> int:
    """Give back the holds that are over, in lots of a transaction each; returns how many that were."""
    swept = 0
    while True:
        with one_transaction():
            dropped = drop_expired_holds(moment=moment, limit=_SWEPT_AT_ONCE)
        swept += dropped
        if not dropped:
            return swept


@dataclass(frozen=True, slots=True)
class _Cart:
    hold_key: str
    channel: str
    country: str
    postcode: str
    segment: str
    moment: dt.datetime
    until: dt.datetime


def _hold(
    *, cart: _Cart, parts: Sequence[_Part], free: dict[tuple[str, int], Decimal], rules: PromiseRules
) -> tuple[Promise | None, Sequence[_Part]]:
    """The promise, or the parts that no place can keep; what was learned of free stock is noted in `free`."""
    for _attempt in range(_TRIES):
        place_by_key = _places(cart=cart, parts=parts, free=free)
        missing = [part for part in parts if place_by_key.get(part.key) is None]
        if missing:
            return None, missing
        try:
            # A savepoint of its own: an attempt that does not fit must not keep its locks for the next one.
            with transaction.atomic():
                return _try(cart=cart, parts=parts, places=place_by_key, rules=rules), ()
        except _DidNotFit as fault:
            for short in fault.promise.short:
                free[short.place_code, short.product_id] = short.free_units
    return None, parts


def _try(*, cart: _Cart, parts: Sequence[_Part], places: Mapping[str, str | None], rules: PromiseRules) -> Promise:
    wanted = [
        Wanted(
            demand_key=part.key,
            product_id=part.product_id,
            place_code=place,
            units=part.units,
            expires_from=rules.expires_from(product_id=part.product_id),
            keep_units=rules.keep_units(place_code=place, product_id=part.product_id, segment=cart.segment),
        )
        for part in parts
        if (place := places[part.key])
    ]
    promise = hold_units(hold_key=cart.hold_key, wanted=wanted, moment=cart.moment, expires_at=cart.until)
    if promise.short:
        raise _DidNotFit(promise)
    return promise


def _places(*, cart: _Cart, parts: Sequence[_Part], free: Mapping[tuple[str, int], Decimal]) -> dict[str, str | None]:
    terms = load_terms()
    if not any(place.kind != "supplier" for place in terms.places):
        raise errors.NothingToFulfilFrom
    plan = decide_places(
        order=OrderFacts(
            order_id=0,
            channel=cart.channel,
            country=cart.country or terms.served.regions.home_country,
            postcode=cart.postcode,
            currency=settings.REORDER.currency,
        ),
        lines=[
            LineFacts(line_id=part.key, product_id=part.product_id, units=part.units, value_minor=0) for part in parts
        ],
        free=free,
        moment=cart.moment,
        terms=terms,
    )
    return plan.place_by_line


def _open(*, lines: Sequence[CartLine]) -> list[_Part]:
    """Lines with bundles opened into components; the same SKU twice is summed."""
    wanted: dict[str, Decimal] = {}
    for line in lines:
        wanted[line.sku] = wanted.get(line.sku, Decimal(0)) + line.units
    products = list_products_by_sku(skus=sorted(wanted))
    missing = sorted(wanted.keys() - products.keys())
    if missing:
        raise errors.UnknownGoods(skus=name_first(missing))
    for sku, units in wanted.items():
        _refuse_bad_units(product=products[sku], units=units)
    components = list_parts(product_ids=sorted(product.id for product in products.values()))
    return [
        _Part(f"{sku}/{product_id}", sku, product_id, units * each, each)
        for sku, units in wanted.items()
        for product_id, each in components.get(products[sku].id, [(products[sku].id, Decimal(1))])
    ]


def _refuse_bad_cart(*, cart_id: str, lines: Sequence[CartLine], minutes: int | None) -> None:
    reasons = {
        "its id must be there, with at most 200 characters": not cart_id.strip() or len(cart_id) > _LONGEST_ID,
        "it needs at least one line": not lines,
        "it may have at most 500 lines": len(lines) > MOST_LINES,
        "it can be held for 1 to 1440 minutes": minutes is not None and not 1 <= minutes <= MOST_MINUTES,
    }
    for reason, holds in reasons.items():
        if holds:
            raise errors.BadCart(reason=reason)


def _refuse_bad_units(*, product: ProductRow, units: Decimal) -> None:
    reason = ""
    if not units.is_finite() or units <= 0:
        reason = "give more than zero"
    elif units > MAXIMUM_UNITS:
        reason = "that is more than 1,000,000,000"
    elif units % 1 and not product.is_sold_in_fractions:
        reason = "it is sold in whole units"
    elif units != units.quantize(Decimal("0.001")):
        reason = "more than three decimals"
    if reason:
        said = plain_decimal(number=units) if units.is_finite() else str(units)
        raise errors.UnitsNotSold(sku=product.sku, units=said, reason=reason)


def _short(*, parts: Sequence[_Part], free: Mapping[tuple[str, int], Decimal]) -> tuple[ShortGoods, ...]:
    """By SKU of the cart; of a bundle the scarcest component tells how many bundles could be kept."""
    short: dict[str, ShortGoods] = {}
    for part in parts:
        most = max((units for (_place, product), units in free.items() if product == part.product_id), default=None)
        there = max(most or Decimal(0), Decimal(0)) / part.each
        known = short.get(part.sku)
        whole = there if part.each == 1 else there // 1
        if known is None or whole < known.free_units:
            short[part.sku] = ShortGoods(part.sku, part.units / part.each, whole)
    return tuple(short.values())
