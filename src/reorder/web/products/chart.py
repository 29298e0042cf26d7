"""The chart of a product: what was sold, what is planned with its band, and what is known to come."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from reorder.domain.planning.rules import ALL_PLACES
from reorder.insights.product_page import Event, PlanPoint
from reorder.insights.safety import Bin
from reorder.kernel.formatting import format_short_day, format_units
from reorder.web.charts import Band, Chart, Flag, Series
from reorder.web.templatetags.reorder import word

PAST_WEEKS, PAST_DAYS, WEEK = 26, 56, 7
# Kinds of commitments as people call them.
WORD_TEMPLATES = (
    "adjustment",
    "campaign",
    "pre order",
    "price change",
    "recurring order",
    "reminder",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One point of the plan over the chosen places; low and high are None where the night kept no quantiles."""

    date: dt.date
    mean: float
    half: tuple[float, float] | None
    wide: tuple[float, float] | None


def add_places(points: Iterable[PlanPoint]) -> list[Step]:
    """The plan of several places together, taken to rise and fall together: quantiles add up as means do."""
    by_date: dict[dt.date, list[PlanPoint]] = {}
    for point in points:
        by_date.setdefault(point.date, []).append(point)
    return [_added(date, parts) for date, parts in sorted(by_date.items())]


def _added(date: dt.date, parts: Sequence[PlanPoint]) -> Step:
    def total(values: Iterable[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return sum(known) if len(known) == len(parts) else None

    low, high = total(part.p25_units for part in parts), total(part.p75_units for part in parts)
    least, most = total(part.p10_units for part in parts), total(part.p90_units for part in parts)
    return Step(
        date=date,
        mean=sum(part.mean_units for part in parts),
        half=None if low is None or high is None else (low, high),
        wide=None if least is None or most is None else (least, most),
    )


def plan_weeks(*, weeks: Sequence[PlanPoint], place: str, is_everywhere: bool) -> list[Step]:
    """Weeks of one place, of all of them as the night summed them up, or of the few that the asker may see."""
    if place:
        return add_places(week for week in weeks if week.place_code == place)
    if is_everywhere:
        return add_places(week for week in weeks if week.place_code == ALL_PLACES)
    return add_places(week for week in weeks if week.place_code != ALL_PLACES)


def make_chart(
    *,
    title: str,
    note: str,
    by: str,
    start: dt.date,
    sold: Mapping[dt.date, float],
    steps: Sequence[Step],
    events: Sequence[Event],
    marks: Mapping[dt.date, str],
    language: str,
) -> Chart:
    """History solid up to `start`, plan dashed from it on, events and `marks` (day → words) as flags."""
    size = WEEK if by == "week" else 1
    past = PAST_WEEKS if by == "week" else PAST_DAYS
    firsts = [start - dt.timedelta(days=size * back) for back in range(past, 0, -1)]
    sales: list[float | None] = [
        sum(sold.get(first + dt.timedelta(days=day), 0.0) for day in range(size)) for first in firsts
    ]
    days = [*firsts, *(step.date for step in steps)]
    labels = [format_short_day(day, language=language) for day in days]
    none: list[float | None] = [None] * past
    series = [Series(name=_("sold"), values=[*sales, *([None] * len(steps))], colour="ink")]
    bands = []
    if steps:
        series.append(Series(name=_("plan"), values=[*none, *(step.mean for step in steps)], is_dashed=True))
        for name, picked in ((_("80% band"), [s.wide for s in steps]), (_("50% band"), [s.half for s in steps])):
            if all(one is not None for one in picked):
                low, high = [one[0] for one in picked if one], [one[1] for one in picked if one]
                bands.append(Band(name=name, low=[*none, *low], high=[*none, *high]))
    return Chart(
        id="outlook",
        title=title,
        labels=labels,
        series=series,
        bands=bands,
        flags=_flags(days=days, labels=labels, size=size, events=events, marks=marks),
        unit=_("units"),
        axis_name=_("week from") if by == "week" else _("day"),
        note=note,
    )


def _flags(
    *,
    days: Sequence[dt.date],
    labels: Sequence[str],
    size: int,
    events: Sequence[Event],
    marks: Mapping[dt.date, str],
) -> list[Flag]:
    """One flag a point of the axis; several things on it are said together."""
    said: dict[str, list[str]] = {}
    for day, text in [*marks.items(), *((event.date, _say(event)) for event in events)]:
        label = next((label for first, label in zip(days, labels, strict=True) if 0 <= (day - first).days < size), None)
        if label is not None and text not in said.setdefault(label, []):
            said[label].append(text)
    return [Flag(label=label, text="\n".join(texts[:3])) for label, texts in said.items()]


def _say(event: Event) -> str:
    if event.kind == "receipt":
        return _("{units} arrive").format(units=format_units(event.units))
    return f"{word(event.kind)} {format_units(event.units)}"


def make_span_chart(*, title: str, note: str, bins: Sequence[Bin]) -> Chart:
    """How many spans of the past sold how much, with those beyond the reorder point apart."""
    return Chart(
        id="spans",
        title=title,
        labels=[f"{one.low}" if one.low == one.high else f"{one.low}–{one.high}" for one in bins],
        series=[
            Series(
                name=_("up to the reorder point"),
                values=[float(one.within_count) for one in bins],
                kind="bar",
                stack="spans",
            ),
            Series(
                name=_("beyond it"),
                values=[float(one.beyond_count) for one in bins],
                kind="bar",
                stack="spans",
                colour="soon",
            ),
        ],
        unit=_("spans"),
        axis_name=_("units sold"),
        note=note,
    )
