"""Gifts are given while stock lasts: one that is gone must not keep an order from being placed."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from django.conf import settings

from reorder.domain.catalog.bundles import list_parts
from reorder.domain.catalog.queries import list_products_by_sku
from reorder.domain.inventory.queries import list_free_units
from reorder.engine.pricing import PriceRule, RuleKind
from reorder.kernel.clock import date_at


def count_gifts(*, rules: Sequence[PriceRule], moment: dt.datetime) -> tuple[PriceRule, ...]:
    """The rules, those that give something with the units of it that are free now; a look, not a promise.

    A gift that is a bundle is there as often as its scarcest component allows. Two queries and no more, and none
    without a gift.
    """
    skus = sorted({rule.gift_sku for rule in rules if rule.kind is RuleKind.GIFT})
    if not skus:
        return tuple(rules)
    left = _units_left(skus=skus, moment=moment)
    return tuple(
        replace(rule, gift_units_left=left.get(rule.gift_sku, Decimal(0))) if rule.kind is RuleKind.GIFT else rule
        for rule in rules
    )


def _units_left(*, skus: Sequence[str], moment: dt.datetime) -> dict[str, Decimal]:
    products = {row.id: sku for sku, row in list_products_by_sku(skus=skus).items()}
    parts = list_parts(product_ids=sorted(products))
    needed = {product_id: parts.get(product_id) or [(product_id, Decimal(1))] for product_id in products}
    today = date_at(moment=moment, time_zone=settings.REORDER.time_zone)
    free = list_free_units(
        product_ids=sorted({part for rows in needed.values() for part, _ in rows}), moment=moment, today=today
    )
    there: dict[int, Decimal] = {}
    for (_, product_id), units in free.items():
        there[product_id] = there.get(product_id, Decimal(0)) + units
    return {
        products[product_id]: min(there.get(part, Decimal(0)) // units for part, units in rows)
        for product_id, rows in needed.items()
    }
