"""What one discount or coupon takes off the goods of a cart, or why it takes nothing."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from reorder.engine.pricing.cart import Cart, Cause
from reorder.engine.pricing.shares import round_to_step
from reorder.engine.pricing.values import PriceRule, RuleKind, Stage
from reorder.kernel.quantity import plain_decimal

Refusal = tuple[str, Mapping[str, object]]
# Of products whose cost is missing so many are named.
_NAMED_SKUS: Final = 5


def apply_discount(*, cart: Cart, rule: PriceRule, stage: Stage, begun: Sequence[int]) -> Refusal | None:
    """Let a rule work on the cart; a refusal (reason code and parameters) when it gives nothing.

    `begun` is what the lines cost when the step began: the minimum value of goods is compared with that.
    """
    covered = cart.covered(rule.goods)
    if not covered:
        return "price.refused.no_goods", {"name": rule.name}
    value = sum(begun[index] for index in covered)
    if value < rule.minimum_goods_minor:
        missing = {"minimum": cart.money(rule.minimum_goods_minor), "value": cart.money(value)}
        return "price.refused.minimum", {"name": rule.name, **missing}
    if rule.kind is RuleKind.GIFT:
        if rule.gift_units_left is not None and rule.gift_units_left < rule.gift_units:
            return "price.refused.gift_gone", {"name": rule.name}
        cart.gifts.append(rule)
        return None
    if rule.kind is RuleKind.FREE_SHIPPING:
        cart.free_shipping.append((stage, rule))
        return None
    if rule.kind is RuleKind.BUY_X_GET_Y:
        return _give_units(cart=cart, rule=rule, stage=stage, bought=covered)
    return _take_sum(cart=cart, rule=rule, stage=stage, covered=covered)


def percent_text(share: Decimal) -> str:
    """A share as percent, never rounded: 0.125 is 12.5."""
    return plain_decimal(number=share * 100)


def _take_sum(*, cart: Cart, rule: PriceRule, stage: Stage, covered: Sequence[int]) -> Refusal | None:
    value = cart.cost_of(covered)
    parameters: dict[str, object] = {"name": rule.name}
    if rule.kind is RuleKind.AMOUNT:
        off, code = min(value, _round(cart, rule.amount_minor)), "price.amount"
        parameters["amount"] = cart.money(_round(cart, rule.amount_minor))
    else:
        share = rule.share or Decimal(0)
        off, code = min(value, _round(cart, value * share)), "price.percent"
        parameters["percent"] = percent_text(share)
        if rule.maximum_discount_minor is not None:
            code, most = "price.percent_at_most", _round(cart, rule.maximum_discount_minor)
            off, parameters["maximum"] = min(off, most), cart.money(most)
    weights = {index: cart.costs[index] for index in covered}
    if rule.margin_floor_share is not None:
        rooms = {index: cart.headroom(index=index, floor_share=rule.margin_floor_share) for index in covered}
        if sum(rooms.values()) < off or any(off * weights[one] > rooms[one] * value for one in covered):
            # Some line would come too near its cost: what is given comes from where there is room.
            off, weights = min(off, sum(rooms.values())), rooms
    if not off:
        return _nothing(cart, rule, covered)
    cart.take_weighted(weights=weights, off_minor=off, cause=_cause(rule, stage, code, parameters))
    return None


def _give_units(*, cart: Cart, rule: PriceRule, stage: Stage, bought: Sequence[int]) -> Refusal | None:
    """Every `buy_units` whole units bring `get_units` cheaper; the cheapest units are those that are got."""
    got, count = _got_units(cart=cart, rule=rule, bought=bought)
    if not count:
        wanted = rule.buy_units + (rule.get_units if rule.get_goods.is_all else 0)
        return "price.refused.units", {"name": rule.name, "count": wanted}
    share, left, cuts = rule.share or Decimal(1), count, {}
    for index in sorted(got, key=lambda one: (_unit_cost(cart, one), one)):
        taken = min(left, int(cart.lines[index].units))
        left -= taken
        room = cart.headroom(index=index, floor_share=rule.margin_floor_share)
        cuts[index] = min(room, _round(cart, _unit_cost(cart, index) * taken * share))
    if not sum(cuts.values()):
        return _nothing(cart, rule, list(cuts))
    parameters = {"name": rule.name, "buy": rule.buy_units, "get": rule.get_units}
    parameters |= {"percent": percent_text(share), "count": count}
    cart.take(cuts=cuts, cause=_cause(rule, stage, "price.buy_x_get_y", parameters))
    return None


def _nothing(cart: Cart, rule: PriceRule, indexes: Sequence[int]) -> Refusal:
    """Nothing comes off these lines; where the cause is a cost that nobody knows, whose it is."""
    unknown = [cart.lines[index].sku for index in indexes if cart.lines[index].unit_cost_minor is None]
    if rule.margin_floor_share is None or not unknown:
        return "price.refused.nothing", {"name": rule.name}
    skus = ", ".join(list(dict.fromkeys(unknown))[:_NAMED_SKUS])
    return "price.refused.no_cost", {"name": rule.name, "skus": skus}


def _got_units(*, cart: Cart, rule: PriceRule, bought: Sequence[int]) -> tuple[Sequence[int], int]:
    """The lines whose units may be got, and how many units of them."""
    if rule.get_goods.is_all:
        return bought, _whole_units(cart, bought) // (rule.buy_units + rule.get_units) * rule.get_units
    # A unit that is got is not one that was bought.
    got = cart.covered(rule.get_goods)
    others = [index for index in bought if index not in set(got)]
    allowed = _whole_units(cart, others) // rule.buy_units * rule.get_units
    return got, min(allowed, _whole_units(cart, got))


def _whole_units(cart: Cart, indexes: Sequence[int]) -> int:
    return sum(int(cart.lines[index].units) for index in indexes)


def _unit_cost(cart: Cart, index: int) -> Decimal:
    return Decimal(cart.costs[index]) / cart.lines[index].units


def _round(cart: Cart, exact_minor: Decimal | int) -> int:
    return round_to_step(exact_minor=exact_minor, step_minor=cart.step_minor)


def _cause(rule: PriceRule, stage: Stage, code: str, parameters: Mapping[str, object]) -> Cause:
    return Cause(
        stage=stage, rule_code=rule.code, rule_name=rule.name, reason_code=code, reason_parameters=dict(parameters)
    )
