"""What can go wrong with offers and the codes that are issued for them."""

from reorder.kernel.errors import BadInput, Conflict, NotFound


class UnknownOffer(NotFound):
    code = "offers.unknown"
    template = "There is no offer {offer}."


class OfferTaken(Conflict):
    code = "offers.taken"
    template = "There is an offer {offer} already. Choose another code."


class BadOffer(BadInput):
    """Terms of an offer that cannot be."""

    code = "offers.bad"
    template = "The offer {offer} cannot be saved: {reason}."


class OfferUsedUp(Conflict):
    """No code can be issued any more: the message goes without, or not at all."""

    code = "offers.used_up"
    template = "No code of the offer {offer} can be issued: {reason}."


# Reasons that these errors carry; a surface translates them.
REASON_TEMPLATES = (
    "a code has 2 to 32 letters, digits, hyphens and underscores",
    "codes must be good for at least one day",
    "a limit of codes must be above zero",
    "at most 100,000 codes are made at once",
    "a lot needs a name of at most 60 characters",
    "it was switched off",
    "it is over",
    "it has not begun yet",
    "all its codes were issued",
    "this customer was given as many as is allowed",
)
