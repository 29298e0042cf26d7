"""Live orders of the demonstration, SYNTHETIC from a fixed seed: what the order desk shows a newcomer on the first day.

They go through the same door as every order, so stock is promised, routed and checked as in a real shop; some have an
address that lacks its street, some are unpaid, and some ask for more than there is.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

import numpy as np

from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.staff.rules import Ability, Actor
from reorder.flows import fulfil
from reorder.flows.fulfil import LineToPlace, OrderToPlace
from reorder.flows.order_intake import Buyer
from reorder.insights.demonstration import CHANNEL
from reorder.insights.shop_window import SellableProduct, list_sellable_products

# The demonstration acts by itself; what it did is told by this name.
DEMO_ACTOR: Final = Actor(name="demo", abilities=frozenset(Ability))
LIVE_ORDERS: Final = 60
_SEED: Final = 20_261_127
_PRODUCTS: Final = 120
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
    """Place the live orders; run again it changes nothing. Returns how many were added."""
    products = list_sellable_products(limit=_PRODUCTS)
    if not products:
        return 0
    orders = make_live_orders(products=products, moment=moment)
    outcomes = fulfil.place_orders(orders=orders, channel=CHANNEL, actor=DEMO_ACTOR, moment=moment)
    return sum(one.outcome == "added" for one in outcomes)


def make_live_orders(*, products: Sequence[SellableProduct], moment: dt.datetime) -> list[OrderToPlace]:
    """The orders of the last four days before `moment`, the oldest first; the same seed gives the same orders."""
    dice = np.random.default_rng([_SEED, 4])
    ages = np.sort(dice.uniform(0.02, 4.0, size=LIVE_ORDERS))[::-1]
    orders = [
        _order(number=1001 + place, age_days=float(age), products=products, dice=dice, moment=moment)
        for place, age in enumerate(ages)
    ]
    return [_troubled(place, order, products=products, moment=moment) for place, order in enumerate(orders)]


def _order(
    *, number: int, age_days: float, products: Sequence[SellableProduct], dice: np.random.Generator, moment: dt.datetime
) -> OrderToPlace:
    household = int(dice.integers(1, 2400))
    postcode, region, city, road = _TOWNS[int(dice.integers(0, len(_TOWNS)))]
    chosen = dice.choice(len(products), size=int(dice.integers(1, 6)), replace=False)
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
            scarce = products[-1 - place % 20]
            wanted = LineToPlace(
                sku=scarce.sku, units=scarce.free_units + 6, unit_price_minor=scarce.price_minor, line_key="scarce"
            )
            return replace(order, lines=(*(line for line in order.lines if line.sku != scarce.sku), wanted))
        case 10:
            return replace(order, not_before_date=(moment + dt.timedelta(days=6)).date())
    return order
