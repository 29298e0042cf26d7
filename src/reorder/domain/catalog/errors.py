"""What can go wrong with products."""

from reorder.kernel.errors import BadInput, Conflict, NotFound


class UnknownProduct(NotFound):
    code = "catalog.unknown_product"
    template = "There is no product {sku}."


class UnknownCategory(NotFound):
    code = "catalog.unknown_category"
    template = "There is no category {category}."


class CurrencyNeeded(BadInput):
    """The first facts of a product must say in which money it is priced."""

    code = "catalog.currency_needed"
    template = "The product {sku} is new: give its currency."


class BadUnit(BadInput):
    code = "catalog.bad_unit"
    template = "The unit {unit!r} of {sku} cannot be saved: {reason}."


class CircularUnits(BadInput):
    """Units that hold each other can be counted in nothing."""

    code = "catalog.circular_units"
    template = "The units of {sku} go round in a circle: {circle}. One of them must be told in selling units."


class UnitsChanged(Conflict):
    code = "catalog.units_changed"
    template = "The units of {sku} were changed by somebody else meanwhile. This page shows them as they are now."


class BadBundle(BadInput):
    """What a bundle is said to be made of cannot be; `path` leads round where it would hold itself."""

    code = "catalog.bad_bundle"
    template = "The bundle {sku} cannot be made like that: {reason}. {path}"


# Reasons that errors carry; a surface translates them.
REASON_TEMPLATES = (
    "more than 200 components",
    "a component stands there twice",
    "units of a component must be above zero",
    "it would hold itself",
)


class BadLike(BadInput):
    code = "catalog.bad_like"
    template = "{sku} cannot sell like that: {reason}."


# Reasons that errors carry; a surface translates them.
LIKE_REASON_TEMPLATES = ("a product cannot be like itself", "there is no such product to be like")
