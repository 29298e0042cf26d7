"""Learning what belongs in a basket, from order lines that name products."""

import datetime as dt
import time
from dataclasses import dataclass

from django.conf import settings

from reorder.domain.orders import baskets
from reorder.domain.planning import learned, recommendations
from reorder.domain.storage import one_transaction
from reorder.engine import recommend

KIND = "basket"


@dataclass(frozen=True, slots=True)
class BasketsLearned:
    """Lines read, the model in words, and products that have companions."""

    lines: int
    summary: str
    companions: int


def learn_baskets(*, as_of: dt.date, customers_permille: int | None = None) -> BasketsLearned:
    """Learn from the lines before `as_of` and store model and companions together; without orders nothing is stored.

    `customers_permille`: of so many customers in a thousand, None of all.
    """
    lines = baskets.frame_baskets(
        before_date=as_of, time_zone=settings.REORDER.time_zone, customers_permille=customers_permille
    )
    if lines.is_empty():
        return BasketsLearned(lines=0, summary="no orders yet", companions=0)
    begun = time.perf_counter()
    # Lines before a day are those up to and with the day before it.
    model = recommend.fit(order_lines=lines, as_of=as_of - dt.timedelta(days=1))
    content = model.to_bytes()
    seconds = time.perf_counter() - begun
    with one_transaction():
        learned.save_learned(
            kind=KIND,
            version=recommend.VERSION,
            as_of=model.as_of,
            content=content,
            summary=model.summary,
            seconds=seconds,
        )
        companions = recommendations.replace_companions(as_of=model.as_of, companions=model.companions)
    return BasketsLearned(lines=lines.height, summary=model.summary, companions=companions)
