"""From the packing table to the customer's door: handing over, what carriers say, what follows from it."""

from reorder.flows.tracking.callbacks import CallbackTaken, take_callback
from reorder.flows.tracking.handing import ClosedManifest, ScannedOut, close_manifest, scan_out
from reorder.flows.tracking.handing_over import is_to_be_told, tell_carrier
from reorder.flows.tracking.polling import poll_carriers
from reorder.flows.tracking.taking import Taken, take_words
from reorder.flows.tracking.watching import Watched, forget_strays, retry_strays, watch_parcels

__all__ = [
    "CallbackTaken",
    "ClosedManifest",
    "ScannedOut",
    "Taken",
    "Watched",
    "close_manifest",
    "forget_strays",
    "is_to_be_told",
    "poll_carriers",
    "retry_strays",
    "scan_out",
    "take_callback",
    "take_words",
    "tell_carrier",
    "watch_parcels",
]
