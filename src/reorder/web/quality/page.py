"""The page of prediction quality: its sentences and tables in the reader's language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.engine.repurchase import Quality
from reorder.insights.quality import FEW_ORDERS, MonthQuality, PredictionQuality, list_figures
from reorder.kernel.formatting import format_share, format_units
from reorder.web.charts import Chart
from reorder.web.quality import charts
from reorder.web.quality.words import MEANINGS, level_label, model_label
from reorder.web.templatetags.reorder import day, listed, share

_NONE = "–"
_NAMED_CUTS = 3


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One row of figures: an evidence level, or a month. Shares of few orders are a dash, with `is_few` to say why."""

    label: str
    meaning: str
    pairs: str
    orders: str
    half: str
    wide: str
    error_mean: str
    error_median: str
    ratio: str
    auc: str
    log_loss: str
    concordance: str
    is_few: bool


@dataclass(frozen=True, slots=True)
class HitLine:
    """Reminders on the best part of the pairs."""

    percent: str
    reminded: str
    hits: str
    foretold: str
    pair_hits: str
    naive_hits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityPage:
    """Everything the page shows when something was judged."""

    title: str
    said: str
    figures: Sequence[tuple[str, str, str]]
    calibration: Chart
    bands: Chart | None
    hits: Chart | None
    months: Chart | None
    levels: Sequence[FigureLine]
    hit_lines: Sequence[HitLine]
    month_lines: Sequence[FigureLine]
    model: str
    summary: str
    sampled: str
    found: PredictionQuality


def make_quality_page(found: PredictionQuality) -> QualityPage:
    """The page of these figures."""
    return QualityPage(
        title=_title(found),
        said=_said(found),
        figures=_figures(found.whole, horizon_days=found.horizon_days),
        calibration=charts.calibration_chart(found.whole),
        bands=charts.bands_chart(found),
        hits=charts.hits_chart(found),
        months=charts.months_chart(found),
        levels=[
            _line(level_label(name), one, meaning=str(MEANINGS.get(name, "")))
            for name, one in (*found.levels.items(), ("naive", found.naive))
        ],
        hit_lines=list(_hit_lines(found)),
        month_lines=[_line(day(month.cut_date), month.quality) for month in found.months],
        model=model_label(found.latest.model_summary),
        summary=found.latest.model_summary,
        sampled=format_share(found.customers_share) if found.customers_share < 1 else "",
        found=found,
    )


def _title(found: PredictionQuality) -> str:
    months = len(found.months)
    bands = found.whole.bands
    if bands is None or found.whole.bought_count < FEW_ORDERS:
        return _("Too few next orders to judge the predictions by")
    return ngettext(
        "In the last month that is over {share} of next orders fell inside the 80% band",
        "Over {months} months {share} of next orders fell inside the 80% band",
        months,
    ).format(months=months, share=format_share(bands.wide_share))


def _said(found: PredictionQuality) -> str:
    cuts = [day(month.cut_date) for month in found.months]
    return _(
        "{orders} next orders of {pairs} pairs of customer and product, within {days} days of {cuts}. Every prediction "
        "was made with what was known before that day."
    ).format(
        orders=format_units(found.whole.bought_count),
        pairs=format_units(found.whole.pairs_count),
        days=found.horizon_days,
        cuts=listed(cuts) if len(cuts) <= _NAMED_CUTS else f"{cuts[0]} … {cuts[-1]}",
    )


def _figures(whole: Quality, *, horizon_days: int) -> list[tuple[str, str, str]]:
    """The four figures on top: name, value, what to hold it against."""
    bands, judged = whole.bands, whole.within[-1]
    lines = []
    if bands is not None:
        target = _("a right model has {share}")
        lines += [
            (
                _("In the 80% band"),
                format_share(bands.wide_share),
                target.format(share=format_share(bands.wide_expected_share)),
            ),
            (
                _("In the 50% band"),
                format_share(bands.half_share),
                target.format(share=format_share(bands.half_expected_share)),
            ),
        ]
    if whole.date_error_mean_days is not None:
        median = format_units(whole.date_error_median_days or 0.0)
        lines.append(
            (
                _("Dates were off by"),
                _("{days} days").format(days=_number(whole.date_error_mean_days, digits=1)),
                _("on average; half of them by {days} or less, of orders within {horizon} days").format(
                    days=median, horizon=horizon_days
                ),
            )
        )
    lines.append(
        (
            _("Predicted over happened"),
            _number(judged.expected_over_realised, digits=2),
            _("purchases within {days} days; 1.00 is right").format(days=judged.days),
        )
    )
    return lines


