"""What can be wrong with owners of goods and their charges, as values with a code."""

from typing import Final

from reorder.kernel.errors import BadInput, Conflict, NotFound

# Reasons that errors give, for who translates them.
REASON_TEMPLATES: Final = (
    "a code has 1 to 40 small letters, digits, dots, hyphens or underscores",
    "a name has 1 to 200 characters",
    "a charge must be 0 or more, below a million",
    "a charge has at most four decimals of the smallest coin",
    "self means our own goods",
)


class BadOwner(BadInput):
    """An owner that cannot be kept as it was entered."""

    code = "owners.bad_owner"
    template = "The owner {owner} cannot be saved: {reason}."


class UnknownOwner(NotFound):
    """An owner of goods that nobody has entered."""

    code = "owners.unknown_owner"
    template = "There is no owner {owner!r}. Add the shop in Setup, Owners of goods; our own goods belong to self."


class OwnerKnown(Conflict):
    """A new owner with the code of another one."""

    code = "owners.owner_known"
    template = "There is an owner {owner!r} already. Change that one, or choose another code."


class OwnerClosed(BadInput):
    """Goods for an owner that we do not store for any more."""

    code = "owners.owner_closed"
    template = "Nothing is stored for {owner!r} any more. Open the owner again in Setup, Owners of goods."


class OwnerHasGoods(Conflict):
    """An owner whose goods still stand here."""

    code = "owners.owner_has_goods"
    template = "{units} units of {owner!r} still stand here. Send them out or adjust them before you close the owner."


class ProductHasStock(Conflict):
    """A product with stock or goods on their way cannot change hands: the ledger would hold goods of nobody."""

    code = "owners.product_has_stock"
    template = (
        "{sku} cannot change hands: {units} units of it are here, on their way or promised for {owner!r}."
        " Send them out or adjust them to nothing first."
    )


class WrongOwner(BadInput):
    """Goods are taken in for somebody whose they are not."""

    code = "owners.wrong_owner"
    template = (
        "{sku} belongs to {owner!r}, and this delivery is for {wanted!r}. Put it aside, or open the receipt for"
        " {owner!r}; whose it is stands on the page of the product."
    )


class BadMonth(BadInput):
    """A month that cannot be read, or has not begun."""

    code = "owners.bad_month"
    template = "There is no statement for {month!r}. Give a month that has begun, such as 2026-11."
