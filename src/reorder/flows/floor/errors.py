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


class BadScan(BadInput):
    """A scan that was sent in a form which cannot be."""

    code = "floor.bad_scan"
    template = "The scan was not taken: {part} {reason}."


class ScanKeyReused(Conflict):
    """Another scan was sent under this key before."""

    code = "floor.scan_key_reused"
    template = "The key {key} belongs to another scan; nothing was changed. Scan again."


# Said within sentences above; looked up when they are shown.
REASON_TEMPLATES = (
    "nothing was scanned",
    "it is longer than 512 characters",
    "a part of it is missing, or a date or number in it is wrong",
    "it holds no part that we know",
)
