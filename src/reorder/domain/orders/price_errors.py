"""What can go wrong with discounts, coupons, tax rates and shipping fees."""

from reorder.kernel.errors import BadInput, Conflict, NotFound


class UnknownPriceRule(NotFound):
    code = "prices.unknown_rule"
    template = "There is no discount or coupon {rule}."


class PriceRuleChanged(Conflict):
    code = "prices.rule_changed"
    template = "{rule} was changed by somebody else meanwhile. This page shows it as it is now."


class PriceRuleTaken(Conflict):
    code = "prices.rule_taken"
    template = "There is a discount or coupon {rule} already."


class BadPriceTerms(BadInput):
    """Terms of a discount, coupon, tax rate or shipping fee that cannot be."""

    code = "prices.bad_terms"
    template = "{rule} cannot be saved: {reason}. {value}"


class PriceRuleUsedUp(Conflict):
    """The last use went to somebody else, or the rule ended, between the price and the order."""

    code = "prices.used_up"
    template = "{rule} cannot be used any more: {reason}. Look at the price again."


# Reasons that errors carry; a surface translates them.
REASON_TEMPLATES = (
    "a code has 2 to 40 letters, digits, hyphens and underscores",
    "it needs a name of at most 120 characters",
    "there is no such product",
    "there is no such category",
    "more than 500 products or categories",
    "fewer uses than it has already had",
    "a limit of uses must be above zero",
    "a country is two letters, such as TW",
    "a postcode has at most 16 characters",
    "a class is a word of at most 40 letters, digits and hyphens",
    "the rate must be between 0 and 1",
    "the fee must not be below zero",
    "no rate knows this class",
    "the amounts are in another currency than the product's",
    "it was switched off",
    "it is over",
    "it has not begun yet",
    "it was given to somebody else",
    "it was used as often as is allowed",
    "this customer used it as often as is allowed",
)
