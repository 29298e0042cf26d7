"""EasyPost's words for where a parcel is, in our twelve states; and its messages read."""

import datetime as dt
import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from reorder.domain.shipping.carriers.reading import said_of
from reorder.domain.shipping.carriers.values import TrackingReport

STATES: Final = {
    "unknown": "unknown",
    "pre_transit": "pending",
    "in_transit": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "delivered": "delivered",
    "available_for_pickup": "ready_for_pickup",
    "return_to_sender": "return_to_sender",
    "failure": "delivery_failed",
    "cancelled": "cancelled",
    "error": "unknown",
}
_INCIDENTS: Final = {
    "address_correction": "consignee_incorrect_address",
    "damaged": "carrier_damaged_parcel",
    "delayed": "weather_delay",
    "lost": "carrier_parcel_lost",
    "refused": "consignee_refused",
}


def reports_of(*, tracker: Mapping[str, Any], received_at: dt.datetime) -> tuple[TrackingReport, ...]:
    """What a tracker tells, the oldest first; a tracker without details gives its state alone."""
    number = str(tracker.get("tracking_code") or "")
    if not number:
        return ()
    reference = str(tracker.get("shipment_id") or "")
    details = tracker.get("tracking_details")
    events = [one for one in details if isinstance(one, dict)] if isinstance(details, list) else []
    if not events:
        events = [{"status": tracker.get("status"), "datetime": tracker.get("updated_at")}]
    return tuple(_report(one, number=number, reference=reference, received_at=received_at) for one in events)


def is_signed(*, body: bytes, signature: str, secret: str) -> bool:
    """Whether a message bears the signature of the secret: `hmac-sha256-hex=<digest>` (EasyPost, Webhooks guide)."""
    key = unicodedata.normalize("NFKD", secret).encode()
    wanted = "hmac-sha256-hex=" + hmac.new(key, body, hashlib.sha256).hexdigest()
    return bool(secret) and hmac.compare_digest(wanted.encode(), signature.strip().encode())


def moment_of(text: object) -> dt.datetime | None:
    """A moment as EasyPost writes it (ISO 8601, UTC); None when it is none."""
    try:
        found = dt.datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _report(event: Mapping[str, Any], *, number: str, reference: str, received_at: dt.datetime) -> TrackingReport:
    status = str(event.get("status") or "unknown")
    detail = str(event.get("status_detail") or "")
    place = event.get("tracking_location")
    parts = [place.get(name) for name in ("city", "state", "country")] if isinstance(place, dict) else []
    return TrackingReport(
        tracking_number=number,
        state=STATES.get(status, "unknown"),
        happened_at=moment_of(event.get("datetime")) or received_at,
        event_code=said_of(text=f"{status}/{detail}" if detail else status),
        description=said_of(text=event.get("message") or ""),
        where=said_of(text=" ".join(str(part) for part in parts if part)),
        incident=_INCIDENTS.get(detail, ""),
        carrier_reference=reference,
    )
