"""Stock promised to one order: places are chosen from what seems free, and the promise is tried until it holds."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from reorder.domain.catalog.queries import ProductRow
from reorder.domain.inventory.allocating import Short, Taken, Wanted, allocate_units
from reorder.domain.inventory.promise_rules import PromiseRules
from reorder.domain.inventory.waiting import NewBackorder, record_backorders
from reorder.domain.orders.rules import demand_key_of, serving_place
from reorder.flows.fulfil.costing import LineFacts, OrderFacts, RoutingTerms
from reorder.flows.fulfil.errors import GoodsShort
from reorder.flows.fulfil.orders import OrderToPlace
from reorder.flows.fulfil.routing import RoutePlan, count_parcels, decide_places
from reorder.flows.serving import Served
from reorder.insights.availability import told_dates
from reorder.kernel.errors import BadInput
from reorder.kernel.formatting import name_first

# Free stock that vanished while we looked: look again so often, then it counts as short.
_TRIES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Units of a product to take from a shelf for an order line; a bundle's line has several."""

    order_line_id: int
    product_id: int
    sku: str
    units: Decimal
    value_minor: int

    @property
    def line_id(self) -> str:
        """Its name in a route: a bundle's line is several lines of it."""
        return f"{self.order_line_id}/{self.product_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedOrder:
    """An order with its numbers, and what it needs from the shelves."""

    order: OrderToPlace
    order_id: int
    line_ids: tuple[int, ...]
    product_ids: tuple[int, ...]
    customer_id: int
    country: str
    postcode: str
    demand_place_code: str
    parts: tuple[Part, ...]
    hold_key: str

    @classmethod
    def make(
        cls,
        *,
        order: OrderToPlace,
        order_id: int,
        line_ids: Sequence[int],
        customer_id: int,
        country: str,
        products: Mapping[str, ProductRow],
        parts: Mapping[int, Sequence[tuple[int, Decimal]]],
        served: Served,
        hold_key: str,
    ) -> "PlannedOrder":
        """Number the lines and open bundles; `parts` are the components by bundle."""
        postcode = order.ship_to.postcode if order.ship_to else ""
        by_place = serving_place(regions=served.regions, country=country, postcode=postcode)
        return cls(
            order=order,
            order_id=order_id,
            line_ids=tuple(line_ids),
            product_ids=tuple(products[line.sku].id for line in order.lines),
            customer_id=customer_id,
            country=country or served.regions.home_country,
            postcode=postcode,
            demand_place_code=by_place or served.default_place_code,
            parts=tuple(
                part
                for line_id, line in zip(line_ids, order.lines, strict=True)
                for part in _parts_of(
                    line_id=line_id,
                    product=products[line.sku],
                    units=line.units,
                    value_minor=round((line.unit_price_minor or 0) * line.units) - line.discount_minor,
                    components=parts.get(products[line.sku].id),
                )
            ),
            hold_key=hold_key,
        )


@dataclass(slots=True)
class FreeStock:
    """Free units by (place code, product id) as far as this batch knows; shrinks with every promise of it.

    `held` is what carts hold, by hold key: free for the cart's own order only.
    """

    units: dict[tuple[str, int], Decimal] = field(default_factory=dict)
    held: dict[str, dict[tuple[str, int], Decimal]] = field(default_factory=dict)

    def free_for(self, *, hold_key: str, rules: PromiseRules, segment: str = "") -> Mapping[tuple[str, int], Decimal]:
        """What an order may take, with what its own cart holds; that is its own whatever is kept for others."""
        own = self.held.get(hold_key, {})
        free = self.units | {key: self.units.get(key, Decimal(0)) + units for key, units in own.items()}
        if rules.is_plain:
            return free
        takeable = rules.takeable_units(free=free, segment=segment)
        return takeable | {key: max(takeable[key], units) for key, units in own.items()}

    def take(self, *, hold_key: str, taken: Sequence[Taken]) -> None:
        """These are promised now, and nothing is held for the cart any more."""
        for key, units in self.held.pop(hold_key, {}).items():
            self.units[key] = self.units.get(key, Decimal(0)) + units
        for one in taken:
            key = (one.place_code, one.product_id)
            self.units[key] = max(self.units.get(key, Decimal(0)) - one.units, Decimal(0))

    def learn(self, *, hold_key: str, short: Sequence[Short], kept: Mapping[tuple[str, int], Decimal]) -> None:
        """So many were free, with the cart's own and beside what is kept, when it was tried."""
        own = self.held.get(hold_key, {})
        for one in short:
            key = (one.place_code, one.product_id)
            there = one.free_units + kept.get(key, Decimal(0)) - own.get(key, Decimal(0))
            self.units[key] = max(there, Decimal(0))


