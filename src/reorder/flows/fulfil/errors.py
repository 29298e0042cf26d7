"""Why an order cannot be taken to be fulfilled; each says what to do."""

from typing import Self

from reorder.flows.fulfil.orders import Totals
from reorder.kernel.errors import BadInput, Conflict
from reorder.kernel.money import Money
from reorder.kernel.quantity import plain_decimal


class OrderContentDiffers(Conflict):
    """An external id names one order for ever; it came with other content."""

    code = "fulfil.content_differs"
    template = "Order {order} was taken before with other content; edit it instead of sending it again."


class GoodsShort(Conflict):
    """The stock of no place, and of no combination of places, covers the order; nothing of it was taken."""

    code = "fulfil.goods_short"
    template = "Order {order} cannot be promised: there is not enough free stock of {skus}."


class UnitsNotWhole(BadInput):
    """A part of a unit of something that is sold by the piece."""

    code = "fulfil.units_not_whole"
    template = "Order {order}: {sku} is sold in whole units, and {units} is none."


class WrongCurrency(BadInput):
    """An order in money in which its product has no price."""

    code = "fulfil.wrong_currency"
    template = "Order {order} is in {currency}, but {sku} is sold in {wanted}."


class OrderTooOld(BadInput):
    """What was bought long ago is history; to promise stock to it would be a slip."""

    code = "fulfil.too_old"
    template = (
        "Order {order} is more than {days} days old. If it is history, send it with fulfilment elsewhere; "
        "if it is still to be shipped, correct its date."
    )


class TotalsDiffer(BadInput):
    """Totals that do not add up; nobody can say which of them is meant."""

    code = "fulfil.totals_differ"
    template = (
        "Order {order}: {total} is not goods {goods} − discount {discount} + shipping {shipping} + tax {tax}, "
        "all in {currency}."
    )

    @classmethod
    def of(cls, *, order: str, currency: str, totals: Totals) -> Self:
        """The fault of these totals, told in whole units of the currency."""

        def said(minor: int) -> str:
            return plain_decimal(number=Money(minor, currency).major)

        return cls(
            order=order,
            currency=currency,
            total=said(totals.total_minor),
            goods=said(totals.goods_minor),
            discount=said(totals.discount_minor),
            shipping=said(totals.shipping_minor),
            tax=said(totals.tax_added_minor),
        )


class NoPlaceYet(BadInput):
    """A shop without any active warehouse or store cannot fulfil anything."""

    code = "fulfil.no_place"
    template = "Order {order} cannot be fulfilled: there is no active place. Create one under Setup › Places first."
