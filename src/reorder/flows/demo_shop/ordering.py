"""Live orders of the demonstration, SYNTHETIC from a fixed seed: what the order desk shows a newcomer on the first day.

They go through the same door as every order, so stock is promised, routed and checked as in a real shop; some have an
address that lacks its street, some are unpaid, and some ask for more than there is.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

import numpy as np

from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.staff.rules import Ability, Actor
from reorder.flows import fulfil
from reorder.flows.fulfil import LineToPlace, OrderToPlace
from reorder.flows.fulfil.moving import (
    deliver_fulfilment,
    pack_fulfilment,
    pick_fulfilment,
    release_order,
    ship_fulfilment,
)
from reorder.flows.order_intake import Buyer
from reorder.insights.demonstration import CHANNEL
from reorder.insights.order_page import list_parts
from reorder.insights.shop_window import SellableProduct, list_sellable_products
from reorder.kernel.errors import BadInput, Conflict

# The demonstration acts by itself; what it did is told by this name.
DEMO_ACTOR: Final = Actor(name="demo", abilities=frozenset(Ability))
LIVE_ORDERS: Final = 60
_SEED: Final = 20_261_127
_TWICE: Final = 53
_LAVISH: Final = 56
_PRODUCTS: Final = 120
# How long after it was ordered an order is released, picked, packed, shipped and delivered.
_STEPS: Final = tuple(dt.timedelta(hours=hours) for hours in (5, 9, 12, 16, 60))
# Towns with their postcodes; streets and numbers are made up.
_TOWNS: Final = (
    ("100", "臺北市", "中正區", "忠孝西路一段"),
    ("106", "臺北市", "大安區", "和平東路二段"),
    ("220", "新北市", "板橋區", "文化路一段"),
    ("200", "基隆市", "仁愛區", "愛三路"),
    ("300", "新竹市", "東區", "光復路二段"),
    ("403", "臺中市", "西區", "公益路"),
    ("700", "臺南市", "中西區", "民權路二段"),
    ("802", "高雄市", "苓雅區", "四維三路"),
    ("830", "高雄市", "鳳山區", "光遠路"),
    ("970", "花蓮縣", "花蓮市", "中山路"),
)


def place_demo_orders(*, moment: dt.datetime) -> int:
    """Place the live orders and bring the older ones on their way; run again it changes nothing.

    Returns how many were added.
    """
    products = list_sellable_products(limit=_PRODUCTS)
    if not products:
        return 0
    added = 0
    for order in make_live_orders(products=products, moment=moment):
        outcomes = fulfil.place_orders(orders=[order], channel=CHANNEL, actor=DEMO_ACTOR, moment=order.ordered_at)
        if outcomes[0].outcome == "added" and outcomes[0].order_id is not None:
            added += 1
            _bring_on(order_id=outcomes[0].order_id, order=order, moment=moment)
    return added


def _bring_on(*, order_id: int, order: OrderToPlace, moment: dt.datetime) -> None:
    """How far an order of its age is: each step a few hours after the one before. What is held stays where it is."""
    age = moment - order.ordered_at
    try:
        if age > _STEPS[0]:
            release_order(order_id=order_id, actor=DEMO_ACTOR, moment=order.ordered_at + _STEPS[0])
        for part in list_parts(order_ids=[order_id]) if age > _STEPS[1] else ():
            _bring_part_on(part_id=part.id, order=order, age=age)
    except (Conflict, BadInput):
        # It waits for something: that is what it is there to show.
        return


def _bring_part_on(*, part_id: int, order: OrderToPlace, age: dt.timedelta) -> None:
    number = f"{9_000_000_000 + part_id}"
    steps: tuple[tuple[dt.timedelta, Callable[[dt.datetime], object]], ...] = (
        (_STEPS[1], lambda at: pick_fulfilment(fulfilment_id=part_id, actor=DEMO_ACTOR, moment=at)),
        (_STEPS[2], lambda at: pack_fulfilment(fulfilment_id=part_id, actor=DEMO_ACTOR, moment=at)),
        (
            _STEPS[3],
            lambda at: ship_fulfilment(
                fulfilment_id=part_id, carrier="DEMO", tracking_number=number, actor=DEMO_ACTOR, moment=at
            ),
        ),
        (_STEPS[4], lambda at: deliver_fulfilment(fulfilment_id=part_id, actor=DEMO_ACTOR, moment=at)),
    )
    for after, step in steps:
        if age > after:
            step(order.ordered_at + after)


def make_live_orders(*, products: Sequence[SellableProduct], moment: dt.datetime) -> list[OrderToPlace]:
    """The orders of the last four days before `moment`, the oldest first; the same seed gives the same orders."""
    dice = np.random.default_rng([_SEED, 4])
    ages = np.sort(dice.uniform(0.02, 4.0, size=LIVE_ORDERS))[::-1]
    orders = [
        _order(number=1001 + place, age_days=float(age), products=products, dice=dice, moment=moment)
        for place, age in enumerate(ages)
    ]
    # One comes twice, and one is the first order of somebody and far above what is usual.
    orders[_TWICE] = replace(
        orders[_TWICE],
        **{name: getattr(orders[_TWICE - 1], name) for name in ("buyer", "customer_key", "lines", "ship_to")},
    )
    orders[_LAVISH] = replace(
        orders[_LAVISH],
        buyer=Buyer(key="household-new", name="Household new"),
        lines=tuple(
            LineToPlace(sku=one.sku, units=Decimal(60), unit_price_minor=one.price_minor) for one in products[:4]
        ),
    )
    return [_troubled(place, order, products=products, moment=moment) for place, order in enumerate(orders)]


def _order(
    *, number: int, age_days: float, products: Sequence[SellableProduct], dice: np.random.Generator, moment: dt.datetime
) -> OrderToPlace:
    household = int(dice.integers(1, 2400))
    postcode, region, city, road = _TOWNS[int(dice.integers(0, len(_TOWNS)))]
    chosen = dice.choice(len(products), size=min(int(dice.integers(1, 6)), len(products)), replace=False)
    lines = tuple(
        LineToPlace(
            sku=products[int(place)].sku,
            units=Decimal(int(dice.integers(1, 4))),
            unit_price_minor=products[int(place)].price_minor,
        )
        for place in chosen
    )
    name = f"Household {household}"
    return OrderToPlace(
        external_id=f"LIVE-{number}",
        ordered_at=(moment - dt.timedelta(days=age_days)).replace(microsecond=0),
        currency=products[0].currency,
        buyer=Buyer(key=f"household-{household}", name=name),
        lines=lines,
        ship_to=ShippingAddress(
            name=name,
            phone=f"0900{int(dice.integers(0, 1_000_000)):06d}",
            country="TW",
            postcode=postcode,
            region=region,
            city=city,
            line1=f"{road} {int(dice.integers(1, 300))} 號",
        ),
        payment="cash_on_delivery" if dice.random() < 0.15 else "paid",
        if_short="wait",
    )


def _troubled(
    place: int, order: OrderToPlace, *, products: Sequence[SellableProduct], moment: dt.datetime
) -> OrderToPlace:
    """Every sixth or so has what orders of real shops have: no street, no payment, too many units, a wished day."""
    match place % 12:
        case 1 if order.ship_to is not None:
            return replace(order, ship_to=replace(order.ship_to, line1=""))
        case 4:
            return replace(order, payment="unpaid")
        case 7:
            scarce = products[-1 - place % min(len(products), 20)]
            wanted = LineToPlace(
                sku=scarce.sku, units=scarce.free_units + 6, unit_price_minor=scarce.price_minor, line_key="scarce"
            )
            return replace(order, lines=(*(line for line in order.lines if line.sku != scarce.sku), wanted))
        case 10:
            return replace(order, not_before_date=(moment + dt.timedelta(days=6)).date())
    return order
