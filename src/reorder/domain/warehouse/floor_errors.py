"""What can go wrong with floor plans, bins and where goods are put."""

from reorder.kernel.errors import BadInput, Conflict, NotFound


class NoFloorPlan(NotFound):
    code = "warehouse.no_floor_plan"
    template = "{place} has no floor plan. Make one in Warehouse → Floor plan."


class BadFloorPlan(BadInput):
    """A plan or a bin that cannot be walked; nothing was saved."""

    code = "warehouse.bad_floor_plan"
    template = "The floor plan cannot be used ({where}): {reason}."


class BadBin(BadInput):
    """A bin that cannot be as it was given; nothing was saved."""

    code = "warehouse.bad_bin"
    template = "Bin {bin} cannot be saved: {reason}."


class BinsHoldGoods(Conflict):
    """Bins that should go, or aisles of which they are, hold goods; nothing was changed."""

    code = "warehouse.bins_hold_goods"
    template = "{count} bins that would go hold goods, the first {bin}. Empty them first, or keep their codes."


class UnknownZone(NotFound):
    code = "warehouse.unknown_zone"
    template = "{place} has no zone {zone}. Add it to the floor plan first."


class BinElsewhere(Conflict):
    code = "warehouse.bin_elsewhere"
    template = "Bin {bin} is in {there}, not in {place}. Scan a bin of this warehouse."


class BinClosed(Conflict):
    code = "warehouse.bin_closed"
    template = "Bin {bin} is closed. Use another one, or open it on the floor plan."


class DoesNotFit(Conflict):
    """Goods that must not, or cannot, stand in a bin; nothing was moved."""

    code = "warehouse.does_not_fit"
    template = "{sku} cannot go into bin {bin}: {reason}."


class BadPickFace(BadInput):
    code = "warehouse.bad_pick_face"
    template = "Bin {bin} cannot be kept filled so: {reason}."
