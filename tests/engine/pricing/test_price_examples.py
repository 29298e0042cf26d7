"""The examples of docs/explanation/pricing.md, computed."""

from decimal import Decimal
from pathlib import Path

import pytest

from reorder.engine.pricing import PointsToRedeem, PricedOrder, PriceRules, ShippingFee, TaxRate, Tier
from reorder.kernel.formatting import format_money
from tests.engine.pricing.shop import JASMINE, OOLONG, TEAPOT, amount, dollars, line, percent, price

PAGE = Path(__file__).resolve().parents[3] / "docs/explanation/pricing.md"
HOME = PriceRules(
    shipping_fees=(ShippingFee(method="home", name="Home", fee_minor=dollars(100), free_from_minor=dollars(1500)),),
)
TAX = TaxRate(tax_class="standard", share=Decimal("0.05"), name="Tax")


def told(minor: int) -> str:
    return format_money(minor, currency="TWD")


def equal_lines() -> list[int]:
    made = price(*(line(sku, 1, 300) for sku in "ABC"), discounts=(amount("H", 100),))
    return [*(one.discount_minor for one in made.lines), made.total_minor]


def everything() -> list[int]:
    made = price(
        line("OOLONG", 1, 1000),
        discounts=(percent("AUTUMN", "0.1", is_coupon=False), percent("TWENTY", "0.2")),
        tier=Tier(name="Gold", share=Decimal("0.05")),
        points=PointsToRedeem(points=84, minor_per_point=Decimal(100)),
    )
    left = made.goods_minor
    after = []
    for one in made.adjustments:
        left -= one.amount_minor
        after.append(left)
    tier, coupon = made.adjustments[1].amount_minor, made.adjustments[2].amount_minor
    return [made.goods_minor, after[0], tier, after[1], coupon, after[2], after[3]]


def no_company() -> list[int]:
    alone = percent("ALONE", "0.3", is_combinable=False)
    others = (amount("FIFTY", 50), percent("TEN", "0.1"))
    every = price(OOLONG, discounts=(alone, *others))
    return [every.goods_minor, every.total_minor, price(OOLONG, discounts=others).total_minor]


def shipped() -> list[int]:
    def total(*lines, **more) -> int:
        made: PricedOrder = price(*lines, rules=HOME, shipping_method="home", **more)
        return made.total_minor

    one_point = PointsToRedeem(points=1, minor_per_point=Decimal(100))
    return [
        total(TEAPOT),
        total(TEAPOT, JASMINE),
        total(TEAPOT, JASMINE, discounts=(amount("ONE", 1),)),
        total(TEAPOT, JASMINE, points=one_point),
    ]


def taxed() -> list[int]:
    within = price(line("OOLONG", 1, 1050), rules=PriceRules(tax_rates=(TAX,)))
    rules = PriceRules(tax_rates=(TAX,), shipping_fees=HOME.shipping_fees)
    on_top = price(TEAPOT, rules=rules, shipping_method="home", prices_include_tax=False)
    return [within.goods_minor, within.tax_included_minor, on_top.tax_added_minor, on_top.total_minor]


def rounded_once() -> list[int]:
    rules = PriceRules(tax_rates=(TAX,))
    made = price(*(line(sku, 1, 10) for sku in "ABC"), rules=rules, prices_include_tax=False)
    return [made.tax_added_minor, *(one.tax_minor for one in made.lines)]


@pytest.mark.parametrize(
    ("heading", "compute"),
    [
        ("Three equal lines", equal_lines),
        ("Everything at once", everything),
        ("Coupons that bear no company", no_company),
        ("Free shipping", shipped),
        ("Tax within", taxed),
        ("Rounded once", rounded_once),
    ],
)
def test_the_page_tells_what_the_engine_computes(heading, compute):
    paragraphs = PAGE.read_text().split("## Examples")[1].split("\n\n")
    rest = next(" ".join(text.split()) for text in paragraphs if text.startswith(f"**{heading}"))
    amounts = [told(minor) for minor in compute()]
    for said in amounts:
        assert said in rest, f"{heading}: {said} of {amounts} is not told, or not in this order"
        rest = rest[rest.index(said) + len(said) :]