@dataclass(frozen=True, slots=True)
class Promised:
    """An order whose stock is promised (or waits), or the fault for which it is not taken."""

    plan: PlannedOrder
    route: RoutePlan | None = None
    waiting: tuple[tuple[Part, str], ...] = ()
    fault: BadInput | None = None

    @property
    def state(self) -> str:
        """Placed while anything of it waits, else allocated."""
        return "placed" if self.waiting else "allocated"


class StockMoved(Exception):
    """Stock that seemed free is gone: the transaction is to be given up and begun again with its levels locked first.

    Trying another place within it would lock levels out of order, and two such orders could wait for each other.
    """


def promise_order(
    *,
    plan: PlannedOrder,
    stock: FreeStock,
    terms: RoutingTerms,
    moment: datetime,
    channel: str,
    levels_locked: bool,
    rules: PromiseRules,
    key: str = "placed",
    segment: str = "",
) -> Promised:
    """Promise stock to one order; what no place has is waited for or refused, as the order and the product ask.

    `rules` say what is kept for others, how long goods must keep and what may be sold before it is there; `segment` is
    the customer's.

    Writes allocations and backorders, within the caller's transaction; nothing at all for an order it refuses. Raises
    StockMoved unless the levels of the order were locked before free stock was read.
    """
    for attempt in range(_TRIES):
        free = stock.free_for(hold_key=plan.hold_key, rules=rules, segment=segment)
        route = _route(plan=plan, free=free, terms=terms, moment=moment, channel=channel)
        places = route.place_by_line
        missing = [part for part in plan.parts if places[part.line_id] is None]
        if missing and plan.order.if_short == "refuse" and not _may_wait(parts=missing, rules=rules):
            return Promised(plan=plan, fault=_short(plan=plan, parts=missing))
        if _allocate(
            plan=plan, places=places, stock=stock, moment=moment, key=f"{key} {attempt}", rules=rules, segment=segment
        ):
            count_parcels(route=route, terms=terms)
            return _waiting(plan=plan, route=route, missing=missing, rules=rules, moment=moment)
        if not levels_locked:
            raise StockMoved
    return Promised(plan=plan, fault=_short(plan=plan, parts=plan.parts))


def promise_together(
    *,
    plans: Sequence[PlannedOrder],
    stock: FreeStock,
    terms: RoutingTerms,
    moment: datetime,
    channel: str,
    rules: PromiseRules,
) -> list[Promised] | None:
    """Promise stock to orders for whom free stock is simply free, by one statement: most of its cost is fixed.

    Nothing is held for them. None, and nothing is written, where one of them would wait or less is free than was seen:
    then they are promised one by one, their levels locked before.
    """
    free, due = dict(stock.units), dict(terms.due)
    promised: list[Promised] = []
    wanted: list[Wanted] = []
    for plan in plans:
        route = _route(plan=plan, free=free, terms=terms, moment=moment, channel=channel)
        places = route.place_by_line
        missing = [part for part in plan.parts if places[part.line_id] is None]
        if missing and plan.order.if_short != "refuse":
            terms.due = due
            return None
        if missing:
            promised.append(Promised(plan=plan, fault=_short(plan=plan, parts=missing)))
            continue
        mine = _wanted(plan=plan, places=places, rules=rules, segment="")
        for one in mine:
            free[one.place_code, one.product_id] -= one.units
        count_parcels(route=route, terms=terms)
        wanted += mine
        promised.append(Promised(plan=plan, route=route))
    if wanted:
        promise = allocate_units(wanted=wanted, key="placed 0", cause_kind="order", moment=moment)
        if promise.short:
            terms.due = due
            return None
    stock.units = free
    return promised


