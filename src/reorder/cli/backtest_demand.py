"""`reorder backtest demand`: what each part of the demand plan adds to its accuracy, on the shop's own past."""

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from django.utils.translation import gettext as _

from reorder.cli.language import word
from reorder.cli.screen import head, progress_bar, say, show_json, show_table
from reorder.cli.start import start_application

if TYPE_CHECKING:
    from reorder.flows.demand_plan.looking_back import PartsReport

# Parts as people read them, for the extractor.
WORD_TEMPLATES = ("smoothing", "top down", "bottom up", "gated", "plan")


def backtest_demand(
    *,
    origins: Annotated[int, typer.Option(help="Days to look back from, two weeks apart.", min=1, max=52)] = 13,
    again: Annotated[bool, typer.Option("--again", help="Look back again from days that were done before.")] = False,
    method: Annotated[
        list[str] | None, typer.Option(help="Only these methods make the baseline; quicker than all of them.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable; shares from 0 to 1.")] = False,
) -> None:
    """Judge the demand plan with and without each of its parts, by products and by categories."""
    start_application()
    report = _run_with_progress(origins=origins, again=again, methods=method or None)
    if as_json:
        show_json(
            {
                "judged": report.judged,
                "kept": report.kept,
                "gated_subjects": report.gated_subjects,
                **asdict(report.comparison),
            }
        )
        return
    _show(report)


def _run_with_progress(*, origins: int, again: bool, methods: list[str] | None) -> "PartsReport":
    from django.conf import settings

    from reorder.flows.demand_plan.looking_back import look_back_at_parts
    from reorder.kernel import clock

    with progress_bar(_("reading orders")) as show:

        def told(origin: dt.date | None, done: int, total: int) -> None:
            said = _("as of {day}").format(day=origin.isoformat()) if origin else ""
            show(said, done, total)

        return look_back_at_parts(
            as_of=clock.current_date(time_zone=settings.REORDER.time_zone),
            origins_count=origins,
            is_again=again,
            methods=methods,
            told=told,
        )


def _show(report: "PartsReport") -> None:
    found = report.comparison
    head(
        _("The demand plan with and without its parts: {subjects} products and categories, {days} looks back").format(
            subjects=f"{found.subjects_count:,}", days=len(found.origin_dates)
        )
    )
    horizons = sorted({one.horizon_days for one in found.figures})
    for level, title in (("subject", _("Product by product")), ("category", _("Totals of categories"))):
        head(title)
        rows = []
        for part in ("smoothing", "top_down", "bottom_up", "gated", "plan"):
            cells = []
            for days in horizons:
                figure = found.find(level=level, horizon_days=days, part=part)
                cells += ["–", "–"] if figure is None else [f"{figure.error_share:.1%}", f"{figure.bias_share:+.1%}"]
            rows.append([word(part.replace("_", " ")), *cells])
        heads = [text.format(days=days) for days in horizons for text in (_("error, {days} d"), _("bias, {days} d"))]
        show_table(columns=[_("part"), *heads], rows=rows, right=set(range(1, len(heads) + 1)))
    say(
        _(
            "Error: absolute misses over units sold (WAPE). Bottom-up counts for {count} products whose own looks back "
            "gained by it."
        ).format(count=report.gated_subjects)
    )
    say(_("What each part is: docs/explanation/demand-plan.md"))
