"""What the shipping desk says of troubles, and what to do next; chosen by codes."""

from typing import Final

KIND_TEMPLATES: Final = {
    "late": "Late",
    "delivery_failed": "Not delivered",
    "delivery_delayed": "Delayed",
    "on_hold": "Held back",
    "return_to_sender": "Comes back",
    "collect": "Not collected",
    "unknown": "Not understood",
    "unasked": "Carrier does not answer",
}
# The next best action by kind, and by what the carrier says happened.
NEXT_TEMPLATES: Final = {
    "late": "Ask the carrier where it is, then tell the customer the new day.",
    "delivery_failed": "The carrier usually tries again. Call the customer if the next try fails too.",
    "delivery_delayed": "The customer was told. Ask the carrier if nothing moves tomorrow.",
    "on_hold": "Ask the carrier what it waits for.",
    "return_to_sender": "Receive it as a return when it is here, then send the goods again or give the money back.",
    "collect": "Remind the customer to collect it before the store sends it back.",
    "unknown": "Read the carrier's own words, and write what they mean.",
    "unasked": "Look at the carrier's account: the carrier has not answered for hours.",
}
NEXT_BY_REASON_TEMPLATES: Final = {
    "carrier_address_not_found": "Ask the customer for the right address, and tell the carrier.",
    "consignee_incorrect_address": "Ask the customer for the right address, and tell the carrier.",
    "consignee_access_restricted": "Ask the customer how to get in, and tell the carrier.",
    "consignee_refused": "Ask the customer why; the parcel will come back.",
    "carrier_parcel_lost": "Claim it with the carrier, and send the goods again.",
    "carrier_damaged_parcel": "Claim it with the carrier; ask the customer what can be used.",
    "customs_documentation": "Send the missing papers to the carrier.",
    "customs_duties_unpaid": "Say who pays the duties, and tell the carrier.",
}
STRAY_TEMPLATES: Final = {
    "unreadable": "The message could not be read.",
    "no_parcel": "No parcel of ours has this number.",
    "bad_state": "Its state is none that we know.",
    "no_time_zone": "Its moment has no time zone.",
    "ahead": "Its moment lies ahead of our clock.",
    "another_parcel": "It happened before the parcel was packed: the number may have been used before.",
}
PICK_UP_TEMPLATES: Final = {
    "asking": "Being asked",
    "asked": "Comes",
    "refused": "Refused",
    "unsure": "Not sure: ask the carrier",
    "cancelled": "Comes not",
}
