"""When people answer: a picture of the week, and its numbers as a table beside it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_args

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.insights.heat_map import DAYS, DOINGS, Doing, HeatMap, HeatPage, load_heat
from reorder.kernel import clock
from reorder.kernel.formatting import format_units, format_weekday
from reorder.web.access import desk
from reorder.web.marketing.results.words import percent
from reorder.web.marketing.segments.ready_words import say_segments

DOING_WORDS: Final[Mapping[Doing, Promise]] = {
    "opened": gettext_lazy("Opened a message"),
    "clicked": gettext_lazy("Clicked in a message"),
    "ordered": gettext_lazy("Ordered"),
}
WEEKDAYS: Final = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)
# Places in the picture, in its own units.
_LEFT, _TOP, _WIDE, _HIGH = 44, 22, 26, 26
_TONES: Final = 5


@dataclass(frozen=True, slots=True)
class Square:
    """One hour of the week in the picture."""

    x: int
    y: int
    tone: int
    title: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word at the edge of the picture."""

    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True)
class WeekdayLine:
    """One row of the table."""

    name: str
    cells: list[tuple[str, int]]
    total: str


@desk(Ability.VIEW_MARKETING)
def index(request: HttpRequest) -> HttpResponse:
    """When people of a segment open, click and order."""
    doing = _doing(request.GET.get("doing", ""))
    given = request.GET.get("days", "")
    days = int(given) if given in {str(one) for one in DAYS} else DAYS[1]
    found = load_heat(
        doing=doing,
        segment=request.GET.get("segment", "").replace("\x00", "")[:64],
        days=days,
        moment=clock.current_moment(),
    )
    context = {
        "tab": "results",
        "found": found,
        "has_any": found.heat.total > 0,
        "finding": _finding(found),
        "squares": _squares(found.heat),
        "day_marks": [Mark(_LEFT - 8, _TOP + day * _HIGH + 17, _short(day)) for day in range(7)],
        "hour_marks": [Mark(_LEFT + hour * _WIDE + 12, _TOP - 8, str(hour)) for hour in range(0, 24, 2)],
        "lines": _lines(found.heat),
        "hours": range(24),
        "best": [_hour(place, heat=found.heat) for place in found.heat.best[:5]],
        "segments": say_segments(choices=[(one.code, one.name) for one in found.segments]),
        "doings": [(key, str(DOING_WORDS[key]), key == doing) for key in DOINGS],
        "day_choices": [(one, one == days) for one in DAYS],
        "total": format_units(found.heat.total),
    }
    return render(request, "marketing/results/heat.html", context)


def _doing(text: str) -> Doing:
    return next((one for one in get_args(Doing) if one == text), "ordered")


def _finding(found: HeatPage) -> str:
    if not found.heat.total:
        return ""
    given = {"hour": _hour(found.heat.best[0], heat=found.heat), "count": format_units(found.heat.total)}
    if found.doing == "opened":
        return _("Messages are opened most on {hour} of {count} times.").format(**given)
    if found.doing == "clicked":
        return _("Messages are clicked most on {hour} of {count} times.").format(**given)
    return _("Orders come most on {hour} of {count} orders.").format(**given)


def _short(day: int) -> str:
    # The first of January 2024 was a Monday.
    return format_weekday(dt.date(2024, 1, 1 + day), language=get_language() or "en")


def _hour(place: tuple[int, int], *, heat: HeatMap) -> str:
    day, hour = place
    return _("{weekday}, {start}:00–{end}:00: {share}").format(
        weekday=WEEKDAYS[day],
        start=f"{hour:02d}",
        end=f"{hour + 1:02d}",
        share=percent(heat.share(weekday=day, hour=hour)),
    )


def _squares(heat: HeatMap) -> list[Square]:
    return [
        Square(
            x=_LEFT + hour * _WIDE,
            y=_TOP + day * _HIGH,
            tone=_tone(heat.counts[day][hour], heat=heat),
            title=_hour((day, hour), heat=heat),
        )
        for day in range(7)
        for hour in range(24)
    ]


def _tone(count: int, *, heat: HeatMap) -> int:
    """0 for nothing, up to _TONES for the busiest hour."""
    most = max(map(max, heat.counts))
    return -(-count * _TONES // most) if most else 0


def _lines(heat: HeatMap) -> list[WeekdayLine]:
    return [
        WeekdayLine(
            name=str(WEEKDAYS[day]),
            cells=[(format_units(count) if count else "", _tone(count, heat=heat)) for count in row],
            total=format_units(sum(row)),
        )
        for day, row in enumerate(heat.counts)
    ]
