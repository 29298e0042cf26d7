"""Everything that the outlook of one product shows, put together from one load of its numbers."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Actor
from reorder.insights import product_page
from reorder.insights.product_page import Choice, Event, MethodScore, PlanPoint, ProductFacts, Spot
from reorder.insights.run_outs import PlaceOutlook, foresee
from reorder.insights.safety import Safety, explain_safety
from reorder.kernel.clock import current_date
from reorder.kernel.formatting import format_share, format_units
from reorder.web.charts import Chart
from reorder.web.products.chart import PAST_WEEKS, WEEK, Step, add_places, make_chart, make_span_chart, plan_weeks
from reorder.web.products.finding import say_finding


@dataclass(frozen=True, slots=True)
class SaidChoice:
    """How one series is forecast, with the names of place and methods as people call them."""

    choice: Choice
    place_name: str
    scores: Sequence[tuple[str, MethodScore]]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What `products/detail.html` draws; `place` is empty for all places, `by` is week or day."""

    chart: Chart
    by: str
    place: str
    spots: Sequence[Spot]
    outlooks: Sequence[PlaceOutlook]
    safety: Safety | None
    safety_chart: Chart | None
    choices: Sequence[SaidChoice]
    events: Sequence[Event]
    as_of: dt.date
    is_stale: bool
    free_units: float | None
    incoming_units: float
    sold_28_units: float
    planned_28_units: float | None
    first: PlaceOutlook | None

    @property
    def cover_days(self) -> float | None:
        """Of the place that runs out first."""
        return self.first.spot.cover_days if self.first else None


@dataclass(frozen=True, slots=True)
class _Loaded:
    spots: list[Spot]
    days: list[PlanPoint]
    weeks: list[PlanPoint]
    events: list[Event]
    sales: dict[tuple[str, dt.date], float]
    choices: list[Choice]


def make_outlook(*, product: ProductFacts, actor: Actor, place: str, by: str, language: str) -> Outlook:
    """Load once, then look at it from every side; `place` counts only where the product is and the actor may look."""
    today = current_date(time_zone=settings.REORDER.time_zone)
    as_of = product.as_of_date or today
    loaded = _load(product=product, places=actor.place_codes, as_of=as_of, by=by)
    place = place if any(spot.place_code == place for spot in loaded.spots) else ""
    outlooks = foresee(spots=loaded.spots, days=loaded.days, events=loaded.events, first_date=max(as_of, today))
    shown = [one for one in outlooks if not place or one.spot.place_code == place]
    stocked = [one.spot for one in shown]
    sold = sum(spot.sold_28_units for spot in loaded.spots if not place or spot.place_code == place)
    title = say_finding(
        product=product,
        outlooks=shown,
        plan_until=max((day.date for day in loaded.days), default=None),
        language=language,
        sold=sold,
    )
    chart = _chart(
        loaded=loaded, title=title, place=place, by=by, as_of=as_of, shown=shown, actor=actor, language=language
    )
    safety = _safety(spots=stocked or loaded.spots, sales=loaded.sales, as_of=as_of)
    planned = [spot.planned_28_units for spot in loaded.spots if not place or spot.place_code == place]
    return Outlook(
        chart=chart,
        by=by,
        place=place,
        spots=loaded.spots,
        outlooks=outlooks,
        safety=safety,
        safety_chart=_span_chart(safety),
        choices=_said(choices=loaded.choices, spots=loaded.spots),
        events=loaded.events,
        as_of=as_of,
        is_stale=(today - as_of).days >= 2,
        free_units=sum(spot.free_units for spot in stocked) if stocked else None,
        incoming_units=sum(spot.incoming for spot in stocked),
        sold_28_units=sold,
        planned_28_units=sum(units or 0.0 for units in planned) if any(u is not None for u in planned) else None,
        first=shown[0] if shown else None,
    )


