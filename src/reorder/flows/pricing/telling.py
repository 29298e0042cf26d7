"""A price as an order keeps it: what it used, and the explanation that its page shows for ever."""

from collections.abc import Mapping
from typing import Any

from reorder.engine.pricing import Adjustment, PricedOrder, Stage


def uses_of_price(*, priced: PricedOrder) -> dict[str, int]:
    """The discounts and coupons that a price uses, by code, with what each takes off the goods, in minor units.

    What `orders.price_uses.settle_rule_uses` takes when the order is placed.
    """
    used = dict.fromkeys(priced.used_rule_codes, 0)
    for one in priced.adjustments:
        if one.stage in (Stage.AUTOMATIC, Stage.COUPON):
            used[one.rule_code] += one.amount_minor
    return used


def details_of_price(*, priced: PricedOrder) -> dict[str, Any]:
    """The explanation of a price as plain values for the details of an event: amounts in minor units, reasons as codes.

    Holds no personal facts.
    """
    return {
        "currency": priced.currency,
        "goods_minor": priced.goods_minor,
        "discount_minor": priced.discount_minor,
        "shipping_minor": priced.shipping_minor,
        "tax_added_minor": priced.tax_added_minor,
        "tax_included_minor": priced.tax_included_minor,
        "total_minor": priced.total_minor,
        "adjustments": [_told(one) for one in priced.adjustments],
        "shipping": [_told(one) for one in priced.shipping.adjustments],
        "taxes": [
            {
                "name": one.name,
                "share": str(one.share),
                "taxed_minor": one.taxed_minor,
                "tax_minor": one.tax_minor,
            }
            for one in priced.taxes
        ],
        "lines": {line.line_key: [_told(one) for one in line.adjustments] for line in priced.lines if line.adjustments},
        "gifts": {line.line_key: line.gift_rule_name for line in priced.lines if line.is_gift},
    }


def _told(one: Adjustment) -> Mapping[str, Any]:
    return {
        "stage": one.stage.value,
        "rule": one.rule_code,
        "amount_minor": one.amount_minor,
        "reason_code": one.reason_code,
        "reason_parameters": {name: str(value) for name, value in one.reason_parameters.items()},
    }
