"""What is wrong with an order or a rule that cannot be priced."""

from reorder.kernel.errors import BadInput


class BadPriceLine(BadInput):
    """A line that has no price."""

    code = "pricing.bad_line"
    template = "Line {line} ({sku}) cannot be priced: {reason}."


class BadPriceOrder(BadInput):
    """An order that has no price as a whole."""

    code = "pricing.bad_order"
    template = "The order cannot be priced: {reason}."


class BadPriceRule(BadInput):
    """A coupon, discount, tax rate or shipping fee that contradicts itself."""

    code = "pricing.bad_rule"
    template = "{rule} cannot be used: {reason}."


class NotShipped(BadInput):
    """No fee says what this way of shipping costs to that address."""

    code = "pricing.not_shipped"
    template = "There is no shipping fee for {method} to {country} {postcode}: choose another way of shipping."


# What an order or a line can be refused for; surfaces translate them.
REASON_TEMPLATES = (
    "units must be above zero",
    "units are not a finite number",
    "units are too many",
    "its price is below zero",
    "its price is too large",
    "two lines have the same key",
    "it has no lines",
    "it has more than 5,000 lines",
    "more than 10 coupons",
    "points must be above zero",
    "the value of a point must be above zero",
    "the share of a tier must be between 0 and 1",
    "the total is too large",
    "two rules have the same code",
    "its share must be above 0 and at most 1",
    "its amount must be above zero",
    "it must say how many to buy and how many to get",
    "what is bought and what is got overlap",
    "it must say which product is given, and how many",
    "it ends before it begins",
    "a limit is below zero",
    "its margin floor must be at least 0 and below 1",
    "its rate must be between 0 and 1",
    "its fee is below zero",
)
