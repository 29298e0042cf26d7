"""Why stock cannot be changed as asked."""

from reorder.kernel.errors import BadInput


class UnknownProducts(BadInput):
    """Goods that the catalogue does not know cannot stand anywhere."""

    code = "stock_changes.unknown_products"
    template = "There are no such products: {skus}. Create them first."


class UnknownPlaces(BadInput):
    """A place that does not exist, is not active, or is none of this actor's."""

    code = "stock_changes.unknown_places"
    template = "There are no such places: {places}."


class GoodsRepeated(BadInput):
    """The same goods twice in one count: which of them holds?"""

    code = "stock_changes.repeated"
    template = "{sku} at {place} is counted more than once, or once by lots and once as a whole."
