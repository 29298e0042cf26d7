"""Who bought: known customers cost one look; strangers, and news of known ones, are taken in as from a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from django.conf import settings

from reorder.connectors.base import ShopDefaults
from reorder.connectors.base.texts import customer_key
from reorder.domain.channels import settling
from reorder.domain.customers import operations as customers
from reorder.domain.messaging import intake as contacts
from reorder.domain.messaging.intake import MetPerson
from reorder.domain.storage import take_transaction_locks
from reorder.flows.file_import.importing import CLOCK_SLACK
from reorder.flows.fulfil.orders import OrderToPlace
from reorder.flows.order_intake.orders import NewLine, NewOrder, frame_lines

# Two requests that bring the same stranger wait for each other.
_LOCKS = 64


@dataclass(frozen=True, slots=True)
class BuyerRow:
    """The customer of an order; the country is empty where nobody knows it."""

    customer_id: int
    country: str


def take_buyers(*, orders: Sequence[OrderToPlace], channel: str, moment: datetime) -> list[BuyerRow]:
    """The customers of the orders, in their order, recorded with contact points and consent where that is news.

    No two records of one person are merged from here to the end of the transaction.
    """
    customers.hold_merges_off()
    shop = _shop(channel=channel, moment=moment)
    keys = _keys_of(orders=orders, shop=shop)
    met = _meet(orders=orders, keys=keys)
    news = sorted({key for key, person in met.items() if person.is_news})
    if news:
        take_transaction_locks(names=[f"order_intake:{crc32(key.encode()) % _LOCKS}" for key in news])
        _take(
            orders=[order for order, key in zip(orders, keys, strict=True) if met[key].is_news],
            shop=shop,
        )
        met |= _meet(orders=orders, keys=keys)
    return [_row(met[key]) for key in keys]


def _row(person: MetPerson) -> BuyerRow:
    if person.customer_id is None:
        raise RuntimeError("a buyer that was just taken is not there")
    return BuyerRow(customer_id=person.customer_id, country=person.country or "")


def _keys_of(*, orders: Sequence[OrderToPlace], shop: ShopDefaults) -> list[str]:
    return [
        order.customer_key
        or customer_key(
            own_id=order.buyer.key,
            email=order.buyer.email,
            order_key=order.external_id,
            id_prefix=shop.id_prefix,
        )
        for order in orders
    ]


def _meet(*, orders: Sequence[OrderToPlace], keys: Sequence[str]) -> dict[str, MetPerson]:
    met = contacts.meet_people(
        keys=keys,
        emails=[(order.buyer.email or "").strip().lower() for order in orders],
        names=[(order.buyer.name or "").strip() for order in orders],
        accepts_marketing=[order.buyer.accepts_marketing for order in orders],
    )
    # One buyer of several orders is news when any of them says something new.
    people: dict[str, MetPerson] = {}
    for person in met:
        if person.key not in people or person.is_news:
            people[person.key] = person
    return people


def _shop(*, channel: str, moment: datetime) -> ShopDefaults:
    return ShopDefaults(
        time_zone=settings.REORDER.time_zone,
        currency=settings.REORDER.currency,
        latest_at=moment + CLOCK_SLACK,
        channel=channel,
    )


def _take(*, orders: Sequence[OrderToPlace], shop: ShopDefaults) -> None:
    plain = [
        NewOrder(
            external_id=order.external_id,
            ordered_at=order.ordered_at,
            currency=order.currency,
            buyer=order.buyer,
            lines=(NewLine(sku=order.lines[0].sku, units=order.lines[0].units),),
            postcode=order.ship_to.postcode if order.ship_to else None,
        )
        for order in orders
    ]
    settling.lay_out_orders(lines=frame_lines(orders=plain, shop=shop))
    customers.take_customers()
    contacts.take_contacts(source=f"{shop.channel}: orders")
    settling.drop_laid_out()
