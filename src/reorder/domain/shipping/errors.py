"""What can be wrong with services, zones, rates and rules of routing, as values with a code."""

from typing import Final

from reorder.kernel.errors import BadInput, Conflict, NotFound

# Reasons that errors give, for who translates them.
REASON_TEMPLATES: Final = (
    "a channel has at most 100 characters",
    "a code has 1 to 40 letters, digits, dots, hyphens or underscores",
    "a country is two letters, such as TW",
    "a limit must be above zero",
    "a name and a carrier are needed",
    "a name has 1 to 200 characters",
    "a name has at most 200 characters",
    "a postcode has at most 16 characters",
    "a zone is a short code",
    "an amount is needed",
    "an amount must not be negative",
    "choose a place",
    "choose at least one temperature",
    "choose temperatures",
    "choose what it is made of",
    "choose what the rule does",
    "delivery takes 0 to 90 days",
    "every side inside must be above 0 mm",
    "it cannot be read as CSV",
    "it has more than 8 MB",
    "it is not a text in UTF-8 or Big5",
    "its own weight must be 0 to 2,000,000 g",
    "leave out blanks and hyphens",
    "no file was chosen",
    "no side may be above 5,000 mm",
    "nothing is to be tried",
    "rates must be in the shop's currency",
    "the cost must not be negative",
    "the example counts in TWD, and the shop in another currency",
    "the most goods must be 1 to 2,000,000 g",
    "the outside is smaller than the inside",
    "the price is not an amount of 0 or more, with no more decimals than the currency has",
    "the shop has cartons of its own already",
    "the shop has services or zones of its own already",
    "the weight is not a number of grams above zero",
    "there are more than 100,000 rows",
    "there is no carton in it",
    "there is no category with this code",
    "there is no place with this code",
    "there is no rate in it",
    "there is no service with this code; add it first",
    "there is no zone in it",
    "there is no zone with this code; add it first",
    "this beginning of postcodes comes twice",
    "this carton comes twice",
    "this column is missing",
    "this is not a whole number",
    "this service, these zones and this weight come twice",
    "try 1 to 5,000 shipments",
)


class BadService(BadInput):
    """A carrier service that cannot be kept as it was entered."""

    code = "shipping.bad_service"
    template = "This service cannot be saved: {reason}."


class BadZone(BadInput):
    """A zone, or a beginning of postcodes, that cannot be kept as it was entered."""

    code = "shipping.bad_zone"
    template = "The zone for {where} cannot be saved: {reason}."


class BadShippingRate(BadInput):
    """A rate that cannot be kept as it was entered."""

    code = "shipping.bad_rate"
    template = "This rate cannot be saved: {reason}."


class BadShippingFile(BadInput):
    """A file of rates or zones with its first fault; nothing of it was taken."""

    code = "shipping.bad_file"
    template = "The file was not taken. Row {row} ({value}): {reason}. It needs the columns {columns}."


class BadRoutingRule(BadInput):
    """A rule of routing that cannot be kept as it was entered."""

    code = "shipping.bad_rule"
    template = "This rule cannot be saved: {reason}."


class UnknownService(NotFound):
    """No such carrier service."""

    def __init__(self, *, service: object) -> None:
        super().__init__(what="service", key=service)


class BadCarton(BadInput):
    """A carton that cannot be kept as it was entered."""

    code = "shipping.bad_carton"
    template = "The carton {carton} cannot be saved: {reason}."


class UnknownCarton(NotFound):
    """A carton that the catalogue does not have."""

    code = "shipping.unknown_carton"
    template = "There is no carton {carton!r}. Its code is printed on it; see Setup, Cartons."


class CartonKnown(Conflict):
    """A new carton with the code of another one."""

    code = "shipping.carton_known"
    template = "There is a carton {carton!r} already. Change that one, or choose another code."


class ParcelClosed(Conflict):
    """A parcel that somebody has packed already, or taken apart."""

    code = "shipping.parcel_closed"
    template = "The parcel {parcel} is closed by now. Go back and open the task again."
