"""Why an event cannot be taken; each names the event and the field, so that the sender can mend it."""

from reorder.kernel.errors import BadInput, NotFound, ReorderError


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


class CallUnreadable(BadInput):
    code = "behaviour.call_unreadable"
    template = "The body is not JSON as tracking sends it: {reason}."


class CallTooLarge(BadInput):
    code = "behaviour.call_too_large"
    template = "The events of one call have more than {limit} kB together. Send them in several."


class EventNotObject(BadInput):
    code = "behaviour.not_an_object"
    template = "Event {entry}: it must be an object with a type."


class EventTypeUnknown(BadInput):
    code = "behaviour.unknown_type"
    template = "Event {entry}, type: {given} is none of {known}."


class EventTooLarge(BadInput):
    code = "behaviour.too_large"
    template = "Event {entry}: {size} kB are more than one event may have ({limit} kB). Send fewer properties."


class EventClockWrong(BadInput):
    code = "behaviour.clock_wrong"
    template = "Event {entry}, sentAt: the sender's clock and ours differ by {days} days. Set the sender's clock."


class EventMomentUnreadable(BadInput):
    code = "behaviour.moment_unreadable"
    template = "Event {entry}, {field}: {given} is not a moment such as 2026-11-22T18:30:00Z."


class UnknownWriteKey(BadInput):
    code = "behaviour.unknown_write_key"
    template = "There is no source with this write key, or it is switched off."


class OriginNotAllowed(BadInput):
    code = "behaviour.origin_not_allowed"
    template = "Pages of {origin} may not send with this write key. Add the address under Setup, Tracking."


class UnknownSource(NotFound):
    code = "behaviour.unknown_source"
    template = "There is no tracking source {key}."


class BadOrigin(BadInput):
    code = "behaviour.bad_origin"
    template = "{origin} is not the address of a shop such as https://shop.example.org, without a path."


class BadAddressPattern(BadInput):
    code = "behaviour.bad_address_pattern"
    template = "{pattern} is no pattern of addresses: {reason}."


class TrackingTooFast(ReorderError):
    """A write key has sent more than it may in this span."""

    code = "behaviour.too_fast"
    template = (
        "This write key may send {limit} events a second, and sent more for {span} seconds; "
        "wait {seconds} seconds and send the same again."
    )


class SourceCodeTaken(BadInput):
    code = "behaviour.source_code_taken"
    template = "Another source has the code {given} already."


class UserSecretUnreadable(ReorderError):
    code = "behaviour.user_secret_unreadable"
    template = "The secret of a tracking source was sealed with another key. Make a new one under Setup, Tracking."
