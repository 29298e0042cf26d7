"""Sentences about parcels: for customers, and for staff; a state or reason that is not here is said by its name."""

from typing import Final

STATE_TEMPLATES: Final = {
    "pending": "It is packed and waits for the carrier.",
    "picked_up": "The carrier has it.",
    "in_transit": "It is on its way to you.",
    "out_for_delivery": "It is out for delivery.",
    "ready_for_pickup": "It waits for you to collect it.",
    "delivered": "It was delivered.",
    "delivery_delayed": "It comes later than planned.",
    "delivery_failed": "It could not be delivered.",
    "on_hold": "The carrier holds it back. We are at it.",
    "return_to_sender": "It comes back to us.",
    "cancelled": "It was not sent.",
    "unknown": "We wait for news from the carrier.",
}
# In place of the state's own sentence.
HEADLINE_TEMPLATES: Final = {
    "collected": "You collected it.",
    "late": "It is late. We are sorry, and are at it.",
}
STEP_TEMPLATES: Final = ("Packed", "With the carrier", "On its way", "Out for delivery", "Delivered")
STORE_STEP_TEMPLATES: Final = ("Packed", "With the carrier", "On its way", "Ready to collect", "Collected")
# For staff: one or two words of a state.
MARK_TEMPLATES: Final = {
    "pending": "Waits",
    "picked_up": "Handed over",
    "in_transit": "On its way",
    "out_for_delivery": "Out for delivery",
    "ready_for_pickup": "Ready to collect",
    "delivered": "Delivered",
    "delivery_delayed": "Delayed",
    "delivery_failed": "Not delivered",
    "on_hold": "Held back",
    "return_to_sender": "Comes back",
    "cancelled": "Not sent",
    "unknown": "Unknown",
}
REASON_TEMPLATES: Final = {
    "carrier_damaged_parcel": "The parcel was damaged on its way.",
    "carrier_sorting_error": "It was sorted to the wrong place.",
    "carrier_address_not_found": "The carrier did not find the address.",
    "carrier_parcel_lost": "The carrier cannot find it.",
    "carrier_not_enough_time": "The carrier ran out of time that day.",
    "carrier_vehicle_issue": "The carrier's vehicle broke down.",
    "consignee_refused": "It was refused at the door.",
    "consignee_business_closed": "The business or store was closed.",
    "consignee_not_available": "Nobody could take it.",
    "consignee_not_home": "Nobody was at home.",
    "consignee_incorrect_address": "The address is not right.",
    "consignee_access_restricted": "The carrier could not get in.",
    "customs_delay": "Customs take their time.",
    "customs_documentation": "Customs miss papers.",
    "customs_duties_unpaid": "Duties are to be paid first.",
    "weather_delay": "The weather held it up.",
    "natural_disaster": "A natural disaster held it up.",
    "unknown": "The carrier did not say why.",
}
SOURCE_TEMPLATES: Final = {
    "callback": "told by the carrier",
    "poll": "asked of the carrier",
    "staff": "written by hand",
    "api": "through the API",
    "floor": "scanned here",
}
LATE_REASON_TEMPLATES: Final = {
    "promise_passed": "The promised day has passed.",
    "silent": "The carrier has said nothing for days.",
}
