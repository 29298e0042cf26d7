"""What can go wrong with fulfilment orders."""

from reorder.kernel.errors import BadInput, Conflict, NotFound


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


class UnknownCount(NotFound):
    """A count that is not there, or at a place that is none of the actor's."""

    code = "warehouse.unknown_count"
    template = "There is no count {count}. Choose one from the list."


class CountMovedOn(Conflict):
    """What was asked for is not possible in the state that the count is in; nothing was done."""

    code = "warehouse.count_moved_on"
    template = "The count of bin {bin} is {state} by now; {wanted} is not possible."


class CountTaken(Conflict):
    """Two people on one count: the first one goes on."""

    code = "warehouse.count_taken"
    template = "{by} counts bin {bin} already. Take another one, or have it given to you on the team board."


class CountNotByYou(Conflict):
    """A second count needs other eyes."""

    code = "warehouse.count_not_by_you"
    template = "You counted bin {bin} before: somebody else must count it again."


class CountNotFinished(BadInput):
    """Goods that should be in the bin were passed over; a count of nothing must be said."""

    code = "warehouse.count_not_finished"
    template = "Not counted yet in bin {bin}: {goods}. Count them, with 0 when they are not there."


class OwnCount(Conflict):
    """A large variance is approved by somebody who did not count it."""

    code = "warehouse.own_count"
    template = "You counted bin {bin} yourself: somebody else must approve what differs."


class BadCountPolicy(BadInput):
    """Rules that no place can count by."""

    code = "warehouse.bad_count_policy"
    template = "The rules of counting for {place} were not saved: {reason}."


class NoCompanyPrefix(BadInput):
    """Pallets get a number of the shop's own, under a prefix that GS1 gives."""

    code = "warehouse.no_company_prefix"
    template = "Pallet labels need the shop's GS1 company prefix: set REORDER_GS1_COMPANY_PREFIX to it and start again."


class SsccSeriesUsedUp(Conflict):
    code = "warehouse.sscc_series_used_up"
    template = "All numbers under the company prefix {prefix} were given: ask GS1 for another prefix."
