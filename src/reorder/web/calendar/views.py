"""The calendar: what comes, what was, what it did to demand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.catalog import queries as catalog
from reorder.domain.inventory import queries as inventory
from reorder.domain.planning import calendar
from reorder.domain.staff.rules import Ability, Actor
from reorder.flows.shop_calendar import BadLine, CalendarImported
from reorder.insights.shop_calendar import FEWEST_HAPPENINGS, CalendarLine, CalendarView, load_calendar
from reorder.kernel.clock import current_date
from reorder.web.access import desk, get_actor
from reorder.web.calendar.forms import EntryForm, FileForm, first_days, initial_of
from reorder.web.calendar.words import ENTRY_WORDS, EffectLine, effect_line, effect_name, effect_said, percent

_SHOWN_FAULTS = 50


@dataclass(frozen=True, slots=True)
class SaidLine:
    """A line of the calendar with everything that is said of it."""

    line: CalendarLine
    kind: str
    about: str
    place: str
    terms: str
    effect: str


@desk(Ability.VIEW_DEMAND)
def index(request: HttpRequest) -> HttpResponse:
    """Entries to come, or past ones, with the form beside them."""
    return show(request)


def show(
    request: HttpRequest,
    *,
    form: EntryForm | None = None,
    file_form: FileForm | None = None,
    taken: CalendarImported | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with a form that came back or what came of a file."""
    actor = get_actor(request)
    today = current_date(time_zone=settings.REORDER.time_zone)
    places = [(place.code, place.name) for place in inventory.list_places()]
    categories = catalog.list_categories()
    may_change = actor.may(Ability.ADJUST_DEMAND)
    is_past = request.GET.get("when") == "past"
    view = load_calendar(
        actor=actor,
        today=today,
        is_past=is_past,
        country=settings.REORDER.country,
        language=str(request.LANGUAGE_CODE),
        may_change=may_change,
    )
    edited = None
    if form is None and may_change:
        edited = _edited(request)
        initial = initial_of(edited) if edited else first_days(today=today)
        form = make_form(actor=actor, places=places, initial=initial)
    names = {"places": dict(places), "categories": dict(categories)}
    context: dict[str, Any] = {
        "state": _state(view=view, is_past=is_past),
        "is_past": is_past,
        "months": [(month, [_said(line, names=names) for line in month.lines]) for month in view.months],
        "effects": effect_lines(view),
        "unsure_days": unsure_days(view),
        "form": form,
        "categories": categories,
        "chosen_category": form["category"].value() if form else "",
        "is_edit": bool(form and form["entry_id"].value()),
        "file_form": file_form or (FileForm(auto_id="file_%s") if may_change else None),
        "taken": taken,
        "faults": say_faults(taken.faults if taken else ()),
        "more_faults": max(len(taken.faults) - _SHOWN_FAULTS, 0) if taken else 0,
        "undone": request.GET.get("taken", "") if request.GET.get("taken", "").isdecimal() else "",
        "may_change": may_change,
    }
    return render(request, "calendar/index.html", context, status=status)


def make_form(
    *,
    actor: Actor,
    places: Sequence[tuple[str, str]],
    given: Any = None,
    initial: Any = None,
) -> EntryForm:
    """The form with the places that this person may change."""
    return EntryForm(
        given,
        initial=initial,
        auto_id="entry_%s",
        places=[(code, name) for code, name in places if actor.may_at(code)],
        may_everywhere=not actor.place_codes,
    )


def say_faults(faults: Sequence[BadLine]) -> list[tuple[int, str]]:
    """The lines of a file that are no entries, each with what is wrong."""
    return [(fault.line, _(fault.reason).format(value=fault.value)) for fault in faults[:_SHOWN_FAULTS]]


def effect_lines(view: CalendarView) -> list[EffectLine]:
    """What was learned for the whole shop: what is sure first, the shop's own before holidays, then the largest."""
    told = [row for row in view.effects if row.name != "holiday" or row.occurrences_count >= FEWEST_HAPPENINGS]
    ordered = sorted(
        told,
        key=lambda row: (row.occurrences_count < FEWEST_HAPPENINGS, row.name == "holiday", -abs(row.effect_share)),
    )
    return [effect_line(row) for row in ordered]


def unsure_days(view: CalendarView) -> list[str]:
    """Holidays and festivals of which too few are known to say anything."""
    return [
        effect_name(row) for row in view.effects if row.name == "holiday" and row.occurrences_count < FEWEST_HAPPENINGS
    ]


def _edited(request: HttpRequest) -> Any:
    number = request.GET.get("edit", "")
    return calendar.find_entry(entry_id=int(number)) if number.isdecimal() and len(number) < 19 else None


def _state(*, view: CalendarView, is_past: bool) -> str:
    count = view.entries_count
    if is_past:
        return ngettext(
            "{count} entry of the last two years. Past ones teach the forecast what to expect.",
            "{count} entries of the last two years. Past ones teach the forecast what to expect.",
            count,
        ).format(count=count)
    return ngettext(
        "{count} entry in the next twelve months. The forecast knows them from the next night on.",
        "{count} entries in the next twelve months. The forecast knows them from the next night on.",
        count,
    ).format(count=count)


def _said(line: CalendarLine, *, names: dict[str, dict[str, str]]) -> SaidLine:
    entry = line.entry
    if entry is None:
        return SaidLine(line, _("Public holiday"), "", "", "", "")
    about = names["categories"].get(entry.key, entry.key) if entry.scope == "category" else entry.key
    terms = []
    if entry.discount_share is not None:
        terms.append(_("{percent} % off").format(percent=f"{entry.discount_share * 100:g}"))
    if entry.price is not None:
        terms.append(_("price {price}").format(price=f"{entry.price:,.10g}"))
    if entry.expected_effect_share is not None:
        terms.append(_("you expect {effect}").format(effect=percent(entry.expected_effect_share)))
    return SaidLine(
        line=line,
        kind=str(ENTRY_WORDS[entry.kind]),
        about=about,
        place="" if entry.place_code == "*" else names["places"].get(entry.place_code, entry.place_code),
        terms=", ".join(terms),
        effect=effect_said(line.effect) if line.effect and line.effect.occurrences_count >= 2 else "",
    )
