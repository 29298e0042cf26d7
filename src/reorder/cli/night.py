"""`reorder plan`, `reorder due`, `reorder runs`: run the night now and read what it decided."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer
from django.utils.translation import gettext as _

from reorder.cli.language import word
from reorder.cli.screen import head, local_time, progress_bar, say, show_entries, show_json, show_table
from reorder.cli.start import start_application

if TYPE_CHECKING:
    from reorder.domain.planning.queries import RunRow, StepRow
    from reorder.flows.nightly import NightReport


def plan(
    *,
    as_of: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Plan for this day.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable steps.")] = False,
) -> None:
    """Run the night now: import, values, due dates, forecasts, demand plan, targets, proposals, reminders."""
    start_application()
    from reorder.cli.summary import show_steps, show_summary

    report = run_night_with_progress(as_of=as_of.date() if as_of else None)
    if as_json:
        show_json({"run": report.run.id, "as_of": report.run.as_of_date, "steps": [_step(s) for s in report.steps]})
        return
    show_summary(as_of=report.run.as_of_date, size=10)
    show_steps(report=report)


def run_night_with_progress(*, as_of: dt.date | None) -> "NightReport":
    """Run the night of `as_of` (today when None) under a progress bar."""
    from django.conf import settings

    from reorder.flows.nightly import run_night
    from reorder.kernel import clock

    day = as_of or clock.current_date(time_zone=settings.REORDER.time_zone)
    with progress_bar(_("night")) as show:

        def told(name: str, done: int, total: int) -> None:
            show(word(name), done, total)

        return run_night(as_of=day, now=clock.current_moment, told=told)


def _step(step: "StepRow") -> dict[str, object]:
    return {
        "name": step.name,
        "state": step.state,
        "seconds": step.seconds,
        "rows_read": step.rows_read,
        "rows_written": step.rows_written,
        "details": step.details,
    }


def due(
    *,
    days: Annotated[int, typer.Option(help="Days ahead.", min=1, max=90)] = 7,
    limit: Annotated[int, typer.Option(help="Lines at most.", min=1, max=10_000)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Who will need what, and when: the likeliest repurchases of the coming days."""
    start_application()
    from reorder.cli.summary import due_entries
    from reorder.domain.planning.queries import get_latest_run
    from reorder.insights.due import list_due

    run = get_latest_run(kind="night")
    lines = list_due(as_of=run.as_of_date, days=days, limit=limit, translate=_)
    if as_json:
        show_json([{field: getattr(line, field) for field in line.__slots__} for line in lines])
        return
    head(_("Likely to buy again within {days} days of {date}").format(days=days, date=run.as_of_date))
    show_entries(due_entries(lines))


def runs(*, limit: Annotated[int, typer.Option(help="Runs at most.", min=1, max=1000)] = 10) -> None:
    """The latest runs: when, how long, where they failed."""
    start_application()
    from reorder.domain.planning.queries import list_runs

    rows = [
        [
            str(r.id),
            word(r.kind),
            str(r.as_of_date),
            word(r.state),
            local_time(r.started_at),
            _seconds(r),
            r.error,
        ]
        for r in list_runs(limit=limit)
    ]
    columns = [_("run"), _("kind"), _("day"), _("state"), _("started"), _("seconds"), _("error")]
    if not rows:
        say(_("No run yet. Start one with: reorder plan"))
        return
    show_table(columns=columns, rows=rows, right={0, 5})


def _seconds(run: "RunRow") -> str:
    return f"{(run.finished_at - run.started_at).total_seconds():.1f}" if run.finished_at else ""


def register(app: typer.Typer) -> None:
    app.command()(plan)
    app.command()(due)
    app.command()(runs)
