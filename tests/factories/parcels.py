"""Packed parcels, services with rates, and accounts with carriers, as tests of labels need them."""

import json
from typing import Any

from reorder.domain.inventory.models import Place
from reorder.domain.orders.models import Order, OrderLine
from reorder.domain.shipping import accounts, examples
from reorder.domain.shipping.accounts import AccountForm, AccountRow
from reorder.domain.shipping.models import Parcel, Service
from reorder.domain.storage import one_transaction
from tests.factories.inventory import KEELUNG
from tests.factories.order_life import parcel_of, released
from tests.factories.placing import NOON, stock_up

SENDER = {
    "sender_name": "島嶼茶行",
    "sender_phone": "0922333444",
    "sender_postcode": "20041",
    "sender_region": "基隆市",
    "sender_city": "仁愛區",
    "sender_line1": "港西街 6 號之 1",
}


def services_of_taiwan() -> None:
    """The example's services, zones and rates: home 80, home-cold, store 60 (NT$, up to 1 kg)."""
    if not Service.objects.exists():
        with one_transaction():
            examples.load_taiwan_example(decided_by="mei")


def packed_parcel(*, external_id: str = "A-1", units: int = 2, sku: str = "OOLONG-150", **more: Any) -> Parcel:
    """A packed parcel of a new order of Mei's at Keelung, not yet labelled."""
    services_of_taiwan()
    stock_up(units=1_000, sku=sku) if not Order.objects.filter(external_id=external_id).exists() else None
    order_id = released((sku, units), external_id=external_id)
    return another_parcel(order_id=order_id, **more)


def another_parcel(*, order_id: int, units: int = 1, **more: Any) -> Parcel:
    """One more box of an order."""
    line = OrderLine.objects.filter(order_id=order_id).select_related("product").first()
    assert line is not None
    given: dict[str, Any] = {
        "number": f"P{order_id:06d}-{Parcel.objects.filter(order_id=order_id).count() + 1}",
        "shipment_key": f"fulfilment:{parcel_of(order_id)}",
        "order_id": order_id,
        "place": Place.objects.get(code=KEELUNG),
        "contents": [[line.pk, line.product_id, line.product.sku, str(units), ""]],
        "grams": 900,
        "length_mm": 250,
        "width_mm": 180,
        "height_mm": 120,
        "packed_at": NOON,
        "packed_by": "mei",
    }
    return Parcel.objects.create(**{**given, **more})


def easypost_account(*, address: str, key: str = "EZTK-of-the-stub", **services: str) -> AccountRow:
    """An account at the stub that serves `home` as USPS Priority unless told otherwise."""
    made = accounts.create_account(
        form=AccountForm(
            name="Stub Post",
            adapter="easypost",
            settings={"address": address, **SENDER},
            secrets={"api_key": key, "webhook_secret": "whisper"},
            is_test=True,
        ),
        created_by="mei",
    )
    return accounts.set_services(account_id=made.id, services=services or {"home": "USPS Priority"})


def ecpay_account(*, address: str = "", **services: str) -> AccountRow:
    """An account with ECPay's published test merchant of C2C logistics."""
    made = accounts.create_account(
        form=AccountForm(
            name="ECPay",
            adapter="ecpay",
            settings={"merchant_id": "2000933", "address": address, **SENDER},
            secrets={"hash_key": "XBERn1YOvpM9nfZc", "hash_iv": "h1ONHk4P4yqbl5LK"},
            is_test=True,
        ),
        created_by="mei",
    )
    return accounts.set_services(account_id=made.id, services=services or {"store": "FAMIC2C", "home": "TCAT"})


def karrio_account(*, carrier: str = "easypost", **services: str) -> AccountRow:
    """An account through karrio."""
    made = accounts.create_account(
        form=AccountForm(
            name="karrio",
            adapter="karrio",
            settings={"carrier": carrier, **SENDER},
            secrets={"credentials": json.dumps({"api_key": "EZTK-of-the-stub"})},
            is_test=True,
        ),
        created_by="mei",
    )
    return accounts.set_services(account_id=made.id, services=services or {"home": "easypost_usps_priority"})
