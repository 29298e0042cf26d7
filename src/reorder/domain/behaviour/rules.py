"""What makes an event acceptable. Pure; the first fault of an event decides, and says which event and field it is."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.behaviour import errors
from reorder.kernel.errors import BadInput

# What the API and files tell of customers; the engine reads these too.
KINDS: Final = ("view", "cart", "search", "promotion")
# What tracking tells besides. `page` is any page looked at, `engaged` how long.
EVENT_KINDS: Final = (
    *KINDS,
    "cart_removed",
    "cart_viewed",
    "checkout",
    "list_viewed",
    "liked",
    "unliked",
    "page",
    "engaged",
)
MOST_IN_BATCH: Final = 1000
LONGEST_KEY: Final = 200
LONGEST_SEARCH: Final = 300
# A sender's clock may be a little ahead; a time zone is a mistake.
CLOCK_SKEW: Final = dt.timedelta(minutes=10)
# Without these an event of the kind says nothing.
_NEEDS: Final[Mapping[str, str]] = {"view": "sku", "cart": "sku", "search": "search_text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """What somebody did, as a sender tells it; `customer` is what the sender calls them, for words only."""

    message_id: str
    customer_id: int | None
    kind: str
    happened_at: dt.datetime
    sku: str = ""
    search_text: str = ""
    customer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Between which moments an event may have happened."""

    earliest_at: dt.datetime
    latest_at: dt.datetime
    kept_days: int


def bounds_of(*, moment: dt.datetime, kept_days: int) -> Bounds:
    """What may be told at `moment` where events are kept for so many days."""
    return Bounds(earliest_at=moment - dt.timedelta(days=kept_days), latest_at=moment + CLOCK_SKEW, kept_days=kept_days)


def judge_events(*, events: Sequence[NewEvent], skus: Collection[str], bounds: Bounds) -> list[BadInput | None]:
    """The fault of each event, None where it can be taken; raises TooManyEvents for an overlong batch.

    Events are numbered from 0, as they stand in the batch; `skus` are the products that exist.
    """
    if len(events) > MOST_IN_BATCH:
        raise errors.TooManyEvents(count=len(events), limit=MOST_IN_BATCH)
    return [_fault(entry=entry, event=event, skus=skus, bounds=bounds) for entry, event in enumerate(events)]


def _fault(*, entry: int, event: NewEvent, skus: Collection[str], bounds: Bounds) -> BadInput | None:
    if event.kind not in KINDS:
        return errors.UnknownEventKind(entry=entry, given=event.kind[:100], known=", ".join(KINDS))
    return (
        _text_fault(entry=entry, event=event)
        or _moment_fault(entry=entry, event=event, bounds=bounds)
        or _subject_fault(entry=entry, event=event, skus=skus)
    )


def _text_fault(*, entry: int, event: NewEvent) -> BadInput | None:
    if not event.message_id:
        return errors.EventFieldMissing(entry=entry, field="message_id", kind=event.kind)
    needed = _NEEDS.get(event.kind, "")
    if needed and not getattr(event, needed):
        return errors.EventFieldMissing(entry=entry, field=needed, kind=event.kind)
    limits = {"message_id": LONGEST_KEY, "sku": LONGEST_KEY, "search_text": LONGEST_SEARCH}
    for field, limit in limits.items():
        text = getattr(event, field)
        if len(text) > limit:
            return errors.EventFieldTooLong(entry=entry, field=field, limit=limit)
        if "\x00" in text:
            return errors.EventFieldUnreadable(entry=entry, field=field)
    return None


def _moment_fault(*, entry: int, event: NewEvent, bounds: Bounds) -> BadInput | None:
    if event.happened_at > bounds.latest_at:
        return errors.EventInFuture(entry=entry, minutes=CLOCK_SKEW // dt.timedelta(minutes=1))
    if event.happened_at < bounds.earliest_at:
        return errors.EventTooOld(entry=entry, days=bounds.kept_days)
    return None


def _subject_fault(*, entry: int, event: NewEvent, skus: Collection[str]) -> BadInput | None:
    if event.customer_id is None:
        return errors.EventCustomerUnknown(entry=entry, given=event.customer[:100])
    if event.sku and event.sku not in skus:
        return errors.EventProductUnknown(entry=entry, given=event.sku[:100])
    return None
