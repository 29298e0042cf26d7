"""`reorder work` and `reorder stop`."""

from typing import Annotated

import typer
from django.utils.translation import gettext as _

from reorder.cli.language import translated
from reorder.cli.screen import say
from reorder.cli.start import application_in_use, stop_database


def work(
    *,
    once: Annotated[bool, typer.Option("--once", help="End when no job is waiting.")] = False,
    concurrency: Annotated[int, typer.Option(help="Jobs at a time.", min=1, max=32)] = 2,
) -> None:
    """Run the worker: nights, outbox, upkeep. Stop it with Ctrl-C."""
    with application_in_use():
        from reorder.jobs.worker import run_worker

        say(_("Worker started. Ctrl-C stops it."))
        run_worker(until_empty=once, concurrency=concurrency)


def stop() -> None:
    """Stop the embedded database."""
    # This command starts no Django, whose gettext needs it.
    say(translated("The database is stopped.") if stop_database() else translated("The database was not running."))


def register(app: typer.Typer) -> None:
    app.command()(work)
    app.command()(stop)
