"""The list of counts, and one count: blind for who counts, with every figure for who decides."""

import datetime as dt
from typing import Any, Final, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.staff.rules import Ability
from reorder.domain.warehouse.bins_of_zone import list_zones_with_bins
from reorder.domain.warehouse.count_policies import get_limits
from reorder.domain.warehouse.counts import CountedGoods, CountRow, list_elsewhere, list_goods
from reorder.flows.counting.holding import find_count_for
from reorder.insights import counts as read
from reorder.insights.counts import CountLine, CountTab
from reorder.kernel import clock
from reorder.kernel.formatting import format_money, format_units
from reorder.web.access import desk, get_actor
from reorder.web.counts.words import cause_word, outcome_word, state_word
from reorder.web.lists import PAGE_SIZE, BadCursor, Cell, Column, ListSpec, ListState, Row, Tab, make_page, read_state
from reorder.web.templatetags.reorder import day
from reorder.web.templatetags.reorder import moment as said_moment
from reorder.web.warehouse.place import choose_place

# Whoever works on the floor may see what is to be counted; figures are for those who decide about stock.
SEES: Final = (Ability.EDIT_STOCK, Ability.FULFIL_ORDERS, Ability.RECEIVE_GOODS)
DECIDES: Final = Ability.EDIT_STOCK
_TO_DO: Final = frozenset({"bin", "zone", "cause", "class", "due", "who", "state"})
_CAME: Final = frozenset({"bin", "zone", "cause", "goods", "differing", "money", "who", "outcome", "when"})
_HEADS: Final = (
    ("bin", gettext_lazy("Bin"), "text", ""),
    ("zone", gettext_lazy("Zone"), "text", ""),
    ("cause", gettext_lazy("Why"), "text", ""),
    ("class", gettext_lazy("Class"), "text", gettext_lazy("By what moved in a year: A most, C least.")),
    ("due", gettext_lazy("Count it by"), "date", ""),
    ("state", gettext_lazy("State"), "state", ""),
    ("who", gettext_lazy("Who"), "text", ""),
    ("goods", gettext_lazy("Goods"), "number", gettext_lazy("Products and lots that were counted.")),
    ("differing", gettext_lazy("Differ"), "number", ""),
    ("money", gettext_lazy("Difference at cost"), "number", gettext_lazy("Found less lost. Goods without cost: 0.")),
    ("outcome", gettext_lazy("Result"), "text", ""),
    ("when", gettext_lazy("When"), "date", ""),
)
_LARGEST: Final = 2**63


