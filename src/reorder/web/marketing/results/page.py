"""What the results say, in the reader's language: plain rows for the templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reorder.domain.marketing.effect_figures import MEASURES as MEASURE_NAMES
from reorder.domain.marketing.effect_figures import FigureRow
from reorder.insights.effects import WHOLE_KEY, Decided, Part, Result, SourceResult
from reorder.kernel.clock import date_at
from reorder.kernel.formatting import format_amount, format_day, format_sentences, format_short_day, format_units
from reorder.kernel.money import minor_digits
from reorder.web.charts import Band, Chart, Series
from reorder.web.marketing.results.words import (
    MEASURES,
    Verdict,
    gap_of,
    judge,
    kind_of,
    money_of,
    name_of,
    percent,
    total_of,
    value_of,
)

_MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One row of all results."""

    name: str
    kind: str
    url: str
    people: str
    margin: str
    orders: str
    attributed: str
    share: str
    verdict: Verdict
    guards: Sequence[str]


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """One measure of a part."""

    name: str
    treated: str
    held_out: str
    gap: str
    total: str
    note: str = ""
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class PartLine:
    """One step or variant, in short."""

    name: str
    people: str
    buyers: str
    margin: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class VariantLine:
    """One variant of a step."""

    name: str
    people: str
    share: str
    interval: str
    clicks: str
    best: str
    weight: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class VariantGroup:
    """The variants of one step, and what is said of the best."""

    name: str
    sentence: str
    lines: Sequence[VariantLine]


def make_source_lines(*, results: Sequence[Result]) -> list[SourceLine]:
    """The table of all sources."""
    return [_source_line(one) for one in results]


def _source_line(result: Result) -> SourceLine:
    whole, figures = result.whole, result.whole.figures
    return SourceLine(
        name=name_of(result),
        kind=kind_of(result),
        url=source_url(result),
        people=f"{format_units(whole.treated_people)} / {format_units(whole.held_out_people)}",
        margin=total_of(figures["margin"]) if whole.is_comparable else "–",
        orders=total_of(figures["orders"]) if whole.is_comparable else "–",
        attributed=format_units(result.beside.get("attributed_orders", 0)),
        share=percent(result.share),
        verdict=judge(whole),
        guards=[str(MEASURES[name]) for name in whole.broken_guards],
    )


def source_url(result: Result) -> str:
    """The page of a source."""
    return reverse("results:source", args=[result.source_kind, result.source_key or WHOLE_KEY])


def make_measure_lines(*, part: Part) -> list[MeasureLine]:
    """All measures of a part, in their order."""
    return [_measure_line(part.figures[name]) for name in MEASURE_NAMES if name in part.figures]


def _measure_line(figure: FigureRow) -> MeasureLine:
    return MeasureLine(
        name=str(MEASURES[figure.measure]),
        treated=value_of(figure, figure.treated_value, trials=figure.treated_count),
        held_out=(
            value_of(figure, figure.held_out_value, trials=figure.held_out_count) if figure.held_out_count else "–"
        ),
        gap=gap_of(figure),
        total=total_of(figure),
        note=_note(figure),
        is_broken=bool(figure.details.get("is_broken")),
    )


def _note(figure: FigureRow) -> str:
    if figure.details.get("is_broken"):
        return _("proved to be above the limit of {limit}").format(limit=percent(figure.details["limit_share"]))
    if figure.details.get("is_above"):
        return _("above the limit of {limit} so far").format(limit=percent(figure.details["limit_share"]))
    if figure.variance_cut_share >= 0.01:
        return _("the days before explain {share} of the chance in it").format(share=percent(figure.variance_cut_share))
    return ""


def make_part_lines(*, parts: Sequence[Part]) -> list[PartLine]:
    """Steps, or variants against everybody held out."""
    return [
        PartLine(
            name=one.variant or one.step_key,
            people=f"{format_units(one.treated_people)} / {format_units(one.held_out_people)}",
            buyers=gap_of(one.figures["buyers"]),
            margin=total_of(one.figures["margin"]),
            verdict=judge(one),
        )
        for one in parts
        if {"buyers", "margin"} <= one.figures.keys()
    ]


