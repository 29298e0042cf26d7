"""What predictions rest on besides counts: the learned model that may answer, the lines and events it learns from."""

import datetime as dt
import logging
import time
from dataclasses import dataclass
from functools import lru_cache

import polars as pl
from django.conf import settings

from reorder.domain.behaviour import queries as behaviour
from reorder.domain.orders import purchases
from reorder.domain.orders import queries as orders
from reorder.domain.orders import sampling as orders_sampling
from reorder.domain.planning import learned as store
from reorder.engine import repurchase
from reorder.engine.repurchase import Learned
from reorder.engine.repurchase.learning import VERSION

log = logging.getLogger(__name__)
# Events further back than this say nothing of the next purchase.
EVENT_DAYS = 30
# The engine looks back at a day a month ago, and from there a month further.
LEARNING_EVENT_DAYS = 61
# What a night learns in seconds is learned again by a later night when it is older than this.
_QUICK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a stored model may not answer: `damaged`, `refused`, `other_version`, `too_old` or `none` stored at all."""

    code: str
    learned_date: dt.date | None = None

    def as_json(self) -> dict[str, str]:
        """As a step's details keep it."""
        day = {"learned_date": self.learned_date.isoformat()} if self.learned_date else {}
        return {"code": self.code, **day}


@dataclass(frozen=True, slots=True)
class Known:
    """The learned model that answers, None when none may; `faults` tell what is wrong with better ones.

    `kind` is `repurchase` (the weekly learning), `quick` (what a night learned), or empty.
    """

    learned: Learned | None
    kind: str
    faults: tuple[Fault, ...]


def load_learned(*, as_of: dt.date) -> Known:
    """The latest model that is whole, of this version and not stale: the weekly one, else a night's own."""
    faults: list[Fault] = []
    for kind in ("repurchase", "quick"):
        found = _read(kind=kind, as_of=as_of)
        if isinstance(found, Learned):
            return Known(learned=found, kind=kind, faults=tuple(faults))
        if found.code != "none" or kind == "repurchase":
            faults.append(found)
    return Known(learned=None, kind="", faults=tuple(faults))


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
    events = frame_learning_events(as_of=as_of)
    learned = repurchase.learn_quickly(order_lines=lines, as_of=as_of, events=events, country=settings.REORDER.country)
    save(kind="quick", learned=learned, seconds=time.perf_counter() - begun)
    return Known(learned=learned, kind="quick", faults=known.faults)


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


def learning_permille() -> int | None:
    """Of how many customers in a thousand is learned, so that `REORDER_LEARNING_LINES` are enough; None: of all."""
    return orders_sampling.sample_permille(
        lines_count=purchases.count_order_lines(), lines_maximum=settings.REORDER.learning_lines
    )


def frame_learning_lines(*, as_of: dt.date) -> pl.DataFrame:
    """Order lines before `as_of`, of a sample of customers where there are more than can be learned from."""
    return orders.frame_order_lines(
        before_date=as_of, time_zone=settings.REORDER.time_zone, customers_permille=learning_permille()
    )


def frame_recent_events(*, as_of: dt.date, customer_ids: list[int] | None = None) -> pl.DataFrame:
    """Events of the days that count for predictions, up to and with `as_of`.

    Empty where there are none: that these customers looked at nothing says something too, once events were learned of.
    """
    return _events(as_of=as_of, days=EVENT_DAYS, customer_ids=customer_ids)


def frame_learning_events(*, as_of: dt.date) -> pl.DataFrame | None:
    """Events of the days that are learned from; None where there are none."""
    found = _events(as_of=as_of, days=LEARNING_EVENT_DAYS, customer_ids=None)
    return found if found.height else None


def _events(*, as_of: dt.date, days: int, customer_ids: list[int] | None) -> pl.DataFrame:
    return behaviour.frame_events(
        from_date=as_of - dt.timedelta(days=days),
        before_date=as_of + dt.timedelta(days=1),
        time_zone=settings.REORDER.time_zone,
        customer_ids=customer_ids,
    )


def _read(*, kind: str, as_of: dt.date) -> Learned | Fault:
    head = store.find_learned(kind=kind)
    if head is None:
        return Fault("none")
    if head.version != VERSION:
        return Fault("other_version", head.as_of_date)
    digest = store.read_digest(row_id=head.id)
    if digest != head.checksum:
        log.error("the learned model %s is damaged", head.id)
        return Fault("damaged", head.as_of_date)
    try:
        learned = _unpack(row_id=head.id, digest=digest)
    except (repurchase.ModelFileRefused, KeyError, TypeError, ValueError):
        # Whole bytes of the right version that cannot be read were written by a program under development.
        log.exception("the learned model %s is refused", head.id)
        return Fault("refused", head.as_of_date)
    return Fault("too_old", head.as_of_date) if learned.is_stale(as_of=as_of) else learned


@lru_cache(maxsize=2)
def _unpack(*, row_id: int, digest: str) -> Learned:
    """The model of a row with these bytes, read once a process: the drain asks every few seconds."""
    return repurchase.read_learned(store.read_content(row_id=row_id))
