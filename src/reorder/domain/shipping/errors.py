"""What can be wrong with services, zones, rates and rules of routing, as values with a code."""

from typing import Final

from reorder.kernel.errors import BadInput, NotFound

# Reasons that errors give, for who translates them.
REASON_TEMPLATES: Final = (
    "a channel has at most 100 characters",
    "a code has 1 to 40 letters, digits, dots, hyphens or underscores",
    "a country is two letters, such as TW",
    "a limit must be above zero",
    "a name and a carrier are needed",
    "a name has at most 200 characters",
    "a postcode has at most 16 characters",
    "a zone is a short code",
    "an amount is needed",
    "an amount must not be negative",
    "choose a place",
    "choose at least one temperature",
    "choose temperatures",
    "choose what the rule does",
    "delivery takes 0 to 90 days",
    "it cannot be read as CSV",
    "it has more than 8 MB",
    "it is not a text in UTF-8 or Big5",
    "leave out blanks and hyphens",
    "no file was chosen",
    "rates must be in the shop's currency",
    "the example counts in TWD, and the shop in another currency",
    "the price is not an amount of 0 or more, with no more decimals than the currency has",
    "the shop has services or zones of its own already",
    "the weight is not a number of grams above zero",
    "there are more than 100,000 rows",
    "there is no category with this code",
    "there is no rate in it",
    "there is no service with this code; add it first",
    "there is no zone in it",
    "there is no zone with this code; add it first",
    "this beginning of postcodes comes twice",
    "this column is missing",
    "this service, these zones and this weight come twice",
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
