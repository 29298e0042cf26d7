"""Shipping of the demonstration: example rates of Taiwan, a warehouse in the north and one in the south."""

import contextlib
import datetime as dt
from typing import Final

from reorder.domain.catalog.synthetic_sizes import enter_synthetic_sizes
from reorder.domain.inventory.place_terms import PlaceTermsRow, save_terms
from reorder.domain.inventory.queries import find_place
from reorder.domain.shipping import carton_examples
from reorder.flows import shipping_setup
from reorder.kernel.errors import BadInput

# SYNTHETIC: where they send from, until when, and what handling costs there.
_TERMS: Final = {
    "KEELUNG": PlaceTermsRow(postcode="206", cut_off_time=dt.time(15), parcel_cost_minor=1200, line_cost_minor=200),
    "KAOHSIUNG": PlaceTermsRow(postcode="806", cut_off_time=dt.time(14), parcel_cost_minor=1000, line_cost_minor=200),
}


def lay_down_shipping(*, decided_by: str) -> int:
    """Enter rates and terms of the two places; how many rates. A shop that has any already keeps them."""
    try:
        count = shipping_setup.load_example(decided_by=decided_by)
    except BadInput:
        count = 0
    with contextlib.suppress(BadInput):
        carton_examples.load_example(decided_by=decided_by)
    enter_synthetic_sizes()
    for code, terms in _TERMS.items():
        place = find_place(code=code)
        if place is not None:
            save_terms(place_id=place.id, terms=terms, decided_by=decided_by)
    return count
