"""Ranking: the latest model against customers' lines, lot by lot, saved as one list a customer."""

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from reorder.domain.orders import baskets
from reorder.domain.planning import learned, recommendations
from reorder.domain.planning.learned import LearnedRow
from reorder.domain.storage import one_transaction
from reorder.engine import recommend
from reorder.engine.recommend import BasketModel
from reorder.flows.recommending.learning import KIND

log = logging.getLogger(__name__)
# More than a page shows: some will be out of stock, or forbidden by then.
LIST_SIZE = 30
# Who stayed away longer is not ranked again by nights.
ACTIVE_DAYS = 365
# What is due moves with the days, even when nothing is bought.
OLDEST_DAYS = 7
# A night's share of the work; the rest follows the night after.
MOST_A_NIGHT = 100_000
_LOT = 2_000


@dataclass(frozen=True, slots=True)
class RankReport:
    """Customers whose lists were written, and by which model; the reason when there was none to rank with."""

    customers: int
    model: str


def rank_waiting(*, as_of: dt.date, most: int = MOST_A_NIGHT) -> RankReport:
    """Rank again, as of `as_of`, whoever bought since, was ranked too long ago or by an older model."""
    head, model = _load()
    if head is None or model is None:
        return RankReport(customers=0, model="nothing was learned yet")
    ids = recommendations.list_customers_to_rank(
        as_of=as_of,
        from_date=as_of - dt.timedelta(days=ACTIVE_DAYS),
        oldest_date=as_of - dt.timedelta(days=OLDEST_DAYS),
        model_id=head.id,
        limit=most,
    )
    for start in range(0, len(ids), _LOT):
        _rank(customer_ids=ids[start : start + _LOT], as_of=as_of, head=head, model=model)
    return RankReport(customers=len(ids), model=model.summary)


def rank_customers(*, customer_ids: Sequence[int], as_of: dt.date) -> RankReport:
    """Rank these customers now, as of `as_of`, whatever there is of them."""
    head, model = _load()
    if head is None or model is None:
        return RankReport(customers=0, model="nothing was learned yet")
    _rank(customer_ids=customer_ids, as_of=as_of, head=head, model=model)
    return RankReport(customers=len(customer_ids), model=model.summary)


def _rank(*, customer_ids: Sequence[int], as_of: dt.date, head: LearnedRow, model: BasketModel) -> None:
    lines = baskets.frame_baskets_of(
        customer_ids=customer_ids, before_date=as_of + dt.timedelta(days=1), time_zone=settings.REORDER.time_zone
    )
    ranked = model.next_basket(order_lines=lines, as_of=as_of, size=LIST_SIZE)
    with one_transaction():
        recommendations.save_recommendations(
            as_of=as_of, model_id=head.id, method=model.method, customer_ids=customer_ids, ranked=ranked
        )


def _load() -> tuple[LearnedRow | None, BasketModel | None]:
    head = learned.find_learned(kind=KIND)
    return head, None if head is None else _read(row_id=head.id, checksum=head.checksum)


@lru_cache(maxsize=1)
def _read(*, row_id: int, checksum: str) -> BasketModel | None:
    """The model of a row, read once a process. None, and a line in the log, when it may not answer."""
    content = learned.read_content(row_id=row_id)
    if learned.checksum_of(content=content) != checksum:
        log.error("the learned basket model %s is damaged", row_id)
        return None
    try:
        return recommend.read_basket_model(content)
    except recommend.BasketModelRefused:
        log.exception("the learned basket model %s is refused", row_id)
        return None
