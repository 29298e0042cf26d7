"""What can go wrong with scans on the floor, whatever the work."""

from reorder.kernel.errors import BadInput, Conflict, NotFound


class UnknownWork(NotFound):
    """A kind of work that nobody does."""

    code = "floor.unknown_work"
    template = "There is no work {work!r} on the floor. Choose one from the start page of the handheld."


class WorkNotBuilt(NotFound):
    """A kind of work whose module this version does not have."""

    code = "floor.work_not_built"
    template = "The work {work!r} is not built in this version."


class UnknownTask(NotFound):
    """A task that is not there, or not at a place of the person's."""

    code = "floor.unknown_task"
    template = "There is no task {task} here. Go back and choose from the list."


class UnreadableCode(BadInput):
    """A scan that broke off, or that is no code at all."""

    code = "floor.unreadable_code"
    template = "The scan {text!r} cannot be read: {reason}. Scan again, or type the number below the bars."


class WrongCheckDigit(BadInput):
    """A number that was misread: its check digit does not fit."""

    code = "floor.wrong_check_digit"
    template = "{text} is no right number: its last digit should be {expected}. A digit was misread; scan again."


class UnknownCode(NotFound):
    """Nothing in the shop has this code; `near` are products whose codes are almost the same."""

    code = "floor.unknown_code"
    template = (
        "Nothing here has the code {text}. Nearest: {near}. Scan another label, or add the barcode to its product."
    )


class UnknownCodeAtAll(NotFound):
    """Nothing in the shop has this code, and nothing has one like it."""

    code = "floor.unknown_code_at_all"
    template = "Nothing here has the code {text}. Scan another label, or add the barcode to its product."


class ManyProducts(BadInput):
    """Several products have this code: a person must say which."""

    code = "floor.many_products"
    template = "{text} is the code of several products: {skus}. Scan or type the number of the one in your hand."


class WrongThing(BadInput):
    """Right code, wrong thing: what was scanned is not what the step asks for."""

    code = "floor.wrong_thing"
    template = "Wrong: this is {found}. Wanted is {wanted_code}. Put it back and scan {wanted_code}."


class BinOfAnotherPlace(BadInput):
    """A bin that stands in another warehouse."""

    code = "floor.bin_of_another_place"
    template = "Bin {bin} is at {place}, not here ({here}). Scan a bin of this place."


class SameBin(BadInput):
    """Goods were to be moved into the bin that they were taken from."""

    code = "floor.same_bin"
    template = "{bin} is where you took them from. Scan another bin, or put them back and start again."


class BadScan(BadInput):
    """A scan that was sent in a form which cannot be."""

    code = "floor.bad_scan"
    template = "The scan was not taken: {part} {reason}. Start this task again."


class ScanKeyReused(Conflict):
    """Another scan was sent under this key before."""

    code = "floor.scan_key_reused"
    template = "The key {key} belongs to another scan; nothing was changed. Scan again."


class BadUnits(BadInput):
    """A count that cannot be one of this product."""

    code = "floor.bad_units"
    template = "{units} units of {sku} cannot be: {reason}."


class LotNeeded(BadInput):
    """A product that goes off came in without its lot or its day."""

    code = "floor.lot_needed"
    template = "{name} goes off: its lot and its last day are needed. Scan the code with both, or type them."


class LotHasOtherDay(BadInput):
    """The same lot is here with another day: one of the labels was misread, or the supplier used a lot twice."""

    code = "floor.lot_has_other_day"
    template = (
        "Lot {lot} is here already and goes off on {known}, not {given}. Look at the label again; "
        "if it is right, write a letter behind the lot."
    )


class PackUnknown(BadInput):
    """A case of a product whose units nobody has written down."""

    code = "floor.pack_unknown"
    template = (
        "{text} is a pack of {sku}, and nobody has told how many are in it. Scan one piece and count, "
        "or add the pack to the units of the product."
    )


class NotOnOrder(BadInput):
    """Goods that this order does not have."""

    code = "floor.not_on_order"
    template = "This is {name} ({sku}). It is not on {number}: put it aside, or take it in without an order."


class NothingMissing(Conflict):
    """An order that is closed by now: somebody else received or cancelled it."""

    code = "floor.order_closed"
    template = "{number} is {state} by now; nothing was taken in. Put the goods aside and ask the office."


# Said within sentences above; looked up when they are shown.
REASON_TEMPLATES = (
    "give more than zero",
    "give at most three decimals",
    "it is sold whole",
    "are more than 50 at once",
    "comes before a bin was scanned",
    "comes before a product was scanned",
    "comes before the units were counted",
    "is none of this task",
    "nothing was scanned",
    "it is longer than 512 characters",
    "a part of it is missing, or a date or number in it is wrong",
    "it holds no part that we know",
)
