"""What can go wrong with fulfilment orders."""

from reorder.kernel.errors import Conflict, NotFound


class UnknownFulfilment(NotFound):
    code = "warehouse.unknown_fulfilment"
    template = "There is no fulfilment order {fulfilment_id}."


class FulfilmentMovedOn(Conflict):
    """What was asked for is not possible in the state that the fulfilment order is in; nothing was done."""

    code = "warehouse.moved_on"
    template = "Fulfilment order {fulfilment_id} is {state} by now; {wanted} is not possible."


class UnknownBin(NotFound):
    code = "warehouse.unknown_bin"
    template = "There is no bin {bin}. Scan the label on the shelf, or add the bin to the floor plan."


class NotInBin(Conflict):
    """A bin does not hold what should be taken out of it; nothing was moved."""

    code = "warehouse.not_in_bin"
    template = "Bin {bin} holds {there} units of this by our records, not {wanted}. Count the bin, or take fewer."


class NotThatManyLoose(Conflict):
    """More should be put away than stands at the place in no bin; nothing was moved."""

    code = "warehouse.not_that_many_loose"
    template = "At {place} only {there} units of this wait to be put away, not {wanted}. Receive or move them first."


class BinMoveKeyReused(Conflict):
    code = "warehouse.bin_move_key_reused"
    template = "The key {key} belongs to another move between bins; use a new one."
