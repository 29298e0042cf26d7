"""The price of an order: discounts, coupons, tiers, points, shipping and tax in one documented order."""

from reorder.engine.pricing.choosing import normal_code
from reorder.engine.pricing.faults import BadPriceLine, BadPriceOrder, BadPriceRule, NotShipped
from reorder.engine.pricing.judging import refuse_bad_rule
from reorder.engine.pricing.ordering import price_order
from reorder.engine.pricing.shares import floor_to_step, round_to_step, spread
from reorder.engine.pricing.shipping import list_shipping_choices, normal_postcode
from reorder.engine.pricing.taxing import find_rate
from reorder.engine.pricing.values import (
    GIFT_KEY,
    MOST_COUPONS,
    MOST_LINES,
    SHIPPING_TAX,
    STANDARD_TAX,
    Adjustment,
    Goods,
    LineToPrice,
    PointsToRedeem,
    PriceContext,
    PricedLine,
    PricedOrder,
    PricedShipping,
    PriceRule,
    PriceRules,
    RefusedCoupon,
    RuleKind,
    ShippingFee,
    Stage,
    TaxLine,
    TaxRate,
    Tier,
)

__all__ = [
    "GIFT_KEY",
    "MOST_COUPONS",
    "MOST_LINES",
    "SHIPPING_TAX",
    "STANDARD_TAX",
    "Adjustment",
    "BadPriceLine",
    "BadPriceOrder",
    "BadPriceRule",
    "Goods",
    "LineToPrice",
    "NotShipped",
    "PointsToRedeem",
    "PriceContext",
    "PriceRule",
    "PriceRules",
    "PricedLine",
    "PricedOrder",
    "PricedShipping",
    "RefusedCoupon",
    "RuleKind",
    "ShippingFee",
    "Stage",
    "TaxLine",
    "TaxRate",
    "Tier",
    "find_rate",
    "floor_to_step",
    "list_shipping_choices",
    "normal_code",
    "normal_postcode",
    "price_order",
    "refuse_bad_rule",
    "round_to_step",
    "spread",
]
