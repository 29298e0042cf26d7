"""Where a carrier's own page tells of a parcel: pages the shop named, then those of carriers known everywhere. Pure."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

# Their pages take the number in the address. Of others the shop says it itself (REORDER_CARRIER_LINKS).
_KNOWN: Final = (
    ("dhl", "https://www.dhl.com/en/express/tracking.html?AWB={number}"),
    ("fedex", "https://www.fedex.com/fedextrack/?trknbr={number}"),
    ("ups", "https://www.ups.com/track?tracknum={number}"),
    ("usps", "https://tools.usps.com/go/TrackConfirmAction?tLabels={number}"),
)


def carrier_link(*, carrier: str, tracking_number: str, own_links: Sequence[str]) -> str:
    """The address of the page about a parcel; empty where none is known.

    A carrier is meant by an entry (`name=address`) whose name is a part of its name, in either case; the shop's own
    entries go first.
    """
    if not carrier or not tracking_number:
        return ""
    named = carrier.casefold()
    pairs = [one.partition("=")[::2] for one in own_links]
    own = next((address for name, address in pairs if name.casefold() in named), "")
    known = next((address for name, address in _KNOWN if name in named.split()), "")
    return (own or known).replace("{number}", quote(tracking_number, safe=""))