def _line(label: str, one: Quality, *, meaning: str = "") -> FigureLine:
    judged = one.within[-1]
    is_few = one.bought_count < FEW_ORDERS
    bands = None if is_few else one.bands
    return FigureLine(
        label=label,
        meaning=meaning,
        pairs=format_units(one.pairs_count),
        orders=format_units(one.bought_count),
        half=format_share(bands.half_share) if bands else _NONE,
        wide=format_share(bands.wide_share) if bands else _NONE,
        error_mean=_NONE if is_few else _number(one.date_error_mean_days, digits=1),
        error_median=_NONE if is_few else _number(one.date_error_median_days, digits=1),
        ratio=_NONE if is_few else _number(judged.expected_over_realised, digits=2),
        auc=_NONE if is_few else _number(judged.auc, digits=3),
        log_loss=_NONE if is_few else _number(judged.log_loss, digits=3),
        concordance=_NONE if is_few else _number(one.concordance, digits=3),
        is_few=is_few,
    )


def _hit_lines(found: PredictionQuality) -> Iterator[HitLine]:
    pair = {one.percent: one.hit_share for one in found.levels["pair"].hits} if "pair" in found.levels else {}
    naive = {one.percent: one.hit_share for one in found.naive.hits}
    for one in found.whole.hits:
        yield HitLine(
            percent=f"{one.percent}%",
            reminded=format_units(one.reminded_count),
            hits=share(one.hit_share),
            foretold=share(one.expected_share),
            pair_hits=share(pair.get(one.percent)),
            naive_hits=share(naive.get(one.percent)),
        )


def export_heads() -> list[str]:
    """Columns of the file."""
    within = [
        head.format(days=days)
        for days in (7, 14, 30)
        for head in (_("Expected within {days} days"), _("Realised within {days} days"), _("AUC within {days} days"))
    ]
    hits = [_("Hits on the best {percent}%").format(percent=percent) for percent in (1, 5, 10, 20)]
    return [
        _("Predicted on"), _("Judged until"), _("Evidence"), _("Pairs"), _("Next orders"), _("In 50% band"),
        _("Target of 50% band"), _("In 80% band"), _("Target of 80% band"), _("Days off, mean"), _("Days off, median"),
        _("Concordance"), _("Log loss"), *within, *hits, _("Model"),
    ]  # fmt: skip


def export_rows(found: PredictionQuality) -> Iterator[list[object]]:
    """One row a month and evidence level, then the naive rule."""
    for month, level, one in list_figures(quality=found):
        yield _export_row(month, level, one)


def _export_row(month: MonthQuality, level: str, one: Quality) -> list[object]:
    bands = one.bands
    within = {part.days: part for part in one.within}
    chances: list[object] = []
    for days in (7, 14, 30):
        part = within.get(days)
        chances += [round(part.expected, 2), part.realised, _rounded(part.auc)] if part else [None, None, None]
    return [
        month.cut_date,
        month.until_date,
        level_label(level),
        one.pairs_count,
        one.bought_count,
        _rounded(bands.half_share if bands else None),
        _rounded(bands.half_expected_share if bands else None),
        _rounded(bands.wide_share if bands else None),
        _rounded(bands.wide_expected_share if bands else None),
        _rounded(one.date_error_mean_days),
        _rounded(one.date_error_median_days),
        _rounded(one.concordance),
        _rounded(one.within[-1].log_loss),
        *chances,
        *[_rounded(part.hit_share) for part in one.hits],
        model_label(month.model_summary),
    ]


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)


def _number(number: float | None, *, digits: int) -> str:
    return _NONE if number is None else f"{number:.{digits}f}"
