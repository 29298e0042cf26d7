"""What shipping costs: the fee that fits best, and what makes it free."""

import re
from collections.abc import Sequence

from reorder.engine.pricing.cart import Cart
from reorder.engine.pricing.faults import NotShipped
from reorder.engine.pricing.shares import round_to_step
from reorder.engine.pricing.values import Adjustment, PriceContext, PriceRule, ShippingFee, Stage


def list_shipping_choices(*, fees: Sequence[ShippingFee], country: str, postcode: str) -> tuple[ShippingFee, ...]:
    """The fee of every way of shipping to an address, the cheapest first.

    Of several rows of one way the one with the longest beginning of the postcode counts, then the one that names the
    country.
    """
    best: dict[str, ShippingFee] = {}
    for fee in fees:
        known = best.get(fee.method)
        if _fits(fee, country, postcode) and (known is None or _precision(fee) > _precision(known)):
            best[fee.method] = fee
    return tuple(sorted(best.values(), key=lambda fee: (fee.fee_minor, fee.method)))


def find_shipping_fee(*, fees: Sequence[ShippingFee], context: PriceContext) -> ShippingFee | None:
    """The fee of the chosen way; None when none is chosen, or the shop asks no fees at all. Raises NotShipped."""
    if context.shipping_method is None or not fees:
        return None
    for fee in list_shipping_choices(fees=fees, country=context.country, postcode=context.postcode):
        if fee.method == context.shipping_method:
            return fee
    raise NotShipped(method=context.shipping_method, country=context.country, postcode=context.postcode)


def take_off_fee(
    *, cart: Cart, fee: ShippingFee | None, goods_minor: int, free_rules: Sequence[tuple[Stage, PriceRule]]
) -> tuple[int, tuple[Adjustment, ...]]:
    """The fee in whole steps, and what takes all of it off: the goods value or the first rule that says so."""
    listed = round_to_step(exact_minor=fee.fee_minor, step_minor=cart.step_minor) if fee else 0
    if fee is None or not listed:
        return 0, ()
    if fee.free_from_minor is not None and goods_minor >= fee.free_from_minor:
        code, parameters = "price.free_from", {"amount": cart.money(fee.free_from_minor)}
        return listed, (_adjustment(Stage.SHIPPING, fee.method, fee.name, listed, code, parameters),)
    if free_rules:
        stage, rule = free_rules[0]
        code, parameters = "price.free_shipping", {"name": rule.name}
        return listed, (_adjustment(stage, rule.code, rule.name, listed, code, parameters),)
    return listed, ()


def normal_postcode(*, text: str) -> str:
    """A postcode as it is compared: upper case, without blanks and hyphens."""
    return re.sub(r"[\s-]+", "", text).upper()


def _fits(fee: ShippingFee, country: str, postcode: str) -> bool:
    start = normal_postcode(text=fee.postcode_start)
    return fee.country in ("", country) and normal_postcode(text=postcode).startswith(start)


def _precision(fee: ShippingFee) -> tuple[int, bool]:
    return len(normal_postcode(text=fee.postcode_start)), bool(fee.country)


def _adjustment(
    stage: Stage, code: str, name: str, amount_minor: int, reason_code: str, parameters: dict[str, str]
) -> Adjustment:
    return Adjustment(
        stage=stage,
        rule_code=code,
        rule_name=name,
        amount_minor=amount_minor,
        reason_code=reason_code,
        reason_parameters=parameters,
    )
