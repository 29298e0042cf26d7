"""What can go wrong with goods that come back; each says what to do."""

from reorder.kernel.errors import BadInput, Conflict, NotFound


class UnknownReturn(NotFound):
    code = "returns.unknown"
    template = "There is no return {number} here."


class ReturnMovedOn(Conflict):
    """What was asked for is not possible in the state that the return is in; nothing was done."""

    code = "returns.moved_on"
    template = "The return {number} is {state} by now; {wanted} is not possible."


class TooManyReturned(BadInput):
    """More than was sold, or than is left after other returns."""

    code = "returns.too_many"
    template = "Of {name} only {left} can still come back with this order, not {wanted}."


class ReturnWindowOver(BadInput):
    code = "returns.window_over"
    template = "{name} could be sent back within {days} days after delivery; they are over."


class GoodsNotReturnable(BadInput):
    code = "returns.not_returnable"
    template = "{name} cannot be sent back once it was delivered, unless it came damaged or was not what you ordered."


class ReasonNotAllowed(BadInput):
    code = "returns.reason_not_allowed"
    template = "{name} cannot be sent back for this reason. Choose another one, or write to us."


class NotDeliveredYet(BadInput):
    code = "returns.not_delivered"
    template = "{name} has not been delivered yet. When it is here, ask again."


class WrongGoodsBack(BadInput):
    """A product that the order never had: another customer's, or another shop's."""

    code = "returns.wrong_goods"
    template = (
        "{name} was not part of order {order}. Put it aside: it may be another customer's. "
        "Scan the number on its own parcel, or open a return for the order it belongs to."
    )


class WrongLotBack(BadInput):
    """A lot that the order never got."""

    code = "returns.wrong_lot"
    template = (
        "Lot {lot} of {name} was not sent with order {order}, which had {sent}. It may be another customer's goods: "
        "put it aside and look at its parcel again."
    )


class UnknownReturnCode(NotFound):
    """A parcel that nobody announced."""

    code = "returns.unknown_code"
    template = (
        "Nothing that comes back has the number {code}. Look for an order number in the parcel and scan it, "
        "or put the parcel aside for the order desk."
    )


class SeveralReturns(Conflict):
    """An order with several open returns: a person must say which."""

    code = "returns.several"
    template = "Order {order} has several open returns: {numbers}. Scan the number of the one in your hand."


class NothingToReturn(BadInput):
    code = "returns.nothing"
    template = "Say how many of which goods come back."


class NothingReceived(BadInput):
    code = "returns.nothing_received"
    template = "Nothing of the return {number} has been scanned yet. Scan its goods first."


class NotInspectedYet(Conflict):
    code = "returns.not_inspected"
    template = "{units} units of the return {number} are not graded yet. Grade them, then settle it."


class NeverRestocked(BadInput):
    """Goods that nobody may sell again, whoever wishes it."""

    code = "returns.never_restocked"
    template = "{name} cannot go back to free stock: {reason}."


class BadReturnRule(BadInput):
    code = "returns.bad_rule"
    template = "The rule cannot be saved: {reason}."


class BadReturnPhoto(BadInput):
    code = "returns.bad_photo"
    template = "The picture must be a JPEG, PNG or WebP of at most 4 MB."


class BadReturnInput(BadInput):
    code = "returns.bad_input"
    template = "This cannot be done: {reason}."


class RefundAboveValue(BadInput):
    """More money than the goods that came are worth."""

    code = "returns.refund_above_value"
    template = (
        "{wanted} is more than the goods that came back are worth: {most}. Give the rest as a refund of the order."
    )