@desk(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """Counts of a place: due, planned, waiting for a person, done."""
    actor, chosen = get_actor(request), choose_place(request)
    if chosen is None:
        return render(request, "counts/index.html", {"chosen": None, "tab": "counts"})
    today, places = clock.current_date(time_zone=settings.REORDER.time_zone), [chosen.place.code]
    decides = actor.may(DECIDES)
    spec = _spec(tab=request.GET.get("tab", ""), many=read.count_counts(places=places, today=today), decides=decides)
    state = read_state(request=request, spec=spec)
    tab = cast("CountTab", state.tab)
    found = read.list_counts(
        places=places, tab=tab, today=today, search=state.search, after=_after(state), limit=PAGE_SIZE + 1
    )
    shown = found[:PAGE_SIZE]
    page = make_page(
        request=request,
        spec=spec,
        state=state,
        rows=[_row(one, keys=[column.key for column in state.columns]) for one in shown],
        next_after=_cursor(shown[-1], tab=tab) if len(found) > PAGE_SIZE else None,
    )
    context = {
        "chosen": chosen,
        "tab": "counts",
        "list": page,
        "decides": decides,
        "zones": list_zones_with_bins(place_code=chosen.place.code) if decides else [],
        "here": request.get_full_path(),
    }
    return render(request, "counts/index.html", context)


@desk(*SEES)
def show(request: HttpRequest, task_id: int) -> HttpResponse:
    """One count."""
    return draw(request, task_id=task_id)


def draw(request: HttpRequest, *, task_id: int, refusal: str = "", status: int = 200) -> HttpResponse:
    """The page of a count, with what was refused."""
    actor = get_actor(request)
    task = find_count_for(task_id=task_id, actor=actor)
    decides = actor.may(DECIDES)
    is_counted = task.state in {"counted", "approved", "rejected"}
    goods = [one for one in list_goods(task=task) if one.entry_id is not None] if decides and is_counted else []
    context = {
        "task": task,
        "cause": cause_word(task.cause),
        "state_said": state_word(task.state),
        "outcome": outcome_word(task.outcome) if task.outcome else "",
        "decides": decides,
        "is_counted": is_counted,
        "waits": decides and task.state == "counted",
        "goods": [_goods(one, task=task) for one in goods],
        "limits": get_limits(place_code=task.place_code),
        "currency": settings.REORDER.currency,
        "refusal": refusal,
        "back": f"{reverse('counts:index')}?place={task.place_code}",
    }
    return render(request, "counts/show.html", context, status=status)


def _goods(one: CountedGoods, *, task: CountRow) -> dict[str, Any]:
    """Some goods with what differs, where else they stand, and who counts on them when too few are there."""
    units = one.open_units if task.state == "counted" else one.variance_units or 0
    given: dict[str, Any] = {"row": one, "units": units, "elsewhere": [], "promises": None}
    given["money_minor"] = None if one.unit_cost_minor is None else round(units * one.unit_cost_minor)
    if task.state != "counted" or not units:
        return given
    if units > 0:
        given["elsewhere"] = list_elsewhere(task=task, goods=one)
    else:
        promises = read.find_promises(task=task, goods=one)
        given["promises"] = promises if promises.free_units + units < 0 else None
        given["short_units"] = -(promises.free_units + units)
    return given


def _spec(*, tab: str, many: read.HowMany, decides: bool) -> ListSpec:
    came = tab in {"waiting", "done"}
    shown = _CAME if came else _TO_DO
    hidden = frozenset() if decides else {"differing", "money", "outcome", "goods"}
    return ListSpec(
        page="counts",
        columns=tuple(
            Column(key, label, kind, is_default=key in shown, help=words)  # type: ignore[arg-type]  # kinds as above
            for key, label, kind, words in _HEADS
            if key not in hidden
        ),
        tabs=(
            Tab("due", gettext_lazy("Due today"), many.due),
            Tab("waiting", gettext_lazy("Waiting for approval"), many.waiting),
            Tab("planned", gettext_lazy("Planned"), many.planned),
            Tab("done", gettext_lazy("Done")),
        ),
        search_label=gettext_lazy("Search by bin"),
        has_export=False,
        filters=("place",),
    )


def _row(one: CountLine, *, keys: list[str]) -> Row:
    currency = settings.REORDER.currency
    money = format_money(one.variance_minor, currency=currency) if one.variance_minor else "–"
    who = one.assigned_to or "–" if one.state in {"open", "counting"} else one.counted_by or one.decided_by or "–"
    cells = {
        "bin": Cell(one.bin_code),
        "zone": Cell(one.zone_code),
        "cause": Cell(
            cause_word(one.cause)
            if one.round == 1
            else _("{cause}, count {round}").format(cause=cause_word(one.cause), round=one.round)
        ),
        "class": Cell(one.abc_class or "–"),
        "due": Cell(day(one.due_on), "date"),
        "state": Cell(state_word(one.state)),
        "who": Cell(who),
        "goods": Cell(format_units(one.goods_count), "number"),
        "differing": Cell(format_units(one.differing_count) if one.differing_count else "–", "number"),
        "money": Cell(money, "number"),
        "outcome": Cell(outcome_word(one.outcome) if one.state != "cancelled" else state_word(one.state)),
        "when": Cell(said_moment(one.decided_at or one.counted_at), "date"),
    }
    return Row(key=str(one.id), url=reverse("counts:show", args=[one.id]), cells=[cells[key] for key in keys])


def _cursor(last: CountLine, *, tab: CountTab) -> list[object]:
    if tab == "done":
        return [last.decided_at.isoformat() if last.decided_at else "", last.id]
    return [last.due_on.isoformat(), last.id]


def _after(state: ListState) -> tuple[str, int] | None:
    """The place in the tab that the address names; raises BadCursor."""
    match state.after:
        case None:
            return None
        case (str(text), int(last_id)) if 0 <= last_id < _LARGEST:
            try:
                moment = dt.datetime.fromisoformat(text)
            except ValueError:
                raise BadCursor from None
            if state.tab == "done" and moment.tzinfo is None:
                raise BadCursor
            return (text if state.tab == "done" else moment.date().isoformat()), last_id
        case _:
            raise BadCursor
