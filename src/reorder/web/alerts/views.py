"""The pages of the inbox of alerts: the list, one alert with what came before it, and the list as a file."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.inventory import queries as inventory
from reorder.domain.planning import alert_list
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights import inbox
from reorder.insights.inbox import InboxSummary
from reorder.kernel import clock
from reorder.kernel.formatting import format_amount
from reorder.kernel.money import minor_digits
from reorder.web.access import desk, get_actor
from reorder.web.alerts.listing import (
    desk_of,
    export_heads,
    export_values,
    make_spec,
    name_of,
    read_after,
    row_of,
    say_stake,
    tab_of,
)
from reorder.web.alerts.words import DESK_WORDS, ENDED_WORDS, KIND_WORDS, STAKE_WORDS
from reorder.web.exports import table_response
from reorder.web.lists import PAGE_SIZE, ListState, make_page, read_state

_SEE: Final = (Ability.VIEW_BUYING, Ability.VIEW_DEMAND)
_EXPORTED_AT_ONCE: Final = 1000


@desk(*_SEE)
def index(request: HttpRequest) -> HttpResponse:
    """What calls for somebody, the most money at stake first."""
    actor, moment = get_actor(request), clock.current_moment()
    summary = inbox.summarise_inbox(actor=actor, counts=alert_list.count_open(moment=moment))
    spec = make_spec(tab=request.GET.get("tab", ""), summary=summary)
    state = read_state(request=request, spec=spec)
    found = inbox.list_inbox(asked=_asked(actor, state), moment=moment, after=read_after(state), limit=PAGE_SIZE)
    can_snooze = inbox.may_snooze(actor=actor) and state.tab != "resolved"
    page = make_page(
        request=request,
        spec=spec,
        state=state,
        rows=[row_of(line=line, state=state, can_snooze=can_snooze) for line in found.lines],
        next_after=_cursor(found.next_after),
        export_url=_export_url(state),
    )
    context = {
        "list": page,
        "state": _sentence(summary),
        "bulk": "bulk" if can_snooze and found.lines else "",
        "kinds": [(kind, KIND_WORDS[kind], summary.count_of(kind=kind)) for kind in _kinds(actor)],
        "kind": state.filters.get("kind", ""),
        "places": [place for place in inventory.list_places() if actor.may_at(place.code)],
        "place": state.filters.get("place", ""),
        "tomorrow": _tomorrow(),
        "here": request.get_full_path(),
        "has_night": bool(summary.counts) or alert_list.find_newest() > 0,
    }
    return render(request, "alerts/index.html", context)


@desk(*_SEE)
def show(request: HttpRequest, alert_id: int) -> HttpResponse:
    """One alert: why, what is at stake, where it is mended, and when it was open before."""
    return render(request, "alerts/show.html", _page(request, alert_id))


@desk(*_SEE)
def side(request: HttpRequest, alert_id: int) -> HttpResponse:
    """The same beside the list."""
    return render(request, "alerts/side.html", _page(request, alert_id))


@desk(*_SEE)
def export(request: HttpRequest) -> HttpResponseBase:
    """The tab with its filters as a file."""
    actor = get_actor(request)
    state = read_state(request=request, spec=make_spec(tab=request.GET.get("tab", "")))
    return table_response(
        request=request, name="alerts", heads=export_heads(), rows=_exported(actor, state, clock.current_moment())
    )


def _exported(actor: Actor, state: ListState, moment: dt.datetime) -> Iterator[Sequence[object]]:
    after, asked = None, _asked(actor, state)
    while True:
        found = inbox.list_inbox(asked=asked, moment=moment, after=after, limit=_EXPORTED_AT_ONCE)
        yield from (export_values(line=line) for line in found.lines)
        after = found.next_after
        if after is None:
            return


def _page(request: HttpRequest, alert_id: int) -> dict[str, Any]:
    actor, moment = get_actor(request), clock.current_moment()
    line = inbox.get_line(actor=actor, alert_id=alert_id)
    row = line.row
    where = desk_of(line=line)
    return {
        "line": line,
        "row": row,
        "name": name_of(line=line),
        "kind": KIND_WORDS[row.kind],
        "stake": say_stake(row=row),
        "stake_words": STAKE_WORDS[row.kind],
        "ended": ENDED_WORDS[row.kind],
        "desk": where,
        "desk_words": DESK_WORDS[where.key],
        "earlier": alert_list.list_earlier(row=row),
        "is_snoozed": row.is_snoozed(moment=moment),
        "can_snooze": inbox.may_snooze(actor=actor) and row.resolved_at is None,
        "tomorrow": _tomorrow(),
        "back": reverse("alerts:index"),
    }


def _asked(actor: Actor, state: ListState) -> alert_list.Asked | None:
    return inbox.ask(
        actor=actor,
        tab=tab_of(state),
        kind=state.filters.get("kind", ""),
        place=state.filters.get("place", ""),
        severity=state.filters.get("severity", ""),
        text=state.search,
    )


def _kinds(actor: Actor) -> list[str]:
    seen = inbox.kinds_of(actor=actor)
    return [kind for kind in KIND_WORDS if kind in seen]


def _sentence(summary: InboxSummary) -> str:
    """What waits, in one line."""
    count = summary.open_count
    if not count:
        return _("Nothing calls for you.")
    said = ngettext("{count} alert is open", "{count} alerts are open", count).format(count=f"{count:,}")
    if critical := summary.critical_count:
        now = ngettext("{count} needs you now", "{count} need you now", critical)
        said = _("{first}, {second}").format(first=said, second=now.format(count=f"{critical:,}"))
    stake = _estimate(summary)
    if stake:
        said = _("{first}; {amount} at stake").format(first=said, amount=stake)
    return _("{facts}.").format(facts=said)


def _estimate(summary: InboxSummary) -> str:
    """Whole units, the shop's currency first: more would pretend to be exact."""
    amounts = sorted(summary.stake_minor.items(), key=lambda one: (one[0] != settings.REORDER.currency, one[0]))
    return " + ".join(
        format_amount(minor / 10 ** minor_digits(currency=code), currency=code) for code, minor in amounts
    )


def _tomorrow() -> dt.date:
    return clock.current_date(time_zone=settings.REORDER.time_zone) + dt.timedelta(days=1)


def _cursor(after: tuple[int | dt.datetime, int] | None) -> tuple[object, int] | None:
    if after is None:
        return None
    value, last_id = after
    return (value.isoformat() if isinstance(value, dt.datetime) else value, last_id)


def _export_url(state: ListState) -> str:
    query = state.address().partition("?")[2]
    return f"{reverse('alerts:export')}?{query}" if query else reverse("alerts:export")
