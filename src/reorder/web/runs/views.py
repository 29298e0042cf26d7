"""The pages of the desk Runs."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from croniter import croniter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.planning.queries import RunRow
from reorder.domain.planning.run_pages import get_run, list_run_page
from reorder.domain.staff.rules import Ability
from reorder.flows import nightly
from reorder.insights import health as health_checks
from reorder.insights.runs import RunPage, StepView, find_work_state, get_run_page
from reorder.kernel import clock
from reorder.kernel.errors import Busy, explain_error
from reorder.kernel.jobs import JobName
from reorder.web.access import desk, get_actor
from reorder.web.lists import (
    PAGE_SIZE,
    Cell,
    Column,
    ListSpec,
    ListState,
    Row,
    Tab,
    make_page,
    read_last_id,
    read_state,
)
from reorder.web.runs.telling import check_label, step_label, tell
from reorder.web.templatetags.reorder import day as said_day
from reorder.web.templatetags.reorder import moment as said_moment
from reorder.web.templatetags.reorder import state_mark, word

_RUNS = ListSpec(
    page="runs",
    columns=(
        Column("day", gettext_lazy("Day"), kind="date"),
        Column("kind", gettext_lazy("Kind"), is_default=False),
        Column("state", gettext_lazy("State"), kind="state"),
        Column("started", gettext_lazy("Started"), kind="date"),
        Column("took", gettext_lazy("Took"), kind="number"),
        Column("error", gettext_lazy("Error")),
    ),
    tabs=(
        Tab("all", gettext_lazy("All")),
        Tab("succeeded", gettext_lazy("Succeeded")),
        Tab("failed", gettext_lazy("Failed")),
    ),
    has_search=False,
    has_export=False,
)


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step as the page shows it."""

    label: str
    state: str
    took: str
    before: str
    rows_read: int
    rows_written: int
    told: str
    error: str
    attempts_count: int


@desk(Ability.VIEW_RUNS)
def index(request: HttpRequest) -> HttpResponse:
    """The nights, the newest first; above, the one under way."""
    state = read_state(request=request, spec=_RUNS)
    rows = list_run_page(
        before_id=read_last_id(state=state), states=() if state.tab == "all" else (state.tab,), limit=PAGE_SIZE + 1
    )
    shown = rows[:PAGE_SIZE]
    page = make_page(
        request=request,
        spec=_RUNS,
        state=state,
        rows=[_row(run, state) for run in shown],
        next_after=(shown[-1].id,) if len(rows) > PAGE_SIZE else None,
    )
    return render(request, "runs/index.html", {"list": page, **_now(request)})


@desk(Ability.VIEW_RUNS)
def now(request: HttpRequest) -> HttpResponse:
    """The part about what is under way, asked for again and again; loads the page anew when it is over."""
    context = _now(request)
    if not context["is_busy"]:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "runs/_now.html", context)


def _now(request: HttpRequest) -> dict[str, Any]:
    """What is under way, and what may be started."""
    latest = next(iter(list_run_page(before_id=None, limit=1)), None)
    work = find_work_state(job=JobName.START_NIGHT)
    is_running = nightly.is_night_running()
    today = clock.current_date(time_zone=settings.REORDER.time_zone)
    is_asked = work.waiting_count + work.running_count > 0
    page = get_run_page(actor=get_actor(request), run_id=latest.id) if latest and is_running else None
    return {
        "latest": latest,
        "latest_state": _true_state(latest, is_running=is_running) if latest else "",
        "page": page,
        "lines": _lines(page) if page else (),
        "work": work,
        "today": today,
        "is_asked": is_asked,
        "is_running": is_running,
        "is_busy": is_running or (is_asked and work.is_alive),
        "is_done_today": bool(latest and latest.state == "succeeded" and latest.as_of_date == today),
        "can_start": get_actor(request).may(Ability.START_RUNS) and not is_running and not is_asked,
        "next_at": _next_night(),
    }


def _next_night() -> dt.datetime:
    local = clock.current_moment().astimezone(ZoneInfo(settings.REORDER.time_zone))
    moment: dt.datetime = croniter(settings.REORDER.night_cron, local).get_next(dt.datetime)
    return moment


