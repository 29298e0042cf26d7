"""A shop whose goods we store, what it pays, and what of ours it owns."""

import datetime as dt
from decimal import Decimal

from reorder.domain.catalog.models import Product
from reorder.domain.inventory.owner_rules import OwnerRow
from reorder.domain.inventory.owners import create_owner
from reorder.flows.owners import set_owner

DECIDED = dt.datetime(2026, 9, 1, 1, 0, tzinfo=dt.UTC)
RATES = {
    "litre_day": Decimal("1.5"),
    "received_unit": Decimal(50),
    "shipped_order": Decimal(2000),
    "picked_unit": Decimal(300),
    "parcel": Decimal(1500),
    "returned_unit": Decimal(800),
}


def make_owner(*, code: str = "partner", name: str = "Mountain Honey", rates: dict[str, Decimal] = RATES) -> OwnerRow:
    owner = OwnerRow(code=code, name=name, rates=rates)
    create_owner(owner=owner, decided_by="Mei", moment=DECIDED)
    return owner


def give(*, sku: str, owner: str) -> None:
    """Say whose goods a product is, as its page does."""
    product = Product.objects.get(sku=sku)
    set_owner(product_id=product.pk, sku=sku, owner=owner, decided_by="Mei")
