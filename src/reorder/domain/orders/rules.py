"""Pure rules of orders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final


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


# How far an order is, in order; a draft is nobody's demand yet, and one that is cancelled nobody's any more.
STATES: Final = (
    "draft",
    "placed",
    "allocated",
    "released",
    "picked",
    "packed",
    "shipped",
    "delivered",
    "cancelled",
)
# Goods have not left: the order can be changed or cancelled, with what was promised given back.
UNSHIPPED: Final = ("draft", "placed", "allocated", "released", "picked", "packed")
# The warehouse has nothing of it in its hands yet.
UNRELEASED: Final = ("draft", "placed", "allocated")
HOLD_REASONS: Final = (
    "address",
    "awaiting_payment",
    "duplicate",
    "fraud",
    "manual",
    "out_of_stock",
    "requested_date",
)
# Reasons that a person who looks at the order takes away; the others go when what they wait for has come.
JUDGED_HOLDS: Final = ("address", "duplicate", "fraud", "manual")
# As errors say them; pages have the same words.
HOLD_WORD_TEMPLATES: Final = {
    "address": "address to check",
    "awaiting_payment": "waits for payment",
    "duplicate": "possible duplicate",
    "fraud": "fraud check",
    "manual": "held by hand",
    "out_of_stock": "waits for goods",
    "requested_date": "wanted later",
}
PAYMENT_STATES: Final = ("none", "unpaid", "cash_on_delivery", "paid", "part_refunded", "refunded")


# A fulfilment order that waits for goods keeps its order back as far as one that is just placed.
_STATE_BY_FULFILMENT: Final = {"waiting": "placed"}
PAID_ENOUGH: Final = ("paid", "cash_on_delivery", "part_refunded")


def state_of_fulfilments(*, states: Iterable[str]) -> str:
    """The state of an order by its fulfilment orders: the least advanced live one; cancelled when none lives."""
    live = [_STATE_BY_FULFILMENT.get(state, state) for state in states if state != "cancelled"]
    return min(live, key=STATES.index, default="cancelled")


def is_paid_enough(*, payment_state: str, total_minor: int) -> bool:
    """Whether goods may leave: paid, to be paid at the door, or nothing to pay."""
    return payment_state in PAID_ENOUGH or total_minor == 0


def demand_key_of(*, order_line_id: int) -> str:
    """The key by which stock knows an order line."""
    return f"order_line:{order_line_id}"


def cart_hold_key(*, channel: str, cart_id: str) -> str:
    """The key by which stock knows a cart."""
    return f"cart:{channel}:{cart_id}"


def serving_place(*, regions: ServedRegions, country: str, postcode: str) -> str | None:
    """The place that would serve an address if stock had no end; the longest beginning of its postcode wins.

    The same rule as the statement of `operations` that serves many orders at once.
    """
    plain = postcode.translate({ord(char): None for char in " \t-"}).upper()
    where = country or regions.home_country
    fits = [one for one in regions.rows if one.country in {"", where} and plain.startswith(one.postcode_start)]
    best = max(fits, key=lambda one: (len(one.postcode_start), one.country), default=None)
    return best.place_code if best else None