@desk(Ability.START_RUNS, method="POST")
def start(request: HttpRequest) -> HttpResponse:
    """Start today's night, or resume the one that stopped; asked twice it starts once."""
    day = clock.current_date(time_zone=settings.REORDER.time_zone)
    asked_run = request.POST.get("run", "")
    if asked_run:
        run = get_run(run_id=int(asked_run) if asked_run.isdecimal() and len(asked_run) < 19 else 0)
        day = run.as_of_date
    try:
        nightly.ask_for_night(as_of=day, decided_by=get_actor(request).name, moment=clock.current_moment())
    except Busy as fault:
        messages.warning(request, explain_error(error=fault, translate=_))
    return redirect("runs:index")


@desk(Ability.VIEW_RUNS)
def detail(request: HttpRequest, run_id: int) -> HttpResponse:
    """One run: its steps with their times, what each did, where it stopped and how to go on."""
    return render(request, "runs/detail.html", _detail(request, run_id))


@desk(Ability.VIEW_RUNS)
def progress(request: HttpRequest, run_id: int) -> HttpResponse:
    """The steps of a run under way."""
    context = _detail(request, run_id)
    if context["state"] != "running":
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "runs/_progress.html", context)


def _detail(request: HttpRequest, run_id: int) -> dict[str, Any]:
    page = get_run_page(actor=get_actor(request), run_id=run_id)
    is_running = page.is_latest and nightly.is_night_running()
    state = _true_state(page.run, is_running=is_running)
    work = find_work_state(job=JobName.START_NIGHT)
    current = next((step for step in page.steps if step.state == "running"), None)
    return {
        "page": page,
        "run": page.run,
        "state": state,
        "took": _took(page.run),
        "took_before": _took(page.previous) if page.previous else "",
        "lines": _lines(page),
        "current": step_label(current.name) if current else "",
        "failed_step": next((step_label(step.name) for step in page.steps if step.state == "failed"), ""),
        "work": work,
        "is_asked": work.waiting_count + work.running_count > 0,
        "can_retry": page.is_latest
        and state in {"failed", "interrupted"}
        and page.run.kind == nightly.KIND
        and get_actor(request).may(Ability.START_RUNS),
    }


def _true_state(run: RunRow, *, is_running: bool) -> str:
    """A run that nobody is at any more was interrupted, whatever its row says."""
    return "interrupted" if run.state == "running" and not is_running else run.state


def _lines(page: RunPage) -> Sequence[StepLine]:
    return [_line(step) for step in page.steps]


def _line(step: StepView) -> StepLine:
    return StepLine(
        label=step_label(step.name),
        state=step.state,
        took=_seconds(step.seconds),
        before=_seconds(step.seconds_before),
        rows_read=step.rows_read,
        rows_written=step.rows_written,
        told=tell(step=step.name, details=step.details),
        error=step.error,
        attempts_count=step.attempts_count,
    )


def _took(run: RunRow) -> str:
    return _seconds((run.finished_at - run.started_at).total_seconds()) if run.finished_at else ""


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 60:
        return _("{seconds} s").format(seconds=f"{seconds:.1f}")
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes)
    return _("{minutes} min {seconds} s").format(minutes=minutes, seconds=rest)


@desk(Ability.VIEW_RUNS)
def health(request: HttpRequest) -> HttpResponse:
    """What `reorder doctor` looks at, with how to mend what is wrong."""
    found = health_checks.glance(moment=clock.current_moment())
    context = {
        "checks": [{"label": check_label(check.name), "check": check} for check in found],
        "faults_count": sum(1 for check in found if not check.is_well),
    }
    return render(request, "runs/health.html", context)


def _row(run: RunRow, state: ListState) -> Row:
    cells = {
        "day": Cell(said_day(run.as_of_date)),
        "kind": Cell(word(run.kind)),
        "state": Cell(state_mark(run.state), css="state"),
        "started": Cell(said_moment(run.started_at), css="date"),
        "took": Cell(_took(run) or "–", css="number"),
        "error": Cell(run.error[:200] or "–"),
    }
    return Row(
        key=str(run.id),
        url=reverse("runs:detail", args=[run.id]),
        cells=[cells[column.key] for column in state.columns],
    )
