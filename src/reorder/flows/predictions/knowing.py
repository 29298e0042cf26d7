"""What predictions rest on besides counts: the learned model that may answer, the lines and events it learns from."""

import datetime as dt
import time
from dataclasses import dataclass
from functools import lru_cache

import polars as pl
from django.conf import settings

from reorder.domain.behaviour import queries as behaviour
from reorder.domain.orders import purchases
from reorder.domain.orders import queries as orders
from reorder.domain.planning import learned as store
from reorder.engine import repurchase
from reorder.engine.repurchase import Learned
from reorder.engine.repurchase.learning import VERSION

# Events further back than this say nothing of the next purchase.
EVENT_DAYS = 60
LEARNING_EVENT_DAYS = 400
# What a night learns in seconds is learned again by a later night when it is older than this.
_QUICK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Known:
    """The learned model that answers, None when none may; `why` tells what is wrong with those that may not."""

    learned: Learned | None
    kind: str
    why: str


def load_learned(*, as_of: dt.date) -> Known:
    """The latest model that is whole, of this version and not stale: the weekly one, else a night's own."""
    faults = []
    for kind in ("repurchase", "quick"):
        learned, fault = _read(kind=kind, as_of=as_of)
        if learned is not None:
            return Known(learned=learned, kind=kind, why="; ".join(faults))
        faults += [fault] if fault else []
    return Known(learned=None, kind="", why="; ".join(faults) or "nothing was learned yet")


def describe(*, known: Known) -> str:
    """Which layers answer, in words."""
    return known.learned.summary if known.learned else "layer 1 as it is, because nothing was learned yet"


def load_or_learn(*, as_of: dt.date) -> Known:
    """As `load_learned`; where no weekly model may answer, layer 1 is learned now and kept until one may."""
    known = load_learned(as_of=as_of)
    if known.kind == "repurchase" or (known.learned and (as_of - known.learned.as_of).days < _QUICK_DAYS):
        return known
    begun = time.perf_counter()
    lines = frame_learning_lines(as_of=as_of)
    learned = repurchase.learn_quickly(order_lines=lines, as_of=as_of, country=settings.REORDER.country)
    save(kind="quick", learned=learned, seconds=time.perf_counter() - begun)
    return Known(learned=learned, kind="quick", why=known.why)


def save(*, kind: str, learned: Learned, seconds: float) -> int:
    """Store a learned model with its version and checksum; returns its id."""
    return store.save_learned(
        kind=kind,
        version=VERSION,
        as_of=learned.as_of,
        content=learned.to_bytes(),
        summary=learned.summary,
        seconds=seconds,
    )


def learning_share() -> float:
    """The share of customers that is learned from, so that no more than `REORDER_LEARNING_LINES` lines are."""
    return min(1.0, settings.REORDER.learning_lines / max(purchases.count_order_lines(), 1))


def frame_learning_lines(*, as_of: dt.date) -> pl.DataFrame:
    """Order lines before `as_of`, of a sample of customers where there are more than can be learned from."""
    return orders.frame_order_lines(
        before_date=as_of, time_zone=settings.REORDER.time_zone, customers_share=learning_share()
    )


def frame_recent_events(*, as_of: dt.date, customer_ids: list[int] | None = None) -> pl.DataFrame | None:
    """Events of the days that count for predictions, up to and with `as_of`; None where there are none."""
    return _events(as_of=as_of, days=EVENT_DAYS, customer_ids=customer_ids)


def frame_learning_events(*, as_of: dt.date) -> pl.DataFrame | None:
    """Events of the days that are learned from; None where there are none."""
    return _events(as_of=as_of, days=LEARNING_EVENT_DAYS, customer_ids=None)


def _events(*, as_of: dt.date, days: int, customer_ids: list[int] | None) -> pl.DataFrame | None:
    found = behaviour.frame_events(
        from_date=as_of - dt.timedelta(days=days),
        before_date=as_of + dt.timedelta(days=1),
        time_zone=settings.REORDER.time_zone,
        customer_ids=customer_ids,
    )
    return found if found.height else None


def _read(*, kind: str, as_of: dt.date) -> tuple[Learned | None, str]:
    head = store.find_learned(kind=kind)
    if head is None:
        return None, ""
    if head.version != VERSION:
        return None, f"the stored model of {head.as_of_date} is of version {head.version}, this program of {VERSION}"
    try:
        learned = _unpack(row_id=head.id, checksum=head.checksum)
    except repurchase.ModelFileRefused as refused:
        return None, f"the stored model of {head.as_of_date} is refused: {refused}"
    if learned is None:
        return None, f"the stored model of {head.as_of_date} is damaged"
    if learned.is_stale(as_of=as_of):
        return None, f"the stored model of {head.as_of_date} is too old"
    return learned, ""


@lru_cache(maxsize=2)
def _unpack(*, row_id: int, checksum: str) -> Learned | None:
    """The model of a row, read once a process: the drain asks every few seconds. None when its bytes are damaged."""
    content = store.read_content(row_id=row_id)
    return repurchase.read_learned(content) if store.checksum_of(content=content) == checksum else None
