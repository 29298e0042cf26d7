"""Stock as the decision sees it: what is free of each product, less what open messages promise of it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from reorder.domain.catalog.alike import list_alike
from reorder.domain.catalog.queries import ProductRow, list_products_by_sku
from reorder.domain.inventory.queries import list_free_units
from reorder.domain.messaging.reached import count_promises
from reorder.domain.purchasing.queries import frame_expected_receipts
from reorder.domain.storage import take_transaction_locks
from reorder.engine.contact import Shelf
from reorder.flows.shop_day import shop_date

# So long after a message people still order what it was about.
_PROMISE: Final = dt.timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Goods:
    """Products by SKU, and the shelves of those that we keep in stock."""

    products: Mapping[str, ProductRow]
    shelves: Mapping[str, Shelf]

    def money_of(self, *, skus: Sequence[str], currency: str) -> tuple[float | None, float | None]:
        """What goods cost together and what that leaves, minor units; nothing where a price is not known.

        Where a cost is not known the shop's assumed margin stands in; without one nobody knows what it leaves.
        """
        assumed = settings.REORDER.assumed_margin_share
        goods, margin, is_known = 0.0, 0.0, True
        for sku in skus:
            product = self.products.get(sku)
            if product is None or product.currency != currency:
                return None, None
            if not product.price_minor:
                return None, None
            goods += product.price_minor
            if product.unit_cost_minor is not None:
                margin += product.price_minor - product.unit_cost_minor
            elif assumed is not None:
                margin += product.price_minor * assumed
            else:
                is_known = False
        if not skus:
            return None, None
        return goods, margin if is_known else None


def load_goods(*, skus: Collection[str], to_replace: Collection[str], units_each: float, moment: dt.datetime) -> Goods:
    """What is there of these products; nobody else promises any of them until the open transaction ends.

    A product without stock rows is not kept by us and has no shelf; one that is sold no more has an empty one.

    Args:
        skus: what messages are about.
        to_replace: those of them for which others may stand in.
        units_each: what one open message promises of each of its goods.
        moment: now, UTC.
    """
    alike = list_alike(skus=sorted(set(to_replace)))
    wanted = sorted({*skus, *(other for others in alike.values() for other in others)})
    products = list_products_by_sku(skus=wanted)
    take_transaction_locks(names=[f"contacting.promise:{sku}" for sku in products])
    left = _left_units(products=products, units_each=units_each, moment=moment)
    dates = _expected_dates(short={sku for sku, units in left.items() if units < 1})
    shelves = {
        sku: Shelf(sku=sku, free_units=units, expected_date=dates.get(sku), substitutes=alike.get(sku, ()))
        for sku, units in left.items()
    }
    gone = {sku: Shelf(sku=sku, free_units=0.0, substitutes=alike.get(sku, ())) for sku in _gone(skus, products)}
    return Goods(products=products, shelves=shelves | gone)


def list_free_of(*, skus: Sequence[str], moment: dt.datetime, today: dt.date) -> dict[str, float]:
    """Free units of each product that we keep in stock, whatever messages promise of it."""
    products = {product.id: sku for sku, product in list_products_by_sku(skus=list(skus)).items()}
    free: dict[str, float] = defaultdict(float)
    for (_, product_id), units in list_free_units(product_ids=list(products), moment=moment, today=today).items():
        free[products[product_id]] += float(units)
    return dict(free)


def list_left_of(*, skus: Sequence[str], units_each: float, moment: dt.datetime) -> dict[str, float]:
    """Units of each product that we keep, less what open messages promise; a look, not a promise."""
    return _left_units(products=list_products_by_sku(skus=list(skus)), units_each=units_each, moment=moment)


def _gone(skus: Collection[str], products: Mapping[str, ProductRow]) -> list[str]:
    return [sku for sku in skus if sku not in products or products[sku].state != "active"]


def _left_units(*, products: Mapping[str, ProductRow], units_each: float, moment: dt.datetime) -> dict[str, float]:
    free = list_free_of(skus=list(products), moment=moment, today=shop_date(moment=moment))
    promised = count_promises(product_ids=[products[sku].id for sku in free], since=moment - _PROMISE)
    return {sku: units - units_each * promised.get(products[sku].id, 0) for sku, units in free.items()}


def _expected_dates(*, short: Collection[str]) -> dict[str, dt.date]:
    if not short:
        return {}
    rows = frame_expected_receipts().select("sku", "expected_date").iter_rows()
    return {sku: date for sku, date in rows if sku in short and date is not None}
