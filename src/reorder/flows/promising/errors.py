"""Why goods cannot be held or promised as asked."""

from reorder.kernel.errors import BadInput


class UnknownGoods(BadInput):
    """Goods that the catalogue does not know cannot be promised."""

    code = "promising.unknown_goods"
    template = "There are no such products: {skus}."


class BadCart(BadInput):
    """A cart that cannot be held."""

    code = "promising.bad_cart"
    template = "The cart cannot be held: {reason}."


class UnitsNotSold(BadInput):
    """Zero, less than zero, or a fraction of a product that is sold in whole units."""

    code = "promising.units_not_sold"
    template = "{units} units of {sku} cannot be held: {reason}."


class NothingToFulfilFrom(BadInput):
    """A shop without any active warehouse or store holds nothing."""

    code = "promising.no_place"
    template = "Nothing can be held: there is no active place. Create one under Setup › Places first."


class UnknownPlaceAsked(BadInput):
    """A place that does not exist or is closed promises nothing."""

    code = "promising.unknown_place"
    template = "There is no active place {place}."


class BadTerms(BadInput):
    """Terms of promises that cannot be meant."""

    code = "promising.bad_terms"
    template = "This cannot be laid down: {reason}."
