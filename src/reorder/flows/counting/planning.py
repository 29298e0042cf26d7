"""Cycle counts into days: each class comes round in its time, and each working day takes the same load."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings

from reorder.domain.inventory.place_terms import EVERY_DAY, find_terms
from reorder.domain.inventory.queries import find_place
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.bins_of_zone import list_bins_of_zone
from reorder.domain.warehouse.count_classes import sum_moved_value, write_classes, write_planned
from reorder.domain.warehouse.count_lists import count_planned, list_bins_to_count, list_places_with_bins
from reorder.domain.warehouse.count_policies import get_limits
from reorder.domain.warehouse.count_rules import class_products, spread_counts
from reorder.flows.counting.asking import ask_count
from reorder.flows.counting.errors import BadCount
from reorder.flows.shop_day import shop_date

# How many working days are planned ahead: far enough to see the week, near enough to follow what moves.
PLANNED_DAYS: Final = 5
_YEAR: Final = dt.timedelta(days=365)
PLANNER: Final = "planner"


@dataclass(frozen=True, slots=True)
class PlannedCounts:
    """What planning a place came to: products with a class, and new counts on coming days."""

    place_code: str
    classed_count: int
    planned_count: int


def plan_counts(*, moment: dt.datetime, place_codes: Sequence[str] | None = None) -> list[PlannedCounts]:
    """Class the goods of places with bins by what moved in a year, and plan the coming working days' counts.

    Safe to run twice: a bin has one open count, and days that have their load get no more. None: every place.
    """
    wanted = list_places_with_bins() if place_codes is None else place_codes
    return [_plan_place(place_code=code, moment=moment) for code in wanted]


def ask_zone(*, place_code: str, zone_code: str, actor: Actor, moment: dt.datetime) -> int:
    """Have every active bin of a zone counted today; returns how many counts are new. Raises BadCount, NotAllowed."""
    actor.require(Ability.EDIT_STOCK)
    codes = list_bins_of_zone(place_code=place_code, zone_code=zone_code) if actor.may_at(place_code) else []
    if not codes:
        raise BadCount(bin=f"{place_code} {zone_code}", reason="there is no such zone, or it has no bins")
    with one_transaction():
        return sum(ask_count(bin_code=one, cause="asked", actor=actor, moment=moment).is_new for one in codes)


def _plan_place(*, place_code: str, moment: dt.datetime) -> PlannedCounts:
    today, limits = shop_date(moment=moment), get_limits(place_code=place_code)
    moved = sum_moved_value(place_code=place_code, since=moment - _YEAR, until=moment)
    classes = class_products(moved=moved, a_share=limits.a_value_share, b_share=limits.b_value_share)
    place = find_place(code=place_code)
    terms = find_terms(place_id=place.id) if place else None
    weekdays = terms.working_weekdays if terms else EVERY_DAY
    with one_transaction():
        write_classes(place_code=place_code, classes=classes, moved=moved, today=today)
        bins = list_bins_to_count(place_code=place_code, time_zone=ZoneInfo(settings.REORDER.time_zone))
        if not limits.counts_empty_bins:
            bins = [one for one in bins if not one.is_empty]
        planned = spread_counts(
            bins=bins,
            days=working_days(today=today, weekdays=weekdays, count=PLANNED_DAYS),
            limits=limits,
            workdays_a_week=len(weekdays),
            taken=count_planned(place_code=place_code),
        )
        written = write_planned(
            bins=[one.bin_code for one in planned],
            classes=[one.abc_class for one in planned],
            days=[one.due_on for one in planned],
            asked_by=PLANNER,
        )
    return PlannedCounts(place_code=place_code, classed_count=len(classes), planned_count=written)


def working_days(*, today: dt.date, weekdays: Sequence[int], count: int) -> list[dt.date]:
    """The next `count` days from today on that are working days; weekday 1 is Monday."""
    days = (today + dt.timedelta(days=number) for number in range(7 * count))
    return [day for day in days if day.isoweekday() in weekdays][:count]
