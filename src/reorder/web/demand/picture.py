"""The two pictures of a plan: its parts as a waterfall, and its weeks with their band."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from reorder.domain.planning.rules import COMMITTED_KINDS
from reorder.insights.demand_page import PartAccuracy, Week
from reorder.kernel.formatting import format_share, format_short_day, format_units
from reorder.web.charts import Band, Chart, Flag, Series
from reorder.web.templatetags.reorder import word

# Smaller parts than this round to nothing.
_VISIBLE = 0.05
# Parts in the order in which they are compared.
_SCORED = ("smoothing", "top_down", "bottom_up", "gated", "plan")


def make_waterfall(*, weeks: Sequence[Week]) -> Chart:
    """What past sales say + events + bottom-up = baseline; + each kind of commitment + adjustments = plan."""
    baseline = sum(week.baseline_units for week in weeks)
    known = sum(week.known_customers_units for week in weeks)
    mean = sum(week.mean_units for week in weeks)
    adjusted = sum(week.adjustment_units for week in weeks)
    committed = sum(week.committed_units for week in weeks)
    parts = list_parts(weeks=weeks)
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
            "nothing to it. Parts of zero are left out."
        ),
    )


def list_parts(*, weeks: Sequence[Week]) -> list[tuple[str, float, bool]]:
    """Name, units and whether it is a sum, from past sales to the plan.

    Where neither events nor bottom-up move the baseline, who is expected to buy it stands in their place.
    """
    baseline = sum(week.baseline_units for week in weeks)
    mean = sum(week.mean_units for week in weeks)
    adjusted = sum(week.adjustment_units for week in weeks)
    committed = sum(week.committed_units for week in weeks)
    inside = [
        (_("events and promotions"), sum(week.event_units for week in weeks)),
        (_("bottom-up"), sum(week.correction_units for week in weeks)),
    ]
    parts: list[tuple[str, float, bool]] = []
    if any(abs(units) >= _VISIBLE for _name, units in inside):
        parts.append((_("past sales"), sum(week.plain_units for week in weeks), False))
        parts += [(name, units, False) for name, units in inside if abs(units) >= _VISIBLE]
    else:
        known = sum(week.known_customers_units for week in weeks)
        parts += [(_("known customers"), known, False), (_("others"), baseline - known, False)]
    parts.append((_("baseline"), baseline, True))
    kinds = [(word(kind), sum(week.by_kind.get(kind, 0.0) for week in weeks)) for kind in COMMITTED_KINDS]
    parts += [(name, units, False) for name, units in kinds if abs(units) >= _VISIBLE]
    further = [
        (_("other commitments"), committed - sum(units for _name, units in kinds)),
        (_("adjustments"), adjusted),
        (_("never below zero"), mean - baseline - committed - adjusted),
    ]
    parts += [(name, units, False) for name, units in further if abs(units) >= _VISIBLE]
    parts.append((_("plan"), mean, True))
    return parts


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


def list_scores(*, accuracy: PartAccuracy) -> list[tuple[str, str, str, str]]:
    """Each part by name, with its error, bias and what it changed against the forecast from past sales alone."""
    names = {
        "smoothing": _("simple smoothing"),
        "top_down": _("forecast from past sales"),
        "bottom_up": _("known customers alone (bottom-up)"),
        "gated": _("with bottom-up where it gains"),
        "plan": _("with commitments: the plan"),
    }
    base = accuracy.scores.get("top_down")
    rows = []
    for part in _SCORED:
        found = accuracy.scores.get(part)
        if found is None:
            continue
        error, bias = found
        change = "" if base is None or part == "top_down" else _points(error - base[0])
        rows.append((names[part], f"{error:.1%}", _signed_share(bias), change))
    return rows


def say_gate(*, accuracy: PartAccuracy) -> str:
    """What the gate made of bottom-up: of one subject, or how many it let in."""
    gate = accuracy.gate
    if gate is None:
        return _(
            "Bottom-up counts for {open} of {judged} products and categories: those whose own looks back gained."
        ).format(open=format_units(accuracy.open_count), judged=format_units(accuracy.judged_count))
    given = {
        "looks": gate.origins_count,
        "before": format_share(gate.top_down_error_share),
        "after": format_share(gate.gated_error_share),
        "weight": format_share(gate.weight_share),
    }
    if gate.weight_share > 0:
        return _(
            "Bottom-up counts here with a weight of {weight}: over {looks} looks back the error went from {before} to "
            "{after}."
        ).format(**given)
    return _(
        "Bottom-up does not count here: over {looks} looks back it was not surely better than the forecast from past "
        "sales (error {before})."
    ).format(**given)


def _signed_share(share: float) -> str:
    text = f"{abs(share):.1%}"
    return f"+{text}" if share > 0 else f"−{text}"


def _points(change: float) -> str:
    if abs(change) < 0.0005:
        return _("no change")
    sign = "+" if change > 0 else "−"
    return _("{sign}{points} points").format(sign=sign, points=f"{abs(change) * 100:.1f}")
