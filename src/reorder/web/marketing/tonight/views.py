"""Who gets what in the coming day: looked at by source, let go or stopped before it goes; and the limits of it all."""

import datetime as dt
from collections.abc import Mapping
from string import Formatter
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.marketing.limits import find_limits
from reorder.domain.messaging.tonight import TonightMessage, TonightSource
from reorder.domain.staff.rules import Ability
from reorder.engine.reasons import TEMPLATES
from reorder.flows import contacting
from reorder.flows.contacting.limiting import lay_down_limits
from reorder.insights import tonight
from reorder.insights.source_names import list_source_names
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, explain_error
from reorder.kernel.formatting import format_amount
from reorder.kernel.money import minor_digits
from reorder.web.access import desk, get_actor
from reorder.web.marketing import source_words
from reorder.web.marketing.tonight.forms import LimitsForm, initial_of

_PAGE: Final = 50


@desk(Ability.VIEW_MARKETING)
def index(request: HttpRequest) -> HttpResponse:
    """By source: how many, when, by which way, what they should win; and why others get none."""
    page = tonight.get_tonight(moment=clock.current_moment())
    actor, names = get_actor(request), list_source_names()
    context = {
        "tab": "tonight",
        "page": page,
        "state": _sentence(page),
        "rows": [_row(one, names=names) for one in page.sources],
        "kept_back": [
            (source_words.OUTCOMES.get(one.outcome, one.outcome), one.reason_code, _blank(one.reason_code), one.count)
            for one in page.kept_back
        ],
        "waiting": [(source_words.OUTCOMES[name], count) for name, count in page.waiting.items()],
        "needs_approval": settings.REORDER.message_approval,
        "may_decide": actor.may(Ability.DECIDE_MARKETING_MESSAGES),
        "may_edit": actor.may(Ability.EDIT_MARKETING),
    }
    return render(request, "marketing/tonight/index.html", context)


def _sentence(page: tonight.TonightPage) -> str:
    count = page.planned_count
    said = ngettext("{count} message goes in the coming day", "{count} messages go in the coming day", count)
    state = said.format(count=f"{count:,}")
    if settings.REORDER.message_approval and page.unapproved_count:
        left = page.unapproved_count
        waits = ngettext("{count} waits to be let go", "{count} wait to be let go", left).format(count=f"{left:,}")
        return _("{facts}.").format(facts=_("; ").join([state, waits]))
    return _("{facts}.").format(facts=state)


def _row(one: TonightSource, *, names: source_words.Names) -> dict[str, Any]:
    return {
        "one": one,
        "name": source_words.name_of(kind=one.source_kind, key=one.source_key, names=names),
        "url": source_words.link_of(kind=one.source_kind, key=one.source_key),
        "value": _worth(one.value_minor),
    }


def _blank(code: str) -> dict[str, str]:
    """A reason without the figures of one case: three dots for each."""
    return {name: "…" for _text, name, _form, _turn in Formatter().parse(TEMPLATES.get(code, "")) if name}


@desk(Ability.VIEW_MARKETING)
def people(request: HttpRequest) -> HttpResponse:
    """The people of one source, by their hour, fifty at a time."""
    kind, key = request.GET.get("kind", ""), request.GET.get("key", "")
    found = tonight.list_people(
        source_kind=kind,
        source_key=key,
        after=_after(request.GET),
        moment=clock.current_moment(),
        limit=_PAGE + 1,
    )
    shown = found[:_PAGE]
    subjects = tonight.name_subjects(messages=shown)
    context = {
        "tab": "tonight",
        "name": source_words.name_of(kind=kind, key=key, names=list_source_names()),
        "kind": kind,
        "key": key,
        "rows": [_person(one, names=subjects) for one in shown],
        "next": shown[-1] if len(found) > _PAGE else None,
        "may_see_customers": get_actor(request).may(Ability.VIEW_CUSTOMERS),
    }
    return render(request, "marketing/tonight/people.html", context)


def _person(one: TonightMessage, *, names: Mapping[str, str]) -> dict[str, Any]:
    return {"one": one, "value": _worth(one.value_minor), "subjects": [names.get(key, key) for key in one.subjects]}


def _worth(minor: float) -> str:
    """An estimate: whole units of the currency are exact enough."""
    currency = settings.REORDER.currency
    return format_amount(minor / 10 ** minor_digits(currency=currency), currency=currency) if minor else ""


def _after(given: Mapping[str, str]) -> tuple[dt.datetime, int] | None:
    try:
        return dt.datetime.fromisoformat(given.get("at", "")), int(given.get("id", ""))
    except ValueError:
        return None


@desk(Ability.DECIDE_MARKETING_MESSAGES, method="POST")
def decide(request: HttpRequest) -> HttpResponseBase:
    """Let a source's messages go, or stop them, as far as this person has seen them."""
    given = request.POST
    act = contacting.stop_tonight if given.get("do") == "stop" else contacting.approve_tonight
    newest = given.get("newest", "")
    if newest.isdecimal():
        act(
            source_kind=given.get("kind", ""),
            source_key=given.get("key", ""),
            until_id=int(newest[:18]),
            decided_by=get_actor(request).name,
            moment=clock.current_moment(),
        )
    return redirect("tonight:index")


@desk(Ability.VIEW_MARKETING)
def limits(request: HttpRequest) -> HttpResponse:
    """How much marketing one person gets and when."""
    held = find_limits()
    form = LimitsForm(initial=initial_of(limits=held))
    may_edit = get_actor(request).may(Ability.EDIT_MARKETING)
    context = {"tab": "tonight", "form": form, "limits": held, "may_edit": may_edit}
    return render(request, "marketing/tonight/limits.html", context)


@desk(Ability.EDIT_MARKETING, method="POST")
def change_limits(request: HttpRequest) -> HttpResponseBase:
    """Lay new limits down."""
    form = LimitsForm(request.POST)
    if form.is_valid():
        try:
            lay_down_limits(limits=form.limits, decided_by=get_actor(request).name, moment=clock.current_moment())
        except BadInput as fault:
            form.add_error(None, explain_error(error=fault, translate=_))
        else:
            return redirect("tonight:limits")
    context = {"tab": "tonight", "form": form, "limits": find_limits(), "may_edit": True}
    return render(request, "marketing/tonight/limits.html", context, status=422)
