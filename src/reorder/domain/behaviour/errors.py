"""Why an event cannot be taken; each names the event and the field, so that the sender can mend it."""

from reorder.kernel.errors import BadInput


class UnknownEventKind(BadInput):
    code = "behaviour.unknown_kind"
    template = "Event {entry}, kind: {given} is none of {known}."


class EventFieldMissing(BadInput):
    code = "behaviour.field_missing"
    template = "Event {entry}, {field}: it must be given for an event of kind {kind}."


class EventFieldTooLong(BadInput):
    code = "behaviour.field_too_long"
    template = "Event {entry}, {field}: longer than {limit} characters."


class EventFieldUnreadable(BadInput):
    code = "behaviour.field_unreadable"
    template = "Event {entry}, {field}: it holds characters that cannot be stored."


class EventInFuture(BadInput):
    code = "behaviour.in_future"
    template = (
        "Event {entry}, happened_at: it lies more than {minutes} minutes in the future; look at the sender's clock."
    )


class EventTooOld(BadInput):
    code = "behaviour.too_old"
    template = "Event {entry}, happened_at: older than {days} days; events are not kept that long."


class EventCustomerUnknown(BadInput):
    code = "behaviour.unknown_customer"
    template = "Event {entry}, customer: nobody is known by {given}. Customers come with their first order."


class EventProductUnknown(BadInput):
    code = "behaviour.unknown_product"
    template = "Event {entry}, sku: there is no product {given}."


class TooManyEvents(BadInput):
    code = "behaviour.too_many"
    template = "{count} events are more than one batch may hold ({limit}). Send them in several."
