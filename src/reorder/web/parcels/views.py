"""The list of parcels, and one parcel: its box, its label with all attempts, and every service that would take it."""

from typing import Final
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy

from reorder.domain.inventory.queries import list_places
from reorder.domain.shipping import labels as kept
from reorder.domain.shipping.carriers import get_card
from reorder.domain.shipping.choosing import CarrierChoice
from reorder.domain.shipping.label_models import LIVE_LABEL_STATES
from reorder.domain.shipping.labels import LabelRow
from reorder.domain.staff.rules import Ability
from reorder.flows import labels
from reorder.flows.labels.recovering import BUYER_IS_DEAD_AFTER
from reorder.insights.parcel_facts import ParcelFactsRow, get_parcel_facts
from reorder.insights.parcel_lists import ParcelCounts, ParcelLine, count_parcels, list_parcels
from reorder.kernel import clock, formatting
from reorder.web.access import desk, get_actor
from reorder.web.lists import (
    PAGE_SIZE,
    Cell,
    Column,
    ListSpec,
    ListState,
    Row,
    Tab,
    make_page,
    read_last_id,
    read_state,
)
from reorder.web.parcels import words
from reorder.web.setup.carrier_words import label_mark, say_label_fault
from reorder.web.templatetags.reorder import day
from reorder.web.templatetags.reorder import moment as said_moment

SEE: Final = (Ability.VIEW_ORDERS, Ability.FULFIL_ORDERS)
_COLUMNS: Final = (
    Column("number", gettext_lazy("Parcel")),
    Column("order", gettext_lazy("Order number")),
    Column("place", gettext_lazy("Place")),
    Column("label", gettext_lazy("Label"), "state"),
    Column("carrier", gettext_lazy("Carrier")),
    Column("tracking", gettext_lazy("Tracking number")),
    Column("weight", gettext_lazy("Weight"), "number"),
    Column("cost", gettext_lazy("Cost"), "number", help=gettext_lazy("What the carrier asked for the label.")),
    Column("state", gettext_lazy("State"), "state"),
    Column("packed", gettext_lazy("Packed"), "date"),
    Column("promised", gettext_lazy("Promised for"), "date", is_default=False),
    Column("temperature", gettext_lazy("Temperature"), is_default=False),
    Column("carton", gettext_lazy("Carton"), is_default=False),
)


@desk(*SEE)
def index(request: HttpRequest) -> HttpResponse:
    """Parcels by what their labels need."""
    actor = get_actor(request)
    counts = count_parcels(actor=actor)
    spec = _spec(counts)
    state = read_state(request=request, spec=spec)
    found = list_parcels(
        actor=actor,
        tab=state.tab,
        search=state.search,
        place_code=state.filters.get("place", ""),
        before_id=read_last_id(state=state),
        limit=PAGE_SIZE + 1,
    )
    rows, more = found[:PAGE_SIZE], len(found) > PAGE_SIZE
    may_fulfil = actor.may(Ability.FULFIL_ORDERS)
    page = make_page(
        request=request,
        spec=spec,
        state=state,
        rows=[_row(one, state, may_select=may_fulfil) for one in rows],
        next_after=(rows[-1].id,) if more else None,
    )
    places = [one for one in list_places() if actor.may_at(one.code)]
    context = {
        "list": page,
        "bulk": "bulk" if may_fulfil and rows else "",
        "counts": counts,
        "may_fulfil": may_fulfil,
        "places": places,
        "tab": state.tab,
    }
    return render(request, "parcels/index.html", context)


@desk(*SEE)
def show(request: HttpRequest, parcel_id: int) -> HttpResponse:
    """One parcel; prices are those of the shop's table."""
    row = get_parcel_facts(parcel_id=parcel_id, actor=get_actor(request))
    return draw(request, row, labels.choose_from_table(row=row, moment=clock.current_moment()))


