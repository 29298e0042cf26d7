"""`reorder backtest`: were earlier predictions right? On the shop's own orders, month by month."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from django.utils.translation import gettext as _

from reorder.cli.backtest_demand import backtest_demand
from reorder.cli.language import word
from reorder.cli.screen import head, progress_bar, say, show_json, show_table
from reorder.cli.start import start_application

if TYPE_CHECKING:
    from reorder.engine.repurchase import Quality
    from reorder.flows.backtest import BacktestReport
    from reorder.insights.quality import PredictionQuality

_FEW = 20
# How evidence levels are called here, for the extractor.
WORD_TEMPLATES = ("all", "pair", "customer", "product", "category", "whole shop", "mean gap")
_NAMES = {"store": "whole shop"}


app_of_backtests = typer.Typer(help="Were earlier predictions and plans right?", invoke_without_command=True)


@app_of_backtests.callback()
def backtest(
    context: typer.Context,
    *,
    cuts: Annotated[int, typer.Option(help="Months to judge, the latest ones.", min=1, max=60)] = 3,
    horizon: Annotated[int, typer.Option(help="Days within which next orders are looked for.", min=7, max=365)] = 30,
    from_day: Annotated[
        dt.datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Judge no day before this one.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Judge months again that were judged before.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Judge earlier predictions by what then happened: bands, dates, chances and reminders."""
    if context.invoked_subcommand is not None:
        return
    start_application()
    from reorder.insights.quality import find_quality

    report = _run_with_progress(
        cuts=cuts, horizon=horizon, from_date=from_day.date() if from_day else None, again=again
    )
    months = len(report.judged) + len(report.kept)
    quality = find_quality(actor=None, horizon_days=horizon, months=months)
    if quality is None:
        return
    if as_json:
        show_json(_document(quality))
        return
    show_quality(quality)
    if report.skipped:
        said = ", ".join(day.isoformat() for day in report.skipped)
        say(_("Not judged, because too few purchases came back: {days}").format(days=said))


def _run_with_progress(*, cuts: int, horizon: int, from_date: dt.date | None, again: bool) -> "BacktestReport":
    from django.conf import settings

    from reorder.flows.backtest import run_backtest
    from reorder.kernel import clock

    with progress_bar(_("reading orders")) as show:

        def told(cut: dt.date | None, done: int, total: int) -> None:
            said = _("as of {day}").format(day=cut.isoformat()) if cut else ""
            show(said, done, total)

        return run_backtest(
            as_of=clock.current_date(time_zone=settings.REORDER.time_zone),
            now=clock.current_moment,
            cuts_count=cuts,
            horizon_days=horizon,
            from_date=from_date,
            is_again=again,
            told=told,
        )


def show_quality(quality: "PredictionQuality") -> None:
    """Print the figures: by evidence, reminders, chances, months."""
    whole = quality.whole
    head(
        _("Prediction quality: {orders} next orders of {pairs} pairs").format(
            orders=f"{whole.bought_count:,}", pairs=f"{whole.pairs_count:,}"
        )
    )
    cuts = ", ".join(month.cut_date.isoformat() for month in quality.months)
    say(_("Within {days} days of: {cuts}").format(days=quality.horizon_days, cuts=cuts))
    _show_levels(quality)
    _show_hits(quality)
    _show_groups(whole)
    _show_months(quality)
    say(_("Model: {summary}").format(summary=quality.latest.model_summary))
    if quality.customers_share < 1:
        say(_("Judged by {share} of the customers.").format(share=f"{quality.customers_share:.1%}"))
    say(_("What each figure means: docs/explanation/prediction-quality.md. On screen: Insights."))


def _show_levels(quality: "PredictionQuality") -> None:
    """Two narrow tables, so that they fit a terminal of 80 columns: dates, then chances."""
    shown = [
        (word(_NAMES.get(name, name)), one) for name, one in (*quality.levels.items(), ("mean gap", quality.naive))
    ]
    columns = [_("evidence"), _("pairs"), _("orders"), _("in 50%"), _("in 80%"), _("days off"), _("median")]
    show_table(columns=columns, rows=[_dates_row(name, one) for name, one in shown], right=set(range(1, 7)))
    bands = quality.whole.bands
    if bands:
        said = _(
            "In 50%, in 80%: orders inside the bands; a right model has {half} and {wide}, for bands are whole days."
        )
        say(said.format(half=_share(bands.half_expected_share), wide=_share(bands.wide_expected_share)))
    head(_("Chances within {days} days").format(days=quality.whole.within[-1].days))
    columns = [_("evidence"), _("foretold"), _("realised"), _("ratio"), _("AUC"), _("log loss"), _("concordance")]
    show_table(columns=columns, rows=[_chances_row(name, one) for name, one in shown], right=set(range(1, 7)))


