"""What journeys may listen to. Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

# Kind of fact, and what its `subject` is. A kind that is not here cannot be listened to.
FACT_KINDS: Final[Mapping[str, str]] = {
    "due": "",  # subjects that come due stand in details["skus"]
    "viewed": "sku",
    "carted": "sku",
    "cart_left": "cart code",
    "searched": "words",
    "found_nothing": "words",
    "checkout_begun": "cart code",
    "liked": "sku",
    "ordered": "order number",
    "first_order": "order number",
    "order_cancelled": "order number",
    "shipped": "order number",
    "delivered": "order number",
    "parcel_late": "parcel number",
    "return_settled": "return number",
    "back_in_stock": "sku",
    "price_dropped": "sku",
    "new_arrival": "sku",
    "entered_segment": "segment code",
    "left_segment": "segment code",
    "churning": "",
    "birthday": "",
    "anniversary": "",
    "tier_changed": "tier",
    "points_expiring": "",
    "trial_started": "sku",
    "trial_ending": "sku",
    "subscription_suited": "sku",
    "consented": "channel",
    "joined": "",
    "clicked": "message number",
}
# Nothing in Reorder causes these: a loyalty or trial system tells of them, see api/journeys.
TOLD_BY_OTHERS: Final = frozenset({"tier_changed", "points_expiring", "trial_ending"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFact:
    """A fact as a flow notes it; `key` is chosen so that the same thing noted twice is one fact."""

    kind: str
    customer_id: int
    happened_at: dt.datetime
    key: str
    subject: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
