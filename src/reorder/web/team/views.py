"""The board of a place's day: for the desk, and with `?wall=1` for a screen on the wall; refreshes itself."""

import datetime as dt
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reorder.domain.staff.rules import Ability, Actor, Role
from reorder.flows.floor.handlers import counter_of
from reorder.flows.team import works_for
from reorder.insights.team import Board, WaveToday, WorkToday, read_board
from reorder.kernel import clock
from reorder.kernel.errors import NotFound
from reorder.web.access import desk, get_actor
from reorder.web.warehouse.place import choose_place

SEES: Final = (Ability.FULFIL_ORDERS, Ability.RECEIVE_GOODS, Ability.EDIT_STOCK)
WORK_WORDS: Final[dict[str, tuple[Promise, str]]] = {
    "receive": (_("Receive"), "package-plus"),
    "put_away": (_("Put away"), "archive"),
    "replenish": (_("Fill"), "package-open"),
    "pick": (_("Pick"), "shopping-cart"),
    "pack": (_("Packing"), "package"),
    "ship": (_("Ship"), "truck"),
    "return": (_("Returns"), "undo-2"),
    "count": (_("Count"), "clipboard-list"),
    "move": (_("Move goods"), "arrow-left-right"),
}


@desk(*SEES)
def board(request: HttpRequest) -> HttpResponse:
    """What is open, begun and done, and how the waves stand."""
    actor, chosen = get_actor(request), choose_place(request)
    is_wall = request.GET.get("wall") == "1"
    if chosen is None:
        return render(request, "team/board.html", {"chosen": None, "tab": "team"})
    moment = clock.current_moment()
    found = read_board(
        place_code=chosen.place.code,
        since=_day_began(moment),
        moment=moment,
        # A screen on the wall is read by everybody: it shows no person's figures at all.
        seen_people=[] if is_wall else None if actor.role == Role.OWNER else [actor.name],
    )
    context: dict[str, Any] = {
        "chosen": chosen,
        "tab": "team",
        "is_wall": is_wall,
        "works": _lines(found, place_code=chosen.place.code, actor=actor),
        "waves": [_wave(one) for one in found.waves],
        "team": found.team,
        "people": found.people.items(),
        "is_owner": actor.role == Role.OWNER,
        "now": moment,
        "here": request.get_full_path(),
    }
    is_part = getattr(request, "htmx", None) and request.headers.get("HX-Target") == "board"
    whole = "team/wall.html" if is_wall else "team/board.html"
    return render(request, "team/_board.html" if is_part else whole, context)


def _lines(found: Board, *, place_code: str, actor: Actor) -> list[dict[str, Any]]:
    today = {one.work: one for one in found.works}
    nothing = WorkToday(work="", begun=(), done_count=0, doers=())
    return [
        {
            "work": work,
            "word": WORK_WORDS[work][0],
            "icon": WORK_WORDS[work][1],
            "open": _open(work, place_code=place_code, actor=actor),
            "today": today.get(work, nothing),
        }
        for work in works_for(actor=actor)
    ]


def _open(work: str, *, place_code: str, actor: Actor) -> int | None:
    """How many tasks wait; None where the work does not count them."""
    try:
        counter = counter_of(work=work)
    except NotFound:
        return None
    return counter(place_code=place_code, actor=actor) if counter else None


def _wave(one: WaveToday) -> dict[str, Any]:
    return {"row": one, "share": one.done_count / one.lines_count if one.lines_count else 0.0}


def _day_began(moment: dt.datetime) -> dt.datetime:
    zone = settings.REORDER.time_zone
    return clock.midnight(date=clock.date_at(moment=moment, time_zone=zone), time_zone=zone)