def _dates_row(name: str, one: "Quality") -> list[str]:
    """Shares of too few orders say nothing: a word instead."""
    is_known = one.bought_count >= _FEW
    return [
        name,
        f"{one.pairs_count:,}",
        f"{one.bought_count:,}",
        (_share(one.bands.half_share) if is_known else _("few")) if one.bands else "–",
        (_share(one.bands.wide_share) if is_known else _("few")) if one.bands else "–",
        _number(one.date_error_mean_days, digits=1) if is_known else _("few"),
        _number(one.date_error_median_days, digits=1) if is_known else _("few"),
    ]


def _chances_row(name: str, one: "Quality") -> list[str]:
    judged = one.within[-1]
    is_known = judged.realised >= _FEW
    return [
        name,
        f"{judged.expected:,.0f}",
        f"{judged.realised:,}",
        _number(judged.expected_over_realised, digits=2) if is_known else _("few"),
        _number(judged.auc, digits=3) if is_known else _("few"),
        _number(judged.log_loss, digits=3),
        _number(one.concordance, digits=3) if is_known else _("few"),
    ]


def _show_hits(quality: "PredictionQuality") -> None:
    head(_("Reminders within 3 days of the next order, on the best pairs only"))
    naive = {one.percent: one.hit_share for one in quality.naive.hits}
    pair = quality.levels.get("pair")
    known = {one.percent: one for one in pair.hits} if pair else {}
    rows = [
        [
            f"{one.percent}%",
            f"{one.reminded_count:,}",
            _share(one.hit_share),
            _share(one.expected_share),
            _share(known[one.percent].hit_share if one.percent in known else None),
            _share(naive.get(one.percent)),
        ]
        for one in quality.whole.hits
    ]
    columns = [_("best"), _("reminders"), _("hits"), _("foretold"), _("bought twice"), _("their mean gap")]
    show_table(columns=columns, rows=rows, right=set(range(6)))


def _show_groups(whole: "Quality") -> None:
    head(_("Chance to buy within {days} days: tenths of all pairs").format(days=whole.within[-1].days))
    rows = [
        [
            str(place),
            f"{one.pairs_count:,}",
            _share(one.predicted_share, digits=1),
            _share(one.realised_share, digits=1),
        ]
        for place, one in enumerate(whole.calibration, start=1)
    ]
    show_table(columns=[_("tenth"), _("pairs"), _("predicted"), _("realised")], rows=rows, right={0, 1, 2, 3})


def _show_months(quality: "PredictionQuality") -> None:
    head(_("By month"))
    rows = [
        [
            month.cut_date.isoformat(),
            f"{month.quality.bought_count:,}",
            _share(month.quality.bands.half_share if month.quality.bands else None),
            _share(month.quality.bands.wide_share if month.quality.bands else None),
            _number(month.quality.date_error_mean_days, digits=1),
            _number(month.quality.within[-1].expected_over_realised, digits=2),
            _number(month.quality.within[-1].auc, digits=3),
        ]
        for month in quality.months
    ]
    columns = [_("as of"), _("orders"), _("in 50%"), _("in 80%"), _("days off"), _("ratio"), _("AUC")]
    show_table(columns=columns, rows=rows, right={1, 2, 3, 4, 5, 6})


def _share(share: float | None, *, digits: int = 0) -> str:
    return "–" if share is None else f"{share:.{digits}%}"


def _number(number: float | None, *, digits: int) -> str:
    return "–" if number is None else f"{number:.{digits}f}"


def _document(quality: "PredictionQuality") -> dict[str, object]:
    months: Sequence[dict[str, object]] = [
        {
            "cut_date": month.cut_date,
            "until_date": month.until_date,
            "made_at": month.made_at,
            "model": month.model_summary,
            "customers_share": month.customers_share,
            **asdict(month.quality),
        }
        for month in quality.months
    ]
    return {
        "horizon_days": quality.horizon_days,
        "levels": {name: asdict(one) for name, one in quality.levels.items()},
        "naive": asdict(quality.naive),
        "months": months,
    }


def register(app: typer.Typer) -> None:
    app_of_backtests.command("demand")(backtest_demand)
    app.add_typer(app_of_backtests, name="backtest")
