"""What a day in the warehouse begins with: a hall, cartons, services of carriers, a delivery on its way; and its orders.

Run in a process of its own against a started shop: `python -m tests.factories.day hall`, `… orders`.
"""

import json
import sys
from typing import Any

from reorder.cli.start import start_application

# A warehouse of the day alone: what other tests of the same shop do elsewhere does not disturb it.
DAY_PLACE = "TAICHUNG"
TEA, OIL = "DAY-TEA", "DAY-OIL"
TEA_GTIN, OIL_GTIN = "4710000000011", "4710000000028"
ORDERS = {"DAY-1": [(TEA, 2), (OIL, 1)], "DAY-2": [(TEA, 3)], "DAY-3": [(OIL, 2)]}


def prepare_hall() -> dict[str, Any]:
    """A hall of bins at a new warehouse, two products with barcodes and sizes, cartons, rates, and a purchase order."""
    from reorder.domain.catalog.models import Barcode, Product
    from reorder.domain.warehouse.floor_plans import ZoneRow
    from reorder.flows import restock
    from reorder.kernel import clock
    from tests.factories.catalog import make_product
    from tests.factories.inventory import make_place
    from tests.factories.packing import lay_cartons
    from tests.factories.parcels import services_of_taiwan
    from tests.factories.purchasing import BUYER, make_offer, make_supplier, propose
    from tests.factories.shelves import make_hall, make_zone

    make_place(code=DAY_PLACE, name="Taichung warehouse")
    make_hall(place=DAY_PLACE, first_aisle="T", aisles=3, bays=4)
    make_zone(zone=ZoneRow("BACK", "Returns", "returns", "ambient"), place=DAY_PLACE)
    lay_cartons()
    services_of_taiwan()
    make_supplier()
    for sku, gtin, days in ((TEA, TEA_GTIN, None), (OIL, OIL_GTIN, 400)):
        product = make_product(sku=sku, shelf_life_days=days)
        Product.objects.filter(pk=product.pk).update(length_mm=90, width_mm=80, height_mm=60, weight_grams=220)
        Barcode.objects.create(product=product, code=gtin, kind="gtin")
        make_offer(sku=sku, supplier_sku=f"A-{sku}")
    ids = propose((TEA, 24), (OIL, 12), place=DAY_PLACE)
    (order,) = restock.approve(proposal_ids=ids, decided_by=BUYER, moment=clock.current_moment())
    return {"purchase_order": order.number}


def place_day_orders() -> dict[str, Any]:
    """Three customers order what came; their orders' numbers."""
    from reorder.kernel import clock
    from tests.factories.placing import order_of, place

    moment = clock.current_moment()
    outcomes = place(
        *(order_of(*lines, external_id=name, ordered_at=moment) for name, lines in ORDERS.items()), moment=moment
    )
    assert [one.fault for one in outcomes] == [None] * len(ORDERS)
    return {name: one.order_id for name, one in zip(ORDERS, outcomes, strict=True)}


def compare_books() -> dict[str, Any]:
    """What the ledgers and their projections disagree on: nothing, when all is well."""
    from reorder.domain.inventory.queries import compare_ledger_with_levels
    from reorder.domain.warehouse.bin_stock import list_excess

    return {
        "levels": [str(one) for one in compare_ledger_with_levels()],
        "bins": [str(one) for one in list_excess(place_code=DAY_PLACE)],
    }


if __name__ == "__main__":
    start_application()
    sys.stdout.write(
        json.dumps({"hall": prepare_hall, "orders": place_day_orders, "books": compare_books}[sys.argv[1]]())
    )
