"""What can go wrong with waves, batches and picks."""

from reorder.kernel.errors import BadInput, Conflict, NotFound


class UnknownWave(NotFound):
    code = "warehouse.unknown_wave"
    template = "There is no wave {wave_id}."


class UnknownBatch(NotFound):
    code = "warehouse.unknown_batch"
    template = "There is no batch {batch} here. Go back and choose one from the list."


class UnknownPickLine(NotFound):
    """A step of a list that was drawn anew meanwhile, or of another batch."""

    code = "warehouse.unknown_pick_line"
    template = "This line is no longer on the list of batch {batch}. Load the list again."


class NothingForWave(Conflict):
    """Somebody else took the parcels, or they are held, or were cancelled."""

    code = "warehouse.nothing_for_wave"
    template = "At {place} nothing waits for this wave any more. Look at the waves again."


class WaveMovedOn(Conflict):
    code = "warehouse.wave_moved_on"
    template = "Wave {wave_id} has moved on; {wanted} is not possible any more. Look at it again."


class BadWave(BadInput):
    code = "warehouse.bad_wave"
    template = "{reason}"


class BatchTaken(Conflict):
    """Two people on one batch: the first one goes on."""

    code = "warehouse.batch_taken"
    template = "{by} picks batch {batch} already. Take another one, or have it given to you on the page of the wave."


class BatchFinished(Conflict):
    code = "warehouse.batch_finished"
    template = "Batch {batch} is finished already. Nothing was changed; take another one."


class LineDone(Conflict):
    """Two people on one line, or a list that is old."""

    code = "warehouse.line_done"
    template = "{by} has picked {units} × {sku} for this line already. Nothing was changed; go on with the next line."


class LineDropped(Conflict):
    """The order changed while its batch was picked."""

    code = "warehouse.line_dropped"
    template = "Order {order}: {sku} is not to be picked any more. Leave it on the shelf and go on with the next line."


class GoodsMovedOn(Conflict):
    """The order is promised another lot, or fewer, than when the list was drawn."""

    code = "warehouse.goods_moved_on"
    template = (
        "Order {order} is promised other goods of {sku} by now. Leave it, and tell the office: it needs a new list."
    )


class WrongBin(BadInput):
    code = "warehouse.wrong_bin"
    template = "Wrong bin: this is {found}. Go to {bin} and scan its label."


class WrongProduct(BadInput):
    code = "warehouse.wrong_product"
    template = "Wrong product: this is not {sku} ({name}). Put it back and scan the right one."


class WrongLot(BadInput):
    code = "warehouse.wrong_lot"
    template = "Wrong lot: this is lot {found}; lot {lot} of {sku} was promised. Take that one from this bin."


class LotExpired(BadInput):
    code = "warehouse.lot_expired"
    template = "Lot {lot} of {sku} went off on {date}: do not send it. Leave it and say that it is not here."


class WrongTote(BadInput):
    code = "warehouse.wrong_tote"
    template = "Wrong tote: {sku} goes into position {tote}, not {found}."


class TooMany(BadInput):
    code = "warehouse.too_many"
    template = "{found} are too many: take {units} × {sku}."


class BinFirst(BadInput):
    code = "warehouse.bin_first"
    template = "Scan the label of bin {bin} first, then {sku}."


class ProductFirst(BadInput):
    code = "warehouse.product_first"
    template = "Scan {sku} first, then the tote."


# Said within the sentence of BadWave; looked up when they are shown.
REASON_TEMPLATES = (
    "Choose at least one batch that nobody has begun.",
    "A wave keeps one batch at least: cancel the wave instead.",
    "Tote positions, units of a tote and orders of a wave are whole numbers from 1; minutes from 0.",
    "A batch that is finished has nobody.",
)