def _wanted(*, plan: PlannedOrder, places: Mapping[str, str | None], rules: PromiseRules, segment: str) -> list[Wanted]:
    return [
        Wanted(
            demand_key=demand_key_of(order_line_id=part.order_line_id),
            product_id=part.product_id,
            place_code=place,
            units=part.units,
            expires_from=rules.expires_from(product_id=part.product_id),
            keep_units=rules.keep_units(place_code=place, product_id=part.product_id, segment=segment),
            cause_key=str(plan.order_id),
        )
        for part in plan.parts
        if (place := places[part.line_id]) is not None
    ]


def _allocate(
    *,
    plan: PlannedOrder,
    places: Mapping[str, str | None],
    stock: FreeStock,
    moment: datetime,
    key: str,
    rules: PromiseRules,
    segment: str,
) -> bool:
    wanted = _wanted(plan=plan, places=places, rules=rules, segment=segment)
    if not wanted:
        return True
    promise = allocate_units(wanted=wanted, key=key, cause_kind="order", moment=moment, hold_key=plan.hold_key)
    if promise.short:
        kept = {(one.place_code, one.product_id): one.keep_units for one in wanted}
        stock.learn(hold_key=plan.hold_key, short=promise.short, kept=kept)
        return False
    stock.take(hold_key=plan.hold_key, taken=promise.taken)
    return True


def _may_wait(*, parts: Sequence[Part], rules: PromiseRules) -> bool:
    """Whether every product that is missing is sold beyond what is there, and so far."""
    wanted: dict[int, Decimal] = {}
    for part in parts:
        wanted[part.product_id] = wanted.get(part.product_id, Decimal(0)) + part.units
    return all(rules.may_wait(product_id=product_id, units=units) for product_id, units in wanted.items())


def _waiting(
    *, plan: PlannedOrder, route: RoutePlan, missing: Sequence[Part], rules: PromiseRules, moment: datetime
) -> Promised:
    used = [one.place_code for one in route.assignments if one.place_code]
    place = plan.demand_place_code or (used[0] if used else route.fallback_place_code)
    if missing:
        units: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
        for part in missing:
            units[part.product_id, place] += part.units
        told = told_dates(
            units=units,
            rules=rules,
            moment=moment,
            time_zone=settings.REORDER.time_zone,
        )
        record_backorders(
            backorders=[
                NewBackorder(
                    demand_key=demand_key_of(order_line_id=part.order_line_id),
                    product_id=part.product_id,
                    place_code=place,
                    units=part.units,
                    kind=rules.waiting_kind(product_id=part.product_id),
                    promised_date=told.get(part.product_id),
                )
                for part in missing
            ]
        )
    return Promised(plan=plan, route=route, waiting=tuple((part, place) for part in missing))


def _route(
    *,
    plan: PlannedOrder,
    free: Mapping[tuple[str, int], Decimal],
    terms: RoutingTerms,
    moment: datetime,
    channel: str,
) -> RoutePlan:
    return decide_places(
        order=OrderFacts(
            order_id=plan.order_id,
            channel=channel,
            country=plan.country,
            postcode=plan.postcode,
            currency=plan.order.currency,
            ship_method=plan.order.ship_method,
            is_store_pickup=bool(plan.order.ship_to and plan.order.ship_to.store_code),
        ),
        lines=[
            LineFacts(
                line_id=part.line_id,
                product_id=part.product_id,
                units=part.units,
                value_minor=part.value_minor,
            )
            for part in plan.parts
        ],
        free=free,
        moment=moment,
        terms=terms,
    )


def _short(*, plan: PlannedOrder, parts: Sequence[Part]) -> GoodsShort:
    skus = sorted({part.sku for part in parts})
    return GoodsShort(order=plan.order.external_id, skus=name_first(skus))


def _parts_of(
    *,
    line_id: int,
    product: ProductRow,
    units: Decimal,
    value_minor: int,
    components: Sequence[tuple[int, Decimal]] | None,
) -> list[Part]:
    if not components:
        return [
            Part(order_line_id=line_id, product_id=product.id, sku=product.sku, units=units, value_minor=value_minor)
        ]
    share = value_minor // len(components)
    return [
        Part(order_line_id=line_id, product_id=component_id, sku=product.sku, units=units * each, value_minor=share)
        for component_id, each in components
    ]
