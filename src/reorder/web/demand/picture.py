"""The two pictures of a plan: its parts as a waterfall, and its weeks with their band."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from reorder.insights.demand_page import Week
from reorder.kernel.formatting import format_share, format_short_day, format_units
from reorder.web.charts import Band, Chart, Flag, Series
from reorder.web.templatetags.reorder import word


def make_waterfall(*, weeks: Sequence[Week], kinds: Mapping[str, float]) -> Chart:
    """Known customers + others = baseline; + commitments + adjustments = plan."""
    baseline = sum(week.baseline_units for week in weeks)
    known = sum(week.known_customers_units for week in weeks)
    mean = sum(week.mean_units for week in weeks)
    adjusted = sum(week.adjustment_units for week in weeks)
    committed = sum(week.committed_units for week in weeks)
    parts: list[tuple[str, float, bool]] = [
        (_("known customers"), known, False),
        (_("others"), baseline - known, False),
        (_("baseline"), baseline, True),
    ]
    named = [(word(kind), units, False) for kind, units in kinds.items() if kind != "adjustment"]
    rest = committed - sum(units for _name, units, _total in named)
    parts += named
    if abs(rest) >= 0.05:
        parts.append((_("other commitments"), rest, False))
    if adjusted:
        parts.append((_("adjustments"), adjusted, False))
    cut = mean - baseline - committed - adjusted
    if abs(cut) >= 0.05:
        parts.append((_("never below zero"), cut, False))
    parts.append((_("plan"), mean, True))
    return Chart(
        id="parts",
        title=_title(baseline=baseline, known=known, mean=mean, added=committed + adjusted),
        labels=[name for name, _units, _total in parts],
        series=[Series(name=_("units"), values=[units for _name, units, _total in parts], kind="bar")],
        unit=_("units"),
        axis_name=_("part"),
        kind="waterfall",
        extra={"totals": [is_total for _name, _units, is_total in parts]},
        note=_(
            "Known customers are those whose next purchase is predicted; they explain a part of the baseline and add "
            "nothing to it."
        ),
    )


def _title(*, baseline: float, known: float, mean: float, added: float) -> str:
    share = format_share(known / baseline) if baseline > 0 else "0%"
    if abs(added) < 0.05:
        return _("{units} units planned; known customers explain {share} of the baseline").format(
            units=format_units(mean), share=share
        )
    if added > 0:
        return _("{units} units planned, {added} of them added to the baseline").format(
            units=format_units(mean), added=format_units(added)
        )
    return _("{units} units planned, {added} less than the baseline").format(
        units=format_units(mean), added=format_units(-added)
    )


def make_weeks(*, past: Sequence[Week], planned: Sequence[Week], language: str) -> Chart:
    """Weeks sold and weeks planned, with what the night before had planned."""
    weeks = [*past, *planned]
    none: list[float | None] = [None] * len(past)
    series = [
        Series(name=_("sold"), values=[*(week.sold_units for week in past), *([None] * len(planned))], colour="ink"),
        Series(name=_("plan"), values=[*none, *(week.mean_units for week in planned)], is_dashed=True),
    ]
    if any(week.previous_units is not None and abs(week.previous_units - week.mean_units) >= 0.5 for week in planned):
        before = [*none, *(week.previous_units for week in planned)]
        series.append(Series(name=_("night before"), values=before, colour="quiet", is_dashed=True))
    bands = []
    for name, picked in ((_("80% band"), [w.wide for w in planned]), (_("50% band"), [w.half for w in planned])):
        if planned and all(one is not None for one in picked):
            low, high = [one[0] for one in picked if one], [one[1] for one in picked if one]
            bands.append(Band(name=name, low=[*none, *low], high=[*none, *high]))
    labels = [format_short_day(week.date, language=language) for week in weeks]
    return Chart(
        id="weeks",
        title=_compare(past=past, planned=planned),
        labels=labels,
        series=series,
        bands=bands,
        flags=[Flag(label=labels[len(past)], text=_("today"))] if planned else [],
        unit=_("units"),
        axis_name=_("week from"),
        note=_("In 8 of 10 weeks of the past the plan, made the same way, missed by no more than the wide band."),
    )


def _compare(*, past: Sequence[Week], planned: Sequence[Week]) -> str:
    before = sum(week.sold_units or 0.0 for week in past[-len(planned) :]) if planned else 0.0
    mean = sum(week.mean_units for week in planned)
    given = {"units": format_units(mean), "weeks": len(planned)}
    if before <= 0:
        return _("{units} units in the next {weeks} weeks").format(**given)
    change = mean / before - 1
    if abs(change) < 0.01:
        return _("{units} units in the next {weeks} weeks, as many as in the last {weeks}").format(**given)
    if change > 0:
        return _("{units} units in the next {weeks} weeks, {share} more than in the last {weeks}").format(
            **given, share=format_share(change)
        )
    return _("{units} units in the next {weeks} weeks, {share} fewer than in the last {weeks}").format(
        **given, share=format_share(-change)
    )
