"""Every decision about one customer's messages, check by check, in the words of the person who asks."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext

from reorder.domain.messaging.told import DecisionTold, MessageTold
from reorder.domain.staff.rules import Ability
from reorder.insights.source_names import list_source_names
from reorder.insights.why import get_why
from reorder.web.access import desk, get_actor
from reorder.web.marketing import source_words
from reorder.web.marketing.why.seen import say_seen


@desk(Ability.VIEW_MARKETING, Ability.VIEW_MARKETING_MESSAGES)
def show(request: HttpRequest, customer_id: int) -> HttpResponse:
    """What waits, what went, and what was kept back, the latest first."""
    page = get_why(actor=get_actor(request), customer_id=customer_id)
    names = list_source_names()
    sent = sum(one.state == "sent" for one in page.told.messages)
    state = ngettext("{count} marketing message was sent", "{count} marketing messages were sent", sent)
    context = {
        "tab": "tonight",
        "page": page,
        "state": f"{state.format(count=sent)}.",
        "waiting": [
            {
                "one": one,
                "name": source_words.name_of(kind=one.source_kind, key=one.source_key, names=names),
                "outcome": source_words.OUTCOMES.get(one.outcome, one.outcome),
            }
            for one in page.told.waiting
        ],
        "letters": [_message(one, names=names) for one in page.told.messages],
        "decisions": [_decision(one, names=names, subjects=page.subjects) for one in page.told.decisions],
    }
    return render(request, "marketing/why/show.html", context)


def _message(one: MessageTold, *, names: source_words.Names) -> dict[str, Any]:
    return {
        "one": one,
        "name": source_words.name_of(kind=one.source_kind, key=one.source_key, names=names),
        "url": source_words.link_of(kind=one.source_kind, key=one.source_key),
        "events": [source_words.EVENTS.get(event, event) for event in one.events],
    }


def _decision(one: DecisionTold, *, names: source_words.Names, subjects: Mapping[str, str]) -> dict[str, Any]:
    return {
        "one": one,
        "name": source_words.name_of(kind=one.source_kind, key=one.source_key, names=names),
        "subject": subjects.get(one.subject_key, one.subject_key),
        "outcome": source_words.OUTCOMES.get(one.outcome, one.outcome),
        "checks": [_check(check) for check in one.trace],
    }


def _check(check: Sequence[Any]) -> dict[str, Any]:
    """One check: its name, what came of it, and what it saw."""
    name, verdict, seen = check
    given: Mapping[str, Any] = seen if isinstance(seen, Mapping) else {}
    code = str(given.get("code", ""))
    rest = {key: value for key, value in given.items() if key != "code"}
    return {
        "name": source_words.CHECKS.get(name, name),
        "verdict": source_words.VERDICTS.get(verdict, verdict),
        "is_well": verdict in {"passed", "changed"},
        "code": code,
        "parameters": rest,
        "facts": "" if code else say_seen(check=name, seen=given),
    }
