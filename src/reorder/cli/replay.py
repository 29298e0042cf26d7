"""`reorder replay`: what past nights would have decided, and what became of it, on the shop's own orders."""

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from django.utils.translation import gettext as _

from reorder.cli.screen import head, progress_bar, say, show_json, show_table
from reorder.cli.start import start_application

if TYPE_CHECKING:
    from reorder.flows.replay import ReplayReport


def replay(
    *,
    from_day: Annotated[dt.datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first night.")],
    until_day: Annotated[
        dt.datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day whose sales judge the nights.")
    ],
    every: Annotated[int, typer.Option(help="Days from one night to the next.", min=1, max=90)] = 7,
    again: Annotated[bool, typer.Option("--again", help="Take nights again that were replayed before.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Take past nights again without knowing what came after, and judge them by what came."""
    start_application()
    report = _run_with_progress(from_date=from_day.date(), until_date=until_day.date(), every=every, again=again)
    if as_json:
        document = asdict(report) | {"suspicious_nights": report.suspicious_nights}
        show_json(document)
        return
    show_replay(report)


def _run_with_progress(*, from_date: dt.date, until_date: dt.date, every: int, again: bool) -> "ReplayReport":
    from django.conf import settings

    from reorder.flows.replay import run_replay
    from reorder.kernel import clock

    with progress_bar(_("reading orders")) as show:

        def told(night: dt.date | None, done: int, total: int) -> None:
            said = _("night of {day}").format(day=night.isoformat()) if night else ""
            show(said, done, total)

        return run_replay(
            from_date=from_date,
            until_date=until_date,
            every_days=every,
            today=clock.current_date(time_zone=settings.REORDER.time_zone),
            now=clock.current_moment,
            is_again=again,
            told=told,
        )


def show_replay(report: "ReplayReport") -> None:
    """Print the figures: all nights, each night, stock, and what was really bought."""
    head(
        _("Replay of {nights} nights, {from_date} to {until_date}").format(
            nights=len(report.nights), from_date=report.from_date, until_date=report.until_date
        )
    )
    show_table(
        columns=[_("forecast"), _("Reorder"), _("28-day mean"), _("chance alone")],
        rows=[
            [_("error, day by day (WAPE)"), _share(report.wape_days), _share(report.naive_wape_days), "–"],
            [
                _("error, whole horizon (WAPE)"),
                _share(report.wape_total),
                _share(report.naive_wape_total),
                _share(report.chance_wape_total),
            ],
            [_("bias"), _share(report.bias, signed=True), "–", "–"],
            [_("days within the 90 % quantile"), _share(report.within_90), "–", "–"],
            [
                _("reorder point held (promised {share})").format(share=_share(report.promised)),
                _share(report.cover),
                "–",
                "–",
            ],
        ],
        right={1, 2, 3},
    )
    _show_nights(report)
    _show_stock(report)
    if report.suspicious_nights:
        days = ", ".join(day.isoformat() for day in report.suspicious_nights)
        say(_("Too good to be true: {days}. Something knew the future; please report it.").format(days=days))
    else:
        say(_("No night saw anything of its future, and none was better than chance permits."))
    say(_("What each figure means: docs/explanation/replay.md."))


def _show_nights(report: "ReplayReport") -> None:
    show_table(
        columns=[_("night"), _("series"), _("days"), _("horizon"), _("28-day mean"), _("bias"), _("held")],
        rows=[
            [
                night.as_of.isoformat(),
                f"{night.series:,}",
                _share(night.wape_days),
                _share(night.wape_total),
                _share(night.naive_wape_total),
                _share(night.bias, signed=True),
                _share(night.cover),
            ]
            for night in report.nights
        ],
        right=set(range(1, 7)),
    )


def _show_stock(report: "ReplayReport") -> None:
    stock = report.stock
    if stock is None:
        say(_("No product has a supplier and a place: there was no stock to walk."))
    else:
        head(_("Stock by our own proposals, {series} products at places").format(series=f"{stock.series:,}"))
        rows = [
            [_("units wanted"), f"{stock.wanted_units:,.0f}"],
            [_("fill rate"), _share(stock.fill_rate)],
            [_("days with a lost sale"), _share(stock.series_days_lost_share)],
            [_("mean stock, units"), f"{stock.mean_on_hand_units:,.0f}"],
            [_("mean stock, at cost"), f"{stock.mean_on_hand_value:,.0f}"],
            [_("turns a year"), f"{stock.turns_a_year:.1f}" if stock.turns_a_year is not None else "–"],
            [_("orders proposed"), f"{stock.orders_count:,}"],
            [_("units proposed"), f"{stock.ordered_units:,.0f}"],
            [_("value proposed"), f"{stock.ordered_value:,.0f}"],
        ]
        show_table(columns=["", ""], rows=rows, right={1})
    for line in report.bought:
        said = _("Really ordered in these days: {lines} lines, {units} units, {value} {currency}.")
        say(
            said.format(
                lines=f"{line.lines_count:,}",
                units=f"{line.units:,.0f}",
                value=f"{line.value:,.0f}",
                currency=line.currency,
            )
        )
    if not report.bought:
        say(_("No purchase order was placed in these days, so proposals cannot be held against what was ordered."))


def _share(value: float | None, *, signed: bool = False) -> str:
    if value is None:
        return "–"
    return f"{value:+.1%}" if signed else f"{value:.1%}"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(replay)
