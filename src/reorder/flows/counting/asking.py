"""Having bins counted: one open count a bin, whoever asks and however often."""

import datetime as dt

from reorder.domain.staff.rules import Actor
from reorder.domain.warehouse.counts import AskedCount, CountCause, ask_for_count
from reorder.flows.shop_day import shop_date


def ask_count(
    *, bin_code: str, cause: CountCause, actor: Actor, moment: dt.datetime, product_id: int | None = None
) -> AskedCount:
    """Have a bin counted today, or only one product of it; part of the caller's transaction, if there is one.

    A bin has one open count: asking again changes nothing, but hastens it. A count of one product that is wanted for
    another one as well becomes a count of the whole bin. Raises UnknownBin.
    """
    return ask_for_count(
        bin_code=bin_code,
        cause=cause,
        due_on=shop_date(moment=moment),
        asked_by=actor.name,
        product_id=product_id,
    )
