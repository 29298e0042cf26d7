"""What can go wrong in the portal; each says what to do."""

from reorder.kernel.errors import BadInput, Conflict, NotFound, ReorderError


class BadMailAddress(BadInput):
    """Nothing that a mail could be sent to."""

    code = "portal.bad_address"
    template = "This is not an e-mail address. Write it as in name@example.org."


class TooManyTries(ReorderError):
    """Somebody at one place asks, or guesses, more than people do."""

    code = "portal.too_many"
    template = "Too many tries from here. Wait a while, then try again."


class NotInShop(NotFound):
    """A product that cannot be bought here: unknown, no longer sold, or without a price."""

    code = "portal.not_in_shop"
    template = "{sku} cannot be bought here."


class BadUnits(BadInput):
    """A number of units that cannot be bought."""

    code = "portal.bad_units"
    template = "{units} of {product} cannot be bought: {reason}."


class CartFull(BadInput):
    """More different goods than one order takes here."""

    code = "portal.cart_full"
    template = "A cart holds at most {most} different products. Order these first."


class BadCoupon(BadInput):
    """A coupon that is none, or one too many."""

    code = "portal.bad_coupon"
    template = "The coupon cannot be used: {reason}."


class CartGone(NotFound):
    """A cart that is empty, or somebody else's."""

    code = "portal.cart_gone"
    template = "There is nothing to order any more. Look at the cart again."


class CartChanged(Conflict):
    """What the customer saw is not what it would cost now; nothing was ordered."""

    code = "portal.cart_changed"
    template = "The price or the goods changed since you looked. Nothing was ordered yet: look at it again below."


class NotPayable(BadInput):
    """A way of paying that this shop does not offer here."""

    code = "portal.not_payable"
    template = "Choose how you want to pay."


class NotReturnable(Conflict):
    """Goods that were not delivered, or come from elsewhere."""

    code = "portal.not_returnable"
    template = "Goods of order {order} cannot be sent back here: {reason}."


class BadReturn(BadInput):
    """A wish to send goods back that says too little, or too much."""

    code = "portal.bad_return"
    template = "The request cannot be sent: {reason}."


# Reasons that errors carry; the surface translates them.
REASON_TEMPLATES = (
    "it is sold in whole units",
    "it is not a number above zero",
    "more than 9,999 units",
    "at most 5 coupons go together",
    "a coupon has 2 to 40 letters, digits, hyphens and underscores",
    "they were not delivered yet",
    "it is fulfilled elsewhere",
    "choose a reason",
    "say how many of which goods",
    "more than was bought, or than is left after earlier requests",
    "the note is longer than 1,000 characters",
    "the picture must be a JPEG, PNG or WebP of at most 4 MB",
)
