"""Which discounts and coupons are looked at: dates and limits first, then those that refuse company."""

from collections.abc import Mapping, Sequence

from reorder.engine.pricing.values import PriceContext, PriceRule, RefusedCoupon


def sort_rules(rules: Sequence[PriceRule]) -> tuple[PriceRule, ...]:
    """The order in which rules of one step apply, whatever order they came in."""
    return tuple(sorted(rules, key=lambda rule: (rule.priority, rule.code)))


def list_automatic(*, rules: Sequence[PriceRule], context: PriceContext) -> tuple[PriceRule, ...]:
    """Automatic discounts that run at the moment and have not reached a limit."""
    return sort_rules([rule for rule in rules if not rule.is_coupon and not find_refusal(rule=rule, context=context)])


def list_coupons(
    *, rules: Sequence[PriceRule], context: PriceContext
) -> tuple[tuple[PriceRule, ...], tuple[RefusedCoupon, ...]]:
    """The coupons that the customer names and that run, and those that do not, each with the reason."""
    known = {normal_code(text=rule.code): rule for rule in rules if rule.is_coupon}
    good: list[PriceRule] = []
    refused: list[RefusedCoupon] = []
    for code in dict.fromkeys(normal_code(text=code) for code in context.coupon_codes):
        rule = known.get(code)
        if rule is None:
            refused.append(_refused(code, "price.refused.unknown", {"coupon": code}))
        elif reason := find_refusal(rule=rule, context=context):
            refused.append(_refused(rule.code, reason, {"name": rule.name}))
        else:
            good.append(rule)
    return sort_rules(good), tuple(refused)


def find_refusal(*, rule: PriceRule, context: PriceContext) -> str:
    """The code of the reason why a rule does not run at the moment; empty when it does."""
    reasons = (
        (rule.starts_at is not None and context.moment < rule.starts_at, "price.refused.not_yet"),
        (rule.ends_at is not None and context.moment >= rule.ends_at, "price.refused.over"),
        (rule.uses_left is not None and rule.uses_left <= 0, "price.refused.used_up"),
        (rule.customer_uses_left is not None and rule.customer_uses_left <= 0, "price.refused.customer_used_up"),
    )
    return next((code for holds, code in reasons if holds), "")


def combinations(rules: Sequence[PriceRule]) -> tuple[tuple[PriceRule, ...], ...]:
    """Sets of rules that may apply together: all that bear company, and each of the others alone."""
    together = tuple(rule for rule in rules if rule.is_combinable)
    alone = tuple((rule,) for rule in rules if not rule.is_combinable)
    return (together, *alone)


def refuse_rest(*, coupons: Sequence[PriceRule], chosen: Sequence[PriceRule]) -> tuple[RefusedCoupon, ...]:
    """Coupons that were left out because others, which cannot be combined with them, give more."""
    kept = {rule.code for rule in chosen}
    return tuple(
        _refused(rule.code, "price.refused.alone", {"name": rule.name}) for rule in coupons if rule.code not in kept
    )


def normal_code(*, text: str) -> str:
    """A coupon code as it is compared: upper case, without blanks around it."""
    return text.strip().upper()


def _refused(code: str, reason_code: str, parameters: Mapping[str, object]) -> RefusedCoupon:
    return RefusedCoupon(code=code, reason_code=reason_code, reason_parameters=dict(parameters))
