"""`reorder learn` and `reorder recount`: do now what the worker does weekly or by itself."""

from typing import Annotated

import typer
from django.utils.translation import gettext as _

from reorder.cli.language import word
from reorder.cli.screen import head, progress_bar, say, show_json, show_table
from reorder.cli.start import start_application


def learn(*, as_json: Annotated[bool, typer.Option("--json", help="Machine-readable steps.")] = False) -> None:
    """Learn from all order lines now, and predict every customer and product anew; the worker does it weekly."""
    start_application()
    from django.conf import settings

    from reorder.flows.learning import run_learning
    from reorder.kernel import clock

    with progress_bar(_("learning")) as show:

        def told(name: str, done: int, total: int) -> None:
            show(word(name), done, total)

        report = run_learning(
            as_of=clock.current_date(time_zone=settings.REORDER.time_zone), now=clock.current_moment, told=told
        )
    steps = [
        {
            "name": s.name,
            "seconds": s.seconds,
            "rows_read": s.rows_read,
            "rows_written": s.rows_written,
            "details": s.details,
        }
        for s in report.steps
    ]
    if as_json:
        show_json({"run": report.run.id, "as_of": report.run.as_of_date, "steps": steps})
        return
    head(_("Learned from the orders before {date}").format(date=report.run.as_of_date))
    rows = [[word(s.name), f"{s.seconds or 0:.1f}", f"{s.rows_read:,}", f"{s.rows_written:,}"] for s in report.steps]
    show_table(columns=[_("step"), _("seconds"), _("read"), _("written")], rows=rows, right={1, 2, 3})
    for step in report.steps:
        if "model" in step.details:
            say(str(step.details["model"]))


def recount(*, as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False) -> None:
    """Count the statistics of all customers anew from their order lines; the night goes on from them."""
    start_application()
    from django.conf import settings

    from reorder.flows.predictions import rebuild_statistics
    from reorder.kernel import clock

    report = rebuild_statistics(today=clock.current_date(time_zone=settings.REORDER.time_zone))
    if as_json:
        show_json({"customers": report.customers, "rows": report.rows})
        return
    say(
        _("Counted {customers} customers anew; {rows} rows written.").format(
            customers=f"{report.customers:,}", rows=f"{report.rows:,}"
        )
    )


def register(app: typer.Typer) -> None:
    app.command()(learn)
    app.command()(recount)
