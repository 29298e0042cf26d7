"""What the decision about a message looks at, and what it says; plain values of one customer and one moment."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from zoneinfo import ZoneInfo

from reorder.engine.contact.lifts import Lifts

Outcome = Literal["planned", "held_out", "rescheduled", "held_for_stock", "suppressed"]
MARKETING: Final = "marketing"
# The checks in the order in which they are made; every decision's trace keeps to it.
CHECKS: Final = (
    "consent", "suppression", "pause", "stock", "cap", "quiet_hours", "best_hour", "channel", "offer", "holdout",
)  # fmt: skip
# Pauses that end by themselves: what they keep back waits for their end as long as it is worth anything.
PASSING_CAUSES: Final = ("parcel", "return", "complaint", "order")
UTC: Final = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One message that somebody wants; see domain/marketing/wanted for the words.

    `written_channels` are those for which its template has words (None: any); `goods_minor` is what its goods cost
    together, `margin_minor` what that leaves; None where it is not known.
    """

    key: str
    customer_id: int
    purpose: str
    source_kind: str
    source_key: str
    earliest_at: dt.datetime
    latest_at: dt.datetime
    reason_code: str
    channels: tuple[str, ...] = ("email",)
    written_channels: frozenset[str] | None = None
    skus: tuple[str, ...] = ()
    stock_rule: str = "hold"
    offers: tuple[str, ...] = ()
    topic: str = ""
    category_codes: tuple[str, ...] = ()
    value_minor: float = 0.0
    goes_at_once: bool = False
    goods_minor: float | None = None
    margin_minor: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """One channel of a person: the address, the declaration that holds (None: never asked), and what became of it.

    `response_share` is the share of earlier messages by this channel that the person answered (opened, clicked or
    bought after), None while none went.
    """

    channel: str
    address: str
    is_granted: bool | None = None
    is_reachable: bool = True
    has_complained: bool = False
    response_share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Why marketing rests; `resumes_at` is the moment from which it may go again, None while nobody knows."""

    cause: str
    resumes_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A marketing message to the person that left, or is planned; held-out ones count as sent ones do.

    `is_movable` says that it has not left and may give way to a more valuable one, `latest_at` until when it is worth
    anything.
    """

    message_id: int
    channel: str
    at: dt.datetime
    value_minor: float = 0.0
    is_movable: bool = False
    latest_at: dt.datetime | None = None
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom it is for.

    `best_hour` is on the own clock (None: unknown); `waking` the hours within which law or the person allow marketing
    (None: the shop's); `own_cap` what the person asked for in seven days; `refused_topics` and `sensitive_allowed` what
    was declared; `age_years` None where the birthday is not known.
    """

    customer_id: int
    zone: ZoneInfo = UTC
    reaches: tuple[Reach, ...] = ()
    pauses: tuple[Pause, ...] = ()
    contacts: tuple[Contact, ...] = ()
    best_hour: int | None = None
    waking: tuple[int, int] | None = None
    own_cap: int | None = None
    is_erased: bool = False
    refused_topics: frozenset[str] = frozenset()
    sensitive_allowed: frozenset[str] = frozenset()
    age_years: int | None = None
    is_high_value: bool = False
    is_price_sensitive: bool = False
    churn_share: float = 0.0
    segment_codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What is free of a product, less what open messages promise; `expected_date` is the next receipt's.

    `substitutes` may stand in for it, the nearest first.
    """

    sku: str
    free_units: float
    expected_date: dt.date | None = None
    substitutes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A step of a ladder: what it takes off, a share of the goods and an amount; whom it is for (empty: anybody)."""

    code: str
    kind: str = "percent"
    is_personal: bool = False
    is_limited: bool = False
    takes_share: float = 0.0
    takes_minor: float = 0.0
    segment_codes: frozenset[str] = frozenset()
    is_live: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """At most `limit` marketing messages in any `hours`; of one channel, or (empty) of all together."""

    hours: int
    limit: int
    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdout:
    """The share of customers that a comparison keeps back, and the salt by which they are drawn."""

    salt: str
    share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the shop laid down.

    `waking` is the first hour in which marketing may go and the first in which it may no more, on the person's clock;
    `costs_minor` what one message costs by channel; `response_shares` what a channel's messages are answered with on
    average; `holdouts` by (source kind, source key); `adult_categories` may go to people of `adult_years` or more only;
    `promise_units` is what one open message promises of each of its goods; `lifts` is what channels and offers were
    found to add.
    """

    caps: tuple[Cap, ...] = (Cap(hours=24, limit=1), Cap(hours=168, limit=2))
    waking: tuple[int, int] = (8, 20)
    send_hour: int = 10
    costs_minor: Mapping[str, float] = field(default_factory=dict)
    response_shares: Mapping[str, float] = field(default_factory=dict)
    offers: Mapping[str, Offer] = field(default_factory=dict)
    margin_floor_share: float = 0.0
    holdouts: Mapping[tuple[str, str], Holdout] = field(default_factory=dict)
    global_holdout: Holdout = field(default_factory=lambda: Holdout(salt="global"))
    promise_units: float = 0.25
    adult_categories: frozenset[str] = frozenset()
    sensitive_categories: frozenset[str] = frozenset()
    adult_years: int = 18
    least_age_years: int = 0
    asks_unknown_age: bool = False
    lifts: Lifts = field(default_factory=Lifts)


def waking_of(*, shop: tuple[int, int], own: tuple[int, int] | None) -> tuple[int, int]:
    """The hours in which marketing may go to somebody: the shop's, within those of the person or of law."""
    if own is None:
        return shop
    first, last = max(shop[0], own[0]), min(shop[1], own[1])
    return (first, last) if first < last else own


def hour_of(*, rules: Rules, person: Person) -> int:
    """The hour at which a person is best written to, within waking hours."""
    first, last = waking_of(shop=rules.waking, own=person.waking)
    wished = rules.send_hour if person.best_hour is None else person.best_hour
    return min(max(wished, first), last - 1)


def caps_of(*, rules: Rules, person: Person) -> tuple[Cap, ...]:
    """The shop's caps, and what the person asked for."""
    own = person.own_cap
    return rules.caps if own is None else (*rules.caps, Cap(hours=7 * 24, limit=own))


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a trace: `verdict` is passed, changed, waits or failed; `seen` what it looked at."""

    name: str
    verdict: str
    seen: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moved:
    """A planned message that gives way to a more valuable one; `at` None: no later slot comes in time."""

    message_id: int
    at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of a wanted message, and why.

    `at` is when it goes (planned, held out) or when it is looked at again (rescheduled, held for stock); `skus` are the
    goods it may name; `reason_code` and `reason_parameters` are told by engine/reasons, those of a planned message are
    its source's.
    """

    key: str
    customer_id: int
    outcome: Outcome
    reason_code: str
    reason_parameters: Mapping[str, object] = field(default_factory=dict)
    at: dt.datetime | None = None
    channel: str = ""
    address: str = ""
    skus: tuple[str, ...] = ()
    offer: str = ""
    holdout: str = ""
    moved: tuple[Moved, ...] = ()
    trace: tuple[Check, ...] = ()
