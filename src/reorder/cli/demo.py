"""`reorder demo`: a real grocery history, its nights, and the answers in a browser or on one page of the terminal."""

import os
import time
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer
from django.utils.translation import gettext as _

from reorder.cli.screen import console, head, say, show_table
from reorder.cli.serve import run_crew, serving
from reorder.cli.serve_crew import Role
from reorder.cli.start import application_in_use, start_application, stop_database

if TYPE_CHECKING:
    from reorder.config.database_users import DatabaseUse
    from reorder.flows.demo_shop import DemoReport

_PERSON = "demo"
_LINK_HOURS = 24


def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="Load, plan, print, end.")] = False,
) -> None:
    """Show the demonstration shop in the browser. A second start goes straight to the page, with the days since."""
    # The demonstration's customers are invented: whoever reads their mail in its folder may try the shop.
    os.environ.setdefault("REORDER_PORTAL", "on")
    # Nothing that is marketing goes anywhere before somebody has looked at it.
    os.environ.setdefault("REORDER_MESSAGE_APPROVAL", "on")
    _lead_links_here()
    if once:
        _print_once()
        return
    with serving() as stop, application_in_use() as use:
        _serve_demo(use=use, stop=stop)
    say(_("Stopped."))


def _lead_links_here() -> None:
    """Links of mail lead to these pages, so that whoever reads it on this machine can buy, choose topics and refuse."""
    bind = os.environ.get("REORDER_BIND", "127.0.0.1:8710")
    if bind.startswith(("127.0.0.1:", "localhost:")) and not os.environ.get("REORDER_TLS_CERT"):
        os.environ.setdefault("REORDER_PUBLIC_URL", f"http://{bind}")


def _serve_demo(*, use: "DatabaseUse | None", stop: Event) -> None:
    from django.conf import settings

    from reorder.flows.demo_shop import TERMS, is_demo_ready
    from reorder.kernel import clock

    is_ready = is_demo_ready(today=clock.current_date(time_zone=settings.REORDER.time_zone))
    say(_(TERMS))

    def greet() -> None:
        _show_entrance()
        if not is_ready:
            say()
            say(_("The page shows how the shop is loaded and its night is run: about two minutes."))

    # The worker comes after the loading: it would plan a night of half a history.
    roles = [Role.PAGES, Role.WORKER] if is_ready else [Role.PAGES, Role.DEMO]
    run_crew(roles=roles, use=use, stop=stop, greet=greet, after_demo=Role.WORKER)


def _show_entrance() -> None:
    """The address, a link that signs the owner in once, and at the first start a token for the API."""
    import datetime as dt

    from django.conf import settings

    from reorder.config.serving import page_address
    from reorder.domain.staff import operations, queries
    from reorder.domain.staff.rules import SCOPE_ABILITIES
    from reorder.kernel import clock

    moment = clock.current_moment()
    if _PERSON not in {user.username for user in queries.list_users()}:
        operations.create_user(username=_PERSON, role="owner", language=settings.REORDER.language, created_by="demo")
    secret = operations.make_sign_in_link(
        username=_PERSON, moment=moment, lasts=dt.timedelta(hours=_LINK_HOURS), made_by="demo"
    )
    address = page_address(options=settings.REORDER)
    head(_("Reorder is at {address} (Ctrl-C stops it).").format(address=address))
    say(_("Sign in with this link, once, as the owner “{name}”:").format(name=_PERSON))
    say(f"  {address}/sign-in/{secret}")
    if _PERSON not in {token.name for token in queries.list_tokens() if token.revoked_at is None}:
        token = operations.make_token(name=_PERSON, scopes=sorted(SCOPE_ABILITIES), created_by="demo", moment=moment)
        say(_("A token for the API ({address}/api/v1), shown this once:").format(address=address))
        say(f"  {token}")


def prepare() -> None:
    """Load what is missing and run the night, beside the pages that tell of it; what a killed one did is kept."""
    from django.conf import settings

    from reorder.flows.demo_shop import load_demo_shop
    from reorder.flows.journeys import take_facts_and_step
    from reorder.flows.nightly import run_night
    from reorder.kernel import clock

    begun = time.perf_counter()
    today = clock.current_date(time_zone=settings.REORDER.time_zone)
    report = load_demo_shop(today=today, told=lambda words: None, now=clock.current_moment)
    say(_("Loaded until {date}; the night begins.").format(date=report.loaded_until_date))
    run_night(as_of=today, now=clock.current_moment)
    # What the night handed to journeys becomes messages that wait for approval; later on the worker does it.
    take_facts_and_step(moment=clock.current_moment())
    say(_("The night is over: everything is there, after {seconds:.0f} s.").format(seconds=time.perf_counter() - begun))


def _print_once() -> None:
    begun = time.perf_counter()
    started = start_application()
    try:
        _run()
    finally:
        if started.started_database:
            stop_database()
    say(_("Done in {seconds:.0f} s.").format(seconds=time.perf_counter() - begun))


def _run() -> None:
    from django.conf import settings

    from reorder.cli.night import run_night_with_progress
    from reorder.cli.summary import show_steps, show_summary
    from reorder.flows.demo_shop import TERMS, load_demo_shop
    from reorder.flows.journeys import take_facts_and_step
    from reorder.kernel import clock

    say(_(TERMS))
    begun = time.perf_counter()
    with console.status(_("loading")) as status:
        report = load_demo_shop(
            today=clock.current_date(time_zone=settings.REORDER.time_zone),
            told=status.update,
            now=clock.current_moment,
        )
    _show_loaded(report=report, seconds=time.perf_counter() - begun)
    night = run_night_with_progress(as_of=None)
    take_facts_and_step(moment=clock.current_moment())
    show_summary(as_of=night.run.as_of_date, size=10)
    show_steps(report=night)
    say()
    say(_("Read on with: reorder due · reorder proposals · reorder outbox · reorder doctor"))


def _show_loaded(*, report: "DemoReport", seconds: float) -> None:
    rows = [
        [r.name, f"{r.rows_read:,}", f"{r.rows_imported:,}", f"{r.rows_unchanged:,}", f"{r.rows_rejected:,}"]
        for r in report.reports
    ]
    head(_("Loaded in {seconds:.1f} s").format(seconds=seconds))
    if rows:
        columns = [_("file"), _("read"), _("imported"), _("unchanged"), _("rejected")]
        show_table(columns=columns, rows=rows, right={1, 2, 3, 4})
    else:
        say(_("Nothing new: the history is loaded until {date}.").format(date=report.loaded_until_date))
    say(_("{days} later days are held back; they arrive as the days pass.").format(days=report.held_back_days))


def register(app: typer.Typer) -> None:
    app.command()(demo)
