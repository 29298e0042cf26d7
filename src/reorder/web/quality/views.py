"""The page of prediction quality, its file, and the button that lets a job look back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.engine.repurchase.backtest.judging import HORIZON_DAYS
from reorder.flows import backtest
from reorder.insights import quality_progress
from reorder.insights.quality import find_quality, get_quality, list_horizons
from reorder.insights.runs import find_work_state
from reorder.kernel.errors import Busy, explain_error
from reorder.kernel.jobs import JobName
from reorder.web.access import desk, get_actor
from reorder.web.exports import table_response
from reorder.web.quality.page import export_heads, export_rows, make_quality_page

_EXPORTED_MONTHS = 60


@desk(Ability.VIEW_CUSTOMERS, Ability.VIEW_DEMAND)
def index(request: HttpRequest) -> HttpResponse:
    """How right earlier predictions were; what is lacking when nothing was judged."""
    horizon_days = _read_horizon(request)
    found = find_quality(actor=get_actor(request), horizon_days=horizon_days)
    horizons = sorted({*list_horizons(), horizon_days})
    context = {
        "page": make_quality_page(found) if found else None,
        "horizon_days": horizon_days,
        "may_report": get_actor(request).may(Ability.VIEW_BUYING),
        "horizons": horizons if len(horizons) > 1 else [],
        **_now(request),
    }
    return render(request, "quality/index.html", context)


@desk(Ability.VIEW_CUSTOMERS, Ability.VIEW_DEMAND)
def progress(request: HttpRequest) -> HttpResponse:
    """The part about what is under way, asked for again and again; loads the page anew when it is over."""
    context = _now(request)
    if not context["is_busy"]:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "quality/_now.html", context)


@desk(Ability.START_RUNS, method="POST")
def start(request: HttpRequest) -> HttpResponse:
    """Let a job judge the latest months; asked twice it starts once."""
    try:
        backtest.ask_for_backtest(decided_by=get_actor(request).name)
    except Busy as fault:
        messages.warning(request, explain_error(error=fault, translate=_))
    return redirect("quality:index")


@desk(Ability.VIEW_CUSTOMERS, Ability.VIEW_DEMAND)
def export(request: HttpRequest) -> HttpResponseBase:
    """The figures of every month and evidence level as a file."""
    found = get_quality(actor=get_actor(request), horizon_days=_read_horizon(request), months=_EXPORTED_MONTHS)
    return table_response(request=request, name="prediction-quality", heads=export_heads(), rows=export_rows(found))


def _read_horizon(request: HttpRequest) -> int:
    """The horizon asked for; what is no sensible number of days is the usual one."""
    asked = request.GET.get("horizon", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= 3 else HORIZON_DAYS


def _now(request: HttpRequest) -> dict[str, Any]:
    """What is under way, what the last look back lacked, and whether one may be started."""
    work = find_work_state(job=JobName.RUN_BACKTEST)
    is_running = backtest.is_backtest_running()
    is_asked = work.waiting_count + work.running_count > 0
    fault = None if is_running or is_asked else quality_progress.find_fault()
    return {
        "progress": quality_progress.find_progress() if is_running else None,
        "work": work,
        "is_running": is_running,
        "is_asked": is_asked,
        "is_busy": is_running or (is_asked and work.is_alive),
        "fault": explain_error(error=fault, translate=_) if fault else "",
        "can_start": get_actor(request).may(Ability.START_RUNS) and not is_running and not is_asked,
    }
