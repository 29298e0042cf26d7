"""Looking for what nobody tells: carts that were left, goods that are back, prices and products that are new."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from reorder.domain.marketing.facts import list_wanted_kinds
from reorder.domain.marketing.journeys import finding, finding_daily
from reorder.domain.storage import one_transaction, try_transaction_lock
from reorder.flows.shop_day import shop_date

_LOCK: Final = "journeys.looking"


@dataclass(frozen=True, slots=True)
class Found:
    """Facts that were noted, by kind; kinds that nobody wants are not looked for."""

    counts: dict[str, int]


def look_for_facts(*, moment: dt.datetime) -> Found:
    """Note what came about since the last look. One at a time; two at once would note the same twice."""
    wanted = list_wanted_kinds()
    counts: dict[str, int] = {}
    with one_transaction():
        if not try_transaction_lock(name=_LOCK):
            return Found({})
        if "cart_left" in wanted:
            counts["cart_left"] = finding.note_left_carts(moment=moment)
        if wanted & finding.OF_PRODUCTS:
            counts |= finding.note_changed_products(moment=moment)
    return Found(counts)


def look_daily(*, as_of: dt.date, moment: dt.datetime) -> Found:
    """Note what a day brings: birthdays, anniversaries, who has probably left, whom a recurring order would suit.

    Args:
        as_of: the shop's day.
        moment: now, UTC. Facts of the day are about its sending hour, or now once that has passed.
    """
    wanted = list_wanted_kinds()
    if not wanted & finding_daily.OF_DAYS or as_of != shop_date(moment=moment):
        return Found({})
    day = finding_daily.Day(
        date=as_of,
        moment=moment,
        time_zone=settings.REORDER.time_zone,
        send_hour=settings.REORDER.send_hour,
    )
    with one_transaction():
        return Found(
            {kind: finding_daily.note_daily(kind=kind, day=day) for kind in sorted(finding_daily.OF_DAYS & wanted)}
        )
