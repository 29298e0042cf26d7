"""What goes into a price and what comes out: frozen values, integer minor units, Decimal shares and units."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from reorder.engine.reasons import render

STANDARD_TAX: Final = "standard"
SHIPPING_TAX: Final = "shipping"
MOST_LINES: Final = 5_000
# What the key of a line begins with that a rule gave.
GIFT_KEY: Final = "gift:"
MOST_COUPONS: Final = 10


class RuleKind(StrEnum):
    """What a discount or coupon gives."""

    PERCENT = "percent"
    AMOUNT = "amount"
    FREE_SHIPPING = "free_shipping"
    BUY_X_GET_Y = "buy_x_get_y"
    GIFT = "gift"


class Stage(StrEnum):
    """The steps of a price that take something off, in their order."""

    AUTOMATIC = "automatic"
    TIER = "tier"
    COUPON = "coupon"
    POINTS = "points"
    SHIPPING = "shipping"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineToPrice:
    """One line of an order: `units` of a product at its list price for one unit, in minor units.

    `category_codes` are the product's category and everything above it. `tier_price_minor` is what one unit costs
    members of the context's tier, None where nothing special was agreed. `unit_cost_minor` is what one unit costs the
    shop, with the tax of its price where prices include tax; None where nobody knows.
    """

    line_key: str
    sku: str
    units: Decimal
    unit_price_minor: int
    category_codes: frozenset[str] = frozenset()
    tax_class: str = STANDARD_TAX
    tier_price_minor: int | None = None
    unit_cost_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """Which goods a rule means: any of these products or categories; nothing named means all goods."""

    skus: frozenset[str] = frozenset()
    category_codes: frozenset[str] = frozenset()

    @property
    def is_all(self) -> bool:
        """Whether nothing is named."""
        return not self.skus and not self.category_codes

    def covers(self, line: LineToPrice) -> bool:
        """Whether the line is among them."""
        return self.is_all or line.sku in self.skus or not self.category_codes.isdisjoint(line.category_codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRule:
    """An automatic discount, or a coupon that the customer names by its `code`.

    `share` belongs to `percent` (0.1 = 10 % off, at most `maximum_discount_minor`) and to `buy_x_get_y` (1 = free);
    `amount_minor` to `amount`; `buy_units`, `get_units` and `get_goods` (nothing named: the goods bought) to
    `buy_x_get_y`; `gift_sku` and `gift_units` to `gift`, which is given while `gift_units_left` reach (None: nobody
    counted). `minimum_goods_minor` is what the goods of the rule must come to when its step begins. `uses_left` and
    `customer_uses_left` are what limits still allow, None without a limit.
    `margin_floor_share` is what must stay of a line's price above its cost (0.1: a tenth); the rule takes no more off a
    line than leaves that, and nothing off a line without a known cost.
    Rules of one step apply by `priority`, then by code.
    """

    code: str
    name: str
    kind: RuleKind
    is_coupon: bool
    share: Decimal | None = None
    amount_minor: int = 0
    maximum_discount_minor: int | None = None
    minimum_goods_minor: int = 0
    goods: Goods = field(default_factory=Goods)
    buy_units: int = 0
    get_units: int = 0
    get_goods: Goods = field(default_factory=Goods)
    gift_sku: str = ""
    gift_units: Decimal = Decimal(1)
    gift_units_left: Decimal | None = None
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    uses_left: int | None = None
    customer_uses_left: int | None = None
    is_combinable: bool = True
    priority: int = 100
    margin_floor_share: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingFee:
    """What a way of shipping costs to a country and beginning of postcodes; empty parts mean any.

    From goods worth `free_from_minor` on (after discounts and coupons, before points) it costs nothing.
    """

    method: str
    name: str
    fee_minor: int
    country: str = ""
    postcode_start: str = ""
    free_from_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate:
    """The rate of one class of goods in one country (empty: any); 0.05 is 5 %."""

    tax_class: str
    share: Decimal
    country: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRules:
    """Everything the shop laid down about prices."""

    discounts: tuple[PriceRule, ...] = ()
    shipping_fees: tuple[ShippingFee, ...] = ()
    tax_rates: tuple[TaxRate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """The customer's member tier and the share it takes off: 0.05 is 5 % off."""

    name: str
    share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsToRedeem:
    """Points that the customer wants to use, and what one of them is worth in minor units."""

    points: int
    minor_per_point: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceContext:
    """Who buys, when and whither; `step_minor` is the smallest amount that is paid in `currency` (NT$1 is 100).

    `shipping_method` None: not chosen yet, so shipping costs nothing so far.
    """

    currency: str
    step_minor: int
    moment: dt.datetime
    country: str = ""
    postcode: str = ""
    shipping_method: str | None = None
    coupon_codes: tuple[str, ...] = ()
    tier: Tier | None = None
    points: PointsToRedeem | None = None
    prices_include_tax: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """Something taken off a line or the shipping fee, with the rule and the reason."""

    stage: Stage
    rule_code: str
    rule_name: str
    amount_minor: int
    reason_code: str
    reason_parameters: Mapping[str, object] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The English sentence."""
        return render(code=self.reason_code, parameters=self.reason_parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedCoupon:
    """A coupon that gives nothing here, and why."""

    code: str
    reason_code: str
    reason_parameters: Mapping[str, object] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The English sentence."""
        return render(code=self.reason_code, parameters=self.reason_parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """A line with everything that was taken off it; net = list − discount.

    `tax_minor` lies in the net when prices include tax, and comes on top otherwise. A gift costs nothing and says which
    rule gives it in `gift_rule_code`.
    """

    line_key: str
    sku: str
    units: Decimal
    unit_price_minor: int
    list_minor: int
    adjustments: tuple[Adjustment, ...]
    discount_minor: int
    net_minor: int
    tax_share: Decimal
    tax_minor: int
    gift_rule_code: str = ""
    gift_rule_name: str = ""

    @property
    def is_gift(self) -> bool:
        """Whether a rule gives it for nothing."""
        return bool(self.gift_rule_code)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Everything that made its price what it is, as English sentences."""
        gift = (render(code="price.gift", parameters={"name": self.gift_rule_name}),) if self.is_gift else ()
        return (*gift, *(one.reason for one in self.adjustments))


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedShipping:
    """The shipping fee, what was taken off it, and what is charged."""

    method: str | None
    name: str
    fee_minor: int
    adjustments: tuple[Adjustment, ...]
    charged_minor: int
    tax_share: Decimal
    tax_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxLine:
    """What is taxed at one rate, and the tax."""

    name: str
    share: Decimal
    taxed_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedOrder:
    """An order with its price: total = goods − discount + shipping + tax added, to the last minor unit.

    `adjustments` are the discounts of the whole order, one a rule, in the order they applied; every one is spread over
    the lines to the last minor unit. `tax_included_minor` lies in the total, `tax_added_minor` came on top.
    """

    currency: str
    lines: tuple[PricedLine, ...]
    shipping: PricedShipping
    adjustments: tuple[Adjustment, ...]
    taxes: tuple[TaxLine, ...]
    refused_coupons: tuple[RefusedCoupon, ...]
    used_rule_codes: tuple[str, ...]
    points_used: int
    goods_minor: int
    discount_minor: int
    shipping_minor: int
    tax_added_minor: int
    tax_included_minor: int
    total_minor: int