def _load(*, product: ProductFacts, places: frozenset[str], as_of: dt.date, by: str) -> _Loaded:
    alone = product.is_planned_alone
    return _Loaded(
        spots=product_page.list_spots(product=product, places=places),
        days=product_page.list_plan_days(subject=product.subject, places=places) if alone else [],
        weeks=_weeks(product=product, places=places) if alone and by == "week" else [],
        events=product_page.list_events(product=product, places=places, from_date=as_of),
        sales=product_page.list_sales(product=product, places=places, before_date=as_of),
        choices=product_page.list_choices(subject=product.subject, places=places),
    )


def _said(*, choices: Sequence[Choice], spots: Sequence[Spot]) -> list[SaidChoice]:
    names = {spot.place_code: spot.place_name for spot in spots}
    return [
        SaidChoice(
            choice=choice,
            place_name=names.get(choice.place_code, choice.place_code),
            scores=[(_(score.method).replace("_", " "), score) for score in choice.scores],
        )
        for choice in choices
    ]


def _weeks(*, product: ProductFacts, places: frozenset[str]) -> list[PlanPoint]:
    return product_page.list_plan_weeks(subject=product.subject, places=places)


def _chart(
    *,
    loaded: _Loaded,
    title: str,
    place: str,
    by: str,
    as_of: dt.date,
    shown: Sequence[PlaceOutlook],
    actor: Actor,
    language: str,
) -> Chart:
    steps: list[Step] = (
        plan_weeks(weeks=loaded.weeks, place=place, is_everywhere=not actor.place_codes)
        if by == "week"
        else add_places(day for day in loaded.days if not place or day.place_code == place)
    )
    sold: dict[dt.date, float] = {}
    for (code, day), units in loaded.sales.items():
        if not place or code == place:
            sold[day] = sold.get(day, 0.0) + units
    marks = {as_of: _("today")}
    ends = shown[0].run_out.expected_date if shown and shown[0].run_out else None
    if ends is not None:
        marks[ends] = _("runs out") if ends != as_of else _("today, and out of stock")
    return make_chart(
        title=title,
        note=_note(steps=steps, by=by),
        by=by,
        start=as_of,
        sold=sold,
        steps=steps,
        events=[event for event in loaded.events if not place or event.place_code == place],
        marks=marks,
        language=language,
    )


def _note(*, steps: Sequence[Step], by: str) -> str:
    if not steps:
        return ""
    if any(step.wide is None for step in steps):
        return _("The last night kept no bands; the next one will.")
    if by == "day":
        return _("In 8 of 10 cases a day's sales lie inside the wide band. Places are taken to rise and fall together.")
    return _(
        "In 8 of 10 cases a week's sales lie inside the wide band, in 5 of 10 inside the narrow one: so far the same "
        "methods missed in earlier weeks."
    )


def _safety(*, spots: Sequence[Spot], sales: dict[tuple[str, dt.date], float], as_of: dt.date) -> Safety | None:
    spot = next((one for one in spots if one.reorder_point_units is not None), None)
    if spot is None:
        return None
    sold = {day: units for (place, day), units in sales.items() if place == spot.place_code}
    return explain_safety(
        spot=spot,
        sold=sold,
        as_of=as_of,
        sales_days=product_page.SALES_DAYS,
        review_days=settings.REORDER.review_days,
    )


def _span_chart(safety: Safety | None) -> Chart | None:
    if safety is None or not safety.spans:
        return None
    share = safety.spans_within_count / safety.spans_count
    return make_span_chart(
        title=_("{share} of the last {count} spans of {days} days sold no more than {units} units").format(
            share=format_share(share),
            count=safety.spans_count,
            days=round(safety.span_days),
            units=format_units(safety.base_point_units),
        ),
        note=_(
            "Spans overlap: each begins a day after the one before, in the last {weeks} weeks. The target looks at a "
            "whole year and lets recent days count more."
        ).format(weeks=PAST_WEEKS * WEEK // 7),
        bins=safety.spans,
    )
