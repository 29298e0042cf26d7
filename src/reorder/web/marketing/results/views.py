"""Results of marketing: all sources, one source with its steps and variants, and how many it keeps back."""

import math

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.flows import effects
from reorder.insights.effects import SourceResult, key_of, load_results, load_source
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.marketing.results import holding, page
from reorder.web.marketing.results.words import judge, kind_of, name_of, percent


@desk(Ability.VIEW_MARKETING)
def index(request: HttpRequest) -> HttpResponse:
    """What each source earned, all marketing first."""
    found = load_results()
    context = {
        "tab": "results",
        "found": found,
        "lines": page.make_source_lines(results=found.results),
        "global_share": percent(found.global_share),
        "has_global": found.global_share > 0,
        "can_edit": get_actor(request).may(Ability.EDIT_MARKETING),
    }
    return render(request, "marketing/results/index.html", context)


@desk(Ability.VIEW_MARKETING)
def source(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """One source: every measure, its steps and variants, and what its holdout sees."""
    source_key = key_of(source_kind=kind, given=key)
    today = clock.current_date(time_zone=settings.REORDER.time_zone)
    found = load_source(source_kind=kind, source_key=source_key, today=today)
    result = found.result
    looked_at = _share_of(request.GET.get("share", ""))
    power = effects.show_power(
        source_kind=kind,
        source_key=source_key,
        moment=clock.current_moment(),
        share=looked_at if 0 <= looked_at <= 1 else result.share,
    )
    context = {
        "tab": "results",
        "kind": kind,
        "key": key,
        "name": name_of(result),
        "kind_word": kind_of(result),
        "verdict": judge(result.whole),
        "found": found,
        "measures": page.make_measure_lines(part=result.whole),
        "so_far": page.so_far_sentence(result=result),
        "decided": page.decided_sentence(decided=found.decided),
        "beside": page.beside_sentence(result=result),
        "steps": page.make_part_lines(parts=result.steps),
        "groups": page.make_variant_groups(result=result),
        "can_edit": get_actor(request).may(Ability.EDIT_MARKETING),
        "chart": page.make_chart(source=found),
        **_holdout(request, found=found, power=power),
    }
    return render(request, "marketing/results/source.html", context)


def _holdout(request: HttpRequest, *, found: SourceResult, power: effects.Power) -> dict[str, object]:
    result = found.result
    # A campaign is over before a choice could change anything: it says its own share before it goes.
    may_choose = get_actor(request).may(Ability.EDIT_MARKETING) and result.source_kind != "campaign"
    return {
        "share": percent(result.share),
        "power": power,
        "power_sentence": holding.power_sentence(power=power),
        "base_sentence": holding.base_sentence(power=power),
        "sights": holding.make_sight_lines(power=power),
        "notches": holding.make_notches(current=result.share, looked_at=power.share),
        "looked_at": f"{power.share * 100:g}",
        "looked_at_word": percent(power.share),
        "is_current": abs(power.share - result.share) < 1e-9,
        "can_choose": may_choose,
        "choices": [(percent(one.share), one) for one in found.choices],
    }


@desk(Ability.EDIT_MARKETING, method="POST")
def choose(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Hold out another share from now on."""
    share = _share_of(request.POST.get("share", ""))
    try:
        effects.choose_holdout(
            source_kind=kind,
            source_key=key_of(source_kind=kind, given=key),
            share=share,
            note=request.POST.get("note", "").replace("\x00", ""),
            decided_by=get_actor(request).name,
            moment=clock.current_moment(),
        )
    except BadInput as fault:
        messages.warning(request, explain_error(error=fault, translate=_))
    else:
        said = _("{share} of the customers are held out from now on; measuring starts anew.")
        messages.success(request, said.format(share=percent(share)))
    return redirect("results:source", kind=kind, key=key)


@desk(Ability.EDIT_MARKETING, method="POST")
def weigh(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Let more people get the variant that is better."""
    try:
        effects.adopt_weights(
            source_kind=kind,
            source_key=key_of(source_kind=kind, given=key),
            step_key=request.POST.get("step", "").replace("\x00", ""),
            decided_by=get_actor(request).name,
        )
    except BadInput as fault:
        messages.warning(request, explain_error(error=fault, translate=_))
    else:
        messages.success(request, _("The variants have their new weights. Messages that are planned keep their words."))
    return redirect("results:source", kind=kind, key=key)


@desk(Ability.EDIT_MARKETING, method="POST")
def measure(request: HttpRequest) -> HttpResponse:
    """Have a job measure now what the night would measure."""
    effects.ask_to_measure()
    messages.success(request, _("It is being measured now. Reload the page in a minute."))
    return redirect("results:index")


def _share_of(text: str) -> float:
    """A share from what people type as percent; NaN for what is no number."""
    try:
        return float(text.strip().rstrip("%")) / 100
    except ValueError:
        return math.nan
