"""What can go wrong with fulfilment orders."""

from reorder.kernel.errors import Conflict, NotFound


class UnknownFulfilment(NotFound):
    code = "warehouse.unknown_fulfilment"
    template = "There is no fulfilment order {fulfilment_id}."


class FulfilmentMovedOn(Conflict):
    """What was asked for is not possible in the state that the fulfilment order is in; nothing was done."""

    code = "warehouse.moved_on"
    template = "Fulfilment order {fulfilment_id} is {state} by now; {wanted} is not possible."
