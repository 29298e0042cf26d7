"""The reminder plan: look at every budget before anything is sent, and choose one."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.flows.repeat_cycle import BadBudget, choose_budget
from reorder.insights.reminder_plan import STEPS, ReminderPlan, load_plan
from reorder.kernel import clock
from reorder.kernel.errors import explain_error
from reorder.web.access import desk, get_actor
from reorder.web.reminders.page import (
    make_chart,
    make_lift_lines,
    make_lines,
    make_notches,
    make_preview,
    uplift_sentence,
)
from reorder.web.reminders.words import budget_name, percent_of


@desk(Ability.VIEW_MARKETING_MESSAGES)
def index(request: HttpRequest) -> HttpResponse:
    """How many of the likeliest pairs are reminded, and what every other budget would bring."""
    plan = load_plan()
    share = _read_share(request, usual=plan.share)
    context = _preview(request, plan=plan, share=share) | {
        "state": _state(plan),
        "chart": make_chart(plan=plan),
        "uplift": uplift_sentence(plan=plan),
        "is_learned": plan.overall.is_learned,
        "lifts": make_lift_lines(plan=plan),
        "policies": [(budget_name(one.budget_share), percent_of(one.budget_share), one) for one in plan.policies],
        "holdout_share": settings.REORDER.holdout_share,
        "delivery_days": plan.delivery_days,
    }
    return render(request, "reminders/index.html", context)


@desk(Ability.VIEW_MARKETING_MESSAGES)
def preview(request: HttpRequest) -> HttpResponse:
    """The part of the page about one budget, asked for whenever the slider moves."""
    plan = load_plan()
    context = _preview(request, plan=plan, share=_read_share(request, usual=plan.share))
    return render(request, "reminders/_preview.html", context)


@desk(Ability.DECIDE_MARKETING_MESSAGES, method="POST")
def choose(request: HttpRequest) -> HttpResponse:
    """Keep to a budget from the next night on."""
    share = _share_of_percent(request.POST.get("budget", ""))
    try:
        choose_budget(share=share, decided_by=get_actor(request).name, moment=clock.current_moment())
    except BadBudget as fault:
        messages.warning(request, explain_error(error=fault, translate=_))
    else:
        said = _("{budget}: chosen. The next night keeps to it; what waits in the outbox already stays.")
        messages.success(request, said.format(budget=budget_name(share)))
    return redirect("reminders:index")


def _preview(request: HttpRequest, *, plan: ReminderPlan, share: float) -> dict[str, Any]:
    return {
        "plan": plan,
        "preview": make_preview(plan=plan, share=share),
        "notches": make_notches(share=share),
        "notch": STEPS.index(share),
        "last_notch": len(STEPS) - 1,
        "lines": make_lines(plan=plan, share=share),
        "can_choose": get_actor(request).may(Ability.DECIDE_MARKETING_MESSAGES),
    }


def _read_share(request: HttpRequest, *, usual: float) -> float:
    """The budget that is looked at: by its place on the slider, or by its percent; what is neither is the usual one."""
    notch = request.GET.get("notch", "")
    if notch.isdecimal() and len(notch) < 3 and int(notch) < len(STEPS):
        return STEPS[int(notch)]
    wanted = _share_of_percent(request.GET.get("budget", ""))
    known = [one for one in STEPS if abs(one - wanted) < 1e-9]
    return known[0] if known else min(STEPS, key=lambda one: abs(one - usual))


def _share_of_percent(text: str) -> float:
    """A share from what people type as percent; NaN for what is no number."""
    try:
        return float(text.strip().rstrip("%")) / 100
    except ValueError:
        return float("nan")


def _state(plan: ReminderPlan) -> str:
    if not plan.policies:
        return _("Nobody has chosen a budget yet: everything that is likely enough is reminded.")
    latest = plan.policies[0]
    return _("In force: {budget}, chosen by {name}.").format(
        budget=budget_name(latest.budget_share), name=latest.decided_by
    )
