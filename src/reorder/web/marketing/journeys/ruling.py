"""The rule of a condition: edited by the rule builder of segments, beside the flow."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from reorder.domain.marketing.journeys.errors import UnknownStep
from reorder.domain.staff.rules import Ability
from reorder.insights import journey_choices
from reorder.kernel.clock import current_moment
from reorder.web.access import desk, get_actor
from reorder.web.marketing.journeys import views
from reorder.web.marketing.journeys.forms import ConditionForm
from reorder.web.marketing.segments import building


@desk(Ability.EDIT_MARKETING, method="POST")
def build(request: HttpRequest, code: str) -> HttpResponse:
    """A button of the builder: the rule with one thing changed, saved nowhere."""
    key, moment = request.POST.get("step", ""), current_moment()
    page = journey_choices.get_journey_page(actor=get_actor(request), code=code, today=moment.date(), moment=moment)
    step = page.row.draft.get("steps", {}).get(key)
    if step is None or step["kind"] != "condition":
        raise UnknownStep(what="step", key=key)
    form = ConditionForm(request.POST, offered=views.offered_of(page), step=step)
    building.act(rules=form.rules, do=request.POST.get("do", ""))
    if not getattr(request, "htmx", None):
        return views.show(request, code=code, chosen=key, form=form)
    answer = render(request, "marketing/segments/builder.html", views.rule_builder(code=code, rules=form.rules))
    answer["HX-Trigger-After-Swap"] = "rules-changed"
    return answer
