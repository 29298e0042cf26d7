"""What can be wrong with services, zones, rates and rules of routing, as values with a code."""

from reorder.kernel.errors import BadInput, NotFound


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
