"""Pure rules of orders."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServedRegion:
    """Orders to this country (empty: any) whose postcode begins so are served from this place."""

    country: str
    postcode_start: str
    place_code: str


@dataclass(frozen=True, slots=True)
class ServedRegions:
    """Regions of a shop; an order whose country nobody knows goes to `home_country`, the shop's own."""

    rows: Sequence[ServedRegion] = ()
    home_country: str = ""


def default_place(*, given_code: str | None, active_codes: Sequence[str]) -> str:
    """Where demand belongs when a file does not say: the place asked for, else the only active one, else none yet."""
    if given_code is not None:
        return given_code
    return active_codes[0] if len(active_codes) == 1 else ""
