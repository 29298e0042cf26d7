"""Marketing's calendar: campaigns, posts and messages of a month, the shop's own days and public holidays between."""

import calendar as months
import datetime as dt
import re
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from reorder.domain.staff.rules import Ability
from reorder.insights.marketing_desk import CalendarCampaign, CalendarPost, DayLoad, MarketingCalendar, read_calendar
from reorder.insights.shop_calendar import holiday_names
from reorder.kernel import clock
from reorder.web.access import desk
from reorder.web.calendar.words import ENTRY_WORDS

_ONE_DAY = dt.timedelta(days=1)
# No shop plans further, and dates end at the year 9999.
_YEARS = range(2000, 2101)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """One field of the month: what stands in it; `starts` are campaigns that begin, `runs` those that go on."""

    date: dt.date
    is_today: bool
    is_other_month: bool
    load: DayLoad | None
    holiday: str = ""
    starts: list[CalendarCampaign] = field(default_factory=list)
    runs: list[CalendarCampaign] = field(default_factory=list)
    posts: list[CalendarPost] = field(default_factory=list)
    entries: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Nothing stands in it, so a phone leaves it out."""
        return not (self.load or self.holiday or self.starts or self.runs or self.posts or self.entries)


@desk(Ability.VIEW_MARKETING)
def index(request: HttpRequest) -> HttpResponse:
    """The month that was asked for, from the Monday before its first day to the Sunday after its last."""
    zone = settings.REORDER.time_zone
    today = clock.current_date(time_zone=zone)
    first = _month(request.GET.get("month", ""), today)
    before, after = first - _ONE_DAY, first + dt.timedelta(days=31)
    shown = _shown_days(first)
    found = read_calendar(
        since=clock.midnight(date=shown[0], time_zone=zone),
        until=clock.midnight(date=shown[-1] + _ONE_DAY, time_zone=zone),
        since_date=shown[0],
        until_date=shown[-1] + _ONE_DAY,
        zone=zone,
    )
    listed = holiday_names(
        country=settings.REORDER.country,
        first_date=shown[0],
        before_date=shown[-1] + _ONE_DAY,
        language=get_language() or "en",
    )
    holidays = dict(listed)
    days = [_day(date, found=found, month=first.month, today=today, holiday=holidays.get(date, "")) for date in shown]
    context = {
        "tab": "overview",
        "first": first,
        "before": before.strftime("%Y-%m"),
        "after": after.strftime("%Y-%m"),
        "days": days,
        "heads": shown[:7],
        "is_empty": all(day.is_empty for day in days),
    }
    return render(request, "marketing/calendar.html", context)


def _month(given: str, today: dt.date) -> dt.date:
    """The first day of a month given as 2026-11; this month for anything else."""
    said = re.fullmatch(r"(\d{4})-(\d{2})", given, re.ASCII)
    if said and int(said[1]) in _YEARS and 1 <= int(said[2]) <= 12:
        return dt.date(int(said[1]), int(said[2]), 1)
    return today.replace(day=1)


def _shown_days(first: dt.date) -> list[dt.date]:
    return list(months.Calendar(firstweekday=0).itermonthdates(first.year, first.month))


def _day(date: dt.date, *, found: MarketingCalendar, month: int, today: dt.date, holiday: str) -> CalendarDay:
    zone = ZoneInfo(settings.REORDER.time_zone)

    def on(moment: dt.datetime) -> dt.date:
        return moment.astimezone(zone).date()

    running = [one for one in found.campaigns if on(one.starts_at) <= date <= on(one.ends_at or one.starts_at)]
    return CalendarDay(
        date=date,
        is_today=date == today,
        is_other_month=date.month != month,
        load=found.loads.get(date),
        holiday=holiday,
        starts=[one for one in running if on(one.starts_at) == date],
        runs=[one for one in running if on(one.starts_at) != date],
        posts=[one for one in found.posts if on(one.send_after) == date],
        entries=[
            (str(ENTRY_WORDS.get(one.kind, one.kind)), one.name)
            for one in found.entries
            if one.from_date <= date <= one.until_date
        ],
    )