@desk(*SEE)
def prices(request: HttpRequest, parcel_id: int) -> HttpResponse:
    """One parcel, with the prices that carriers say now."""
    row = get_parcel_facts(parcel_id=parcel_id, actor=get_actor(request))
    choice = labels.choose_for_row(row=row, moment=clock.current_moment())
    return draw(request, row, choice, is_asked=True)


def draw(
    request: HttpRequest,
    row: ParcelFactsRow,
    choice: CarrierChoice,
    *,
    is_asked: bool = False,
    fault: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page of a parcel."""
    actor = get_actor(request)
    attempts = kept.list_labels_of_parcel(parcel_id=row.id)
    live = next((one for one in attempts if one.state in LIVE_LABEL_STATES), None)
    can_buy = live is None and row.packed_at is not None and row.shipped_at is None and row.state == "pending"
    context = {
        "row": row,
        "mark": words.parcel_mark(row.state),
        "size": words.say_size(row.length_mm, row.width_mm, row.height_mm),
        "weight": words.say_weight(row.grams),
        "temperature": words.temperature_word(row.temperature_class),
        "live": _label(live) if live else None,
        "attempts": [_label(one) for one in attempts if live is None or one.id != live.id],
        "choice": choice,
        "best": words.say_choice(choice),
        "offers": [(one, words.say_reason(one), one is choice.chosen) for one in choice.offers],
        "is_asked": is_asked,
        "can_buy": can_buy,
        "may_fulfil": actor.may(Ability.FULFIL_ORDERS),
        "key": uuid4().hex,
        "fault": fault,
    }
    return render(request, "parcels/parcel.html", context, status=status)


def _label(one: LabelRow) -> dict[str, object]:
    """A label with what can be done about it."""
    card = get_card(adapter=one.adapter)
    is_old = clock.current_moment() - one.claimed_at >= BUYER_IS_DEAD_AFTER
    return {
        "row": one,
        "mark": label_mark(one.state),
        "fault": say_label_fault(one.fault),
        "has_form": card.capabilities.forms,
        "can_void": one.state == "bought" and card.capabilities.voids,
        "can_ask": one.state in {"unknown", "voiding"} or (one.state == "claimed" and is_old),
        "can_say": card.capabilities.finds,
    }


def _spec(counts: ParcelCounts) -> ListSpec:
    return ListSpec(
        page="parcels",
        columns=_COLUMNS,
        tabs=(
            Tab("wait", gettext_lazy("To label"), counts.waiting),
            Tab("labelled", gettext_lazy("Labelled")),
            Tab("unknown", gettext_lazy("Label not settled"), counts.unsettled),
            Tab("left", gettext_lazy("Has left")),
            Tab("all", gettext_lazy("All")),
        ),
        search_label=gettext_lazy("Parcel, order or tracking number"),
        has_export=False,
        filters=("place",),
    )


def _row(one: ParcelLine, state: ListState, *, may_select: bool) -> Row:
    cost = formatting.format_money(one.cost_minor, currency=one.currency or "") if one.cost_minor is not None else "–"
    cells = {
        "number": Cell(one.number),
        "order": Cell(one.order_number),
        "place": Cell(one.place_code),
        "label": Cell(label_mark(one.label_state) if one.label_state else "–"),
        "carrier": Cell(" · ".join(filter(None, [one.carrier, one.service_code])) or "–"),
        "tracking": Cell(one.tracking_number or "–"),
        "weight": Cell(words.say_weight(one.grams), "number"),
        "cost": Cell(cost, "number"),
        "state": Cell(words.parcel_mark(one.state)),
        "packed": Cell(said_moment(one.packed_at), "date"),
        "promised": Cell(day(one.promised_date), "date"),
        "temperature": Cell(words.temperature_word(one.temperature_class)),
        "carton": Cell(one.carton_code or "–"),
    }
    return Row(
        key=str(one.id),
        url=reverse("parcels:parcel", args=[one.id]),
        cells=[cells[column.key] for column in state.columns],
        can_select=may_select,
    )
