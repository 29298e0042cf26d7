"""ECPay's status codes in our twelve states, by sub-type where a code means different things.

The table follows ECPay's list of logistics statuses (change log up to 2026-05); a code that is not in it is `unknown`,
with the carrier's own words kept beside.
"""

from typing import Final

_GROUPS: Final = (
    ("pending", "", "300 310 311"),
    ("picked_up", "", "2068 4001 3032"),
    ("in_transit", "", "2030 2041 3001 3024 3313"),
    ("out_for_delivery", "", "3006 3120"),
    ("ready_for_pickup", "", "2063 2073 3012 3018 3302 3314"),
    ("delivered", "", "2067 3003 3022 3307 3308 3309"),
    ("delivery_failed", "consignee_not_home", "3002"),
    ("delivery_failed", "consignee_business_closed", "3007"),
    ("delivery_failed", "consignee_refused", "3117"),
    ("delivery_delayed", "", "2043 2057 2058 2059 7004"),
    ("delivery_failed", "carrier_parcel_lost", "2042 4004 5002 5007 7018 7020 7302"),
    ("return_to_sender", "", "2065 2074 3020 3025 5005 5008 3310 3311"),
    ("cancelled", "", "9999 7005"),
)
_USUAL: Final = {code: (state, incident) for state, incident, codes in _GROUPS for code in codes.split()}
# Codes that change their meaning with the sub-type are read for the sub-types that we know, and for no other.
_BY_SUB_TYPE: Final = {
    ("TCAT", "5004"): ("return_to_sender", ""),
    ("HILIFE", "5004"): ("return_to_sender", ""),
    ("HILIFEC2C", "5004"): ("return_to_sender", ""),
}
_AMBIGUOUS: Final = frozenset({"2053", "2062", "2066", "5004"})


def state_of(*, sub_type: str, code: str) -> tuple[str, str]:
    """(state, incident) of a status code of a sub-type; `unknown` for what nobody has mapped."""
    found = _BY_SUB_TYPE.get((sub_type, code))
    if found is not None:
        return found
    return ("unknown", "") if code in _AMBIGUOUS else _USUAL.get(code, ("unknown", ""))
