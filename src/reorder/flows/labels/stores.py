"""A convenience store chosen on a carrier's map: the map is opened for one order, and its answer becomes the address.

The answer comes through the browser without a signature of the carrier's. What binds it to an order, a person and an
hour is our own signed word in the address that it is posted to.
"""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

from django.core import signing

from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.orders.life import lock_order
from reorder.domain.shipping import accounts, queries
from reorder.domain.shipping.carriers import get_card
from reorder.domain.shipping.carriers.faults import BadCallback
from reorder.domain.shipping.carriers.values import Callback, CarrierForm, StoreChoice
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.storage import widened_transaction
from reorder.flows.fulfil.changes import OrderChanges
from reorder.flows.fulfil.editing import edit_order
from reorder.flows.fulfil.following import SYSTEM
from reorder.flows.fulfil.holding import unhold_order
from reorder.flows.labels.opening import open_account, open_row
from reorder.flows.shop_links import shop_address
from reorder.insights.order_page import get_order_page

_SALT: Final = "reorder.store-map"
_LASTS: Final = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreMap:
    """A map that can be opened for an order: whose stores, and the page with its fields."""

    service_name: str
    form: CarrierForm


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreTaken:
    """Which order goes to which store now."""

    order_id: int
    choice: StoreChoice


def list_store_maps(*, order_id: int, actor: Actor, moment: dt.datetime) -> list[StoreMap]:
    """Maps of all store services that are bought at a carrier with maps. Raises NotAllowed, UnknownOrder."""
    actor.require(Ability.MANAGE_ORDERS)
    facts = get_order_page(actor=actor, order_id=order_id).facts
    until = int((moment + _LASTS).timestamp())
    names = {one.code: one.name for one in queries.list_services() if one.is_store_pickup and one.is_active}
    found = []
    for account in accounts.list_accounts():
        if not account.is_active or not get_card(adapter=account.adapter).capabilities.store_map:
            continue
        carrier = open_row(row=account, moment=moment)
        for code in sorted(set(account.services) & set(names)):
            token = signing.dumps({"o": order_id, "a": account.id, "w": actor.name, "u": until}, salt=_SALT)
            form = carrier.store_map(
                reference=f"{account.reference_start}MAP{order_id}"[:20],
                service_code=code,
                collects=facts.payment_state == "cash_on_delivery",
                reply_url=f"{shop_address()}/carriers/stores/{token}/",
                note="",
            )
            found.append(StoreMap(service_name=names[code], form=form))
    return found


def take_store_choice(*, token: str, body: bytes, moment: dt.datetime) -> StoreTaken:
    """The map's answer becomes the store of the order's address. Raises BadCallback, and as `edit_order`."""
    try:
        given = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        raise BadCallback(carrier="-", reason="the signature is wrong") from None
    if given["u"] < moment.timestamp():
        raise BadCallback(carrier="-", reason="the map was opened too long ago")
    carrier = open_account(account_id=given["a"], moment=moment)
    choice = carrier.read_store_choice(callback=Callback(body=body, headers={}, received_at=moment))
    page = get_order_page(actor=SYSTEM, order_id=given["o"])
    known = page.address or ShippingAddress(name=page.facts.customer_name, country="TW")
    address = replace(
        known, store_code=choice.store_code, line1=choice.name, line2=choice.address, region="", city="", postcode=""
    )
    actor = Actor(name=given["w"], abilities=SYSTEM.abilities)
    with widened_transaction():
        changes = OrderChanges(ship_to=address, if_short="wait")
        edit_order(order_id=given["o"], changes=changes, actor=actor, moment=moment)
        if "address" in lock_order(order_id=given["o"]).hold_reasons:
            # A store has an address that is known.
            unhold_order(order_id=given["o"], reasons=["address"], actor=actor, moment=moment)
    return StoreTaken(order_id=given["o"], choice=choice)
