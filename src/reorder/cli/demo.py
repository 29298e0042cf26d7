"""`reorder demo`: a real grocery history, one night, and the answers on one page."""

import time
from typing import Annotated

import typer
from django.utils.translation import gettext as _

from reorder.cli.screen import console, head, say, show_table
from reorder.cli.start import start_application, stop_database


def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="Load, plan, print, end.")] = False,
) -> None:
    """Load the demonstration shop, run the night and print what it decided. A second start goes on from there."""
    begun = time.perf_counter()
    started = start_application()
    try:
        _run()
    finally:
        if started.started_database:
            stop_database()
    say(_("Done in {seconds:.0f} s.").format(seconds=time.perf_counter() - begun))
    if not once:
        say(_("The web page comes with the next version; this was `reorder demo --once`."))


def _run() -> None:
    from django.conf import settings

    from reorder.cli.night import run_night_with_progress
    from reorder.cli.summary import show_steps, show_summary
    from reorder.flows.demo_shop import TERMS, load_demo_shop
    from reorder.kernel import clock

    say(_(TERMS))
    begun = time.perf_counter()
    with console.status(_("loading")) as status:
        report = load_demo_shop(today=clock.current_date(time_zone=settings.REORDER.time_zone), told=status.update)
    rows = [
        [r.name, f"{r.rows_read:,}", f"{r.rows_imported:,}", f"{r.rows_unchanged:,}", f"{r.rows_rejected:,}"]
        for r in report.reports
    ]
    head(_("Loaded in {seconds:.1f} s").format(seconds=time.perf_counter() - begun))
    if rows:
        columns = [_("file"), _("read"), _("imported"), _("unchanged"), _("rejected")]
        show_table(columns=columns, rows=rows, right={1, 2, 3, 4})
    else:
        say(_("Nothing new: the history is loaded until {date}.").format(date=report.loaded_until_date))
    say(_("{days} later days are held back; they arrive as the days pass.").format(days=report.held_back_days))
    night = run_night_with_progress(as_of=None)
    show_summary(as_of=night.run.as_of_date, size=10)
    show_steps(report=night)
    say()
    say(_("Read on with: reorder due · reorder proposals · reorder outbox · reorder doctor"))


def register(app: typer.Typer) -> None:
    app.command()(demo)