def make_variant_groups(*, result: Result) -> list[VariantGroup]:
    """Steps that have several variants; those of the whole source only where it has no steps."""
    parts = result.steps or [result.whole]
    return [
        VariantGroup(
            name=one.step_key,
            sentence=_winner_sentence(one),
            lines=[_variant_line(row, winner=one.winner) for row in one.variants],
        )
        for one in parts
        if one.variants
    ]


def _winner_sentence(part: Part) -> str:
    if part.winner:
        return _("{name} is proved to be the best: use it alone.").format(name=part.winner)
    return _("None is proved to be the best yet; the weights lean to what looks better and keep every one in play.")


def _variant_line(row: Mapping[str, Any], *, winner: str | None) -> VariantLine:
    name = row["name"]
    state, tone = (_("winner"), "good") if name == winner else (_("in play"), "quiet")
    if row["is_beaten"]:
        state, tone = _("beaten"), "bad"
    return VariantLine(
        name=name,
        people=format_units(row["people"]),
        share=percent(row["share"]),
        interval=_("{low} to {high}").format(low=percent(row["low_share"]), high=percent(row["high_share"])),
        clicks=percent(row["clicks_share"]),
        best=percent(row["best_share"]),
        weight=percent(row["weight"]),
        state=state,
        tone=tone,
    )


def so_far_sentence(*, result: Result) -> str:
    """How many customers the figures rest on, and until when these may still change."""
    buyers = result.whole.figures.get("buyers")
    if buyers is None:
        return ""
    people = _("Customers so far: {treated} treated, {held} held out.").format(
        treated=format_units(result.whole.treated_people), held=format_units(result.whole.held_out_people)
    )
    language = get_language() or "en"
    if result.open_until is None:
        return format_sentences([people, _("All windows have ended.")], language=language)
    until = date_at(moment=result.open_until, time_zone=settings.REORDER.time_zone)
    windows = _(
        "Windows still open: {open} of {all}, the last until {day}; what these customers order until then counts too."
    ).format(
        open=format_units(result.open_windows),
        all=format_units(buyers.treated_count + buyers.held_out_count),
        day=format_day(until, language=language),
    )
    return format_sentences([people, windows], language=language)


def decided_sentence(*, decided: Decided) -> str:
    """Whom it decided about before anything was measured; empty while there is nobody."""
    if not decided.treated_people and not decided.held_out_people:
        return ""
    return _(
        "Decided so far: {treated} customers treated, {held} held out. The next night begins to count what they order."
    ).format(treated=format_units(decided.treated_people), held=format_units(decided.held_out_people))


def beside_sentence(*, result: Result) -> str:
    """What the usual count would say, and what the messages cost."""
    beside = result.beside
    if not beside:
        return ""
    currency = settings.REORDER.currency
    return _(
        "{sent} messages left and cost {cost}. By the usual count, orders within 7 days after a click, {orders} orders "
        "and {revenue} of revenue are attributed to it: many of these would have come anyway."
    ).format(
        sent=format_units(beside.get("sent", 0)),
        cost=format_amount(beside.get("cost_micros", 0) / _MICROS, currency=currency),
        orders=format_units(beside.get("attributed_orders", 0)),
        revenue=money_of(beside.get("attributed_revenue", 0)),
    )


def make_chart(*, source: SourceResult) -> Chart | None:
    """The extra margin of all exposures, night by night; None before there are two nights."""
    rows = source.history
    if len(rows) < 2 or not any(isfinite(one.low) for one in rows):
        return None
    language = get_language() or "en"
    scale = 10 ** minor_digits(currency=settings.REORDER.currency)

    def total(row: FigureRow, value: float) -> float | None:
        return round(value * row.treated_count / scale) if isfinite(row.low) else None

    return Chart(
        id="extra-margin",
        title=judge(source.result.whole).sentence,
        labels=[format_short_day(one.as_of_date, language=language) for one in rows],
        series=[Series(name=_("extra margin"), values=[total(one, one.difference) for one in rows])],
        bands=[
            Band(
                name=_("interval, valid at every look"),
                low=[total(one, one.low) for one in rows],
                high=[total(one, one.high) for one in rows],
            )
        ],
        unit=settings.REORDER.currency,
        axis_name=_("night"),
    )
