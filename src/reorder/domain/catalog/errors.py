"""What can go wrong with products."""

from reorder.kernel.errors import BadInput, NotFound


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
