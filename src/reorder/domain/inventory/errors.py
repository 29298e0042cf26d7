"""What can go wrong with stock."""

from reorder.kernel.errors import BadInput, Conflict, NotFound, ReorderError


class NotEnoughStock(ReorderError):
    """More goods were to leave than stand free; nothing of the whole call was written."""

    code = "inventory.not_enough_stock"
    template = "{wanted_units} units of {sku} were to leave {location}, but only {free_units} are free there."


class MoveKeyReused(BadInput):
    """A key names one fact for ever; the same key came with other content."""

    code = "inventory.move_key_reused"
    template = "The move key {key} ({cause_kind} {cause_key}) was used before for another move."


class BadMove(BadInput):
    code = "inventory.bad_move"
    template = "The move {key} is not possible: {reason}."


class UnknownLocation(BadInput):
    code = "inventory.unknown_location"
    template = "There is no stock location {location}; create its place first."


class UnknownPlace(NotFound):
    code = "inventory.unknown_place"
    template = "There is no place {place}."


class BadPlace(BadInput):
    code = "inventory.bad_place"
    template = "The place {place!r} cannot be created: {reason}."


class PlaceChanged(Conflict):
    code = "inventory.place_changed"
    template = "The place {place} was changed by somebody else meanwhile. This page shows it as it is now."


class BadPlaceTerms(BadInput):
    """What a place can do for orders, entered in a way that cannot be kept."""

    code = "inventory.bad_place_terms"
    template = "These terms cannot be saved: {reason}."


class UnknownMove(NotFound):
    code = "inventory.unknown_move"
    template = "There is no move {move} of stock."


class MoveNotTakenBack(Conflict):
    """A move is taken back once, and only where nothing else has to follow."""

    code = "inventory.move_not_taken_back"
    template = "The move {move} cannot be taken back: {reason}."


class NotKeptApart(Conflict):
    """More returned goods should be let go than are kept apart; somebody else was there first."""

    code = "inventory.not_kept_apart"
    template = "Only {there} of these units are kept apart now, not {wanted}. Look at the return again."
