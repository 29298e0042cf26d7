"""Parcels that have left and have not arrived, as a list."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.staff.rules import Ability
from reorder.insights.parcels import ParcelRow
from reorder.insights.shipping_desk import list_under_way
from reorder.web import lists
from reorder.web.access import desk, get_actor
from reorder.web.lists import Cell, Column, ListSpec, Row, Tab
from reorder.web.templatetags.reorder import day, moment
from reorder.web.tracking.words import LATE_REASON_TEMPLATES, MARK_TEMPLATES

COLUMNS: Final = (
    Column("parcel", gettext_lazy("Parcel")),
    Column("order", gettext_lazy("Order number")),
    Column("carrier", gettext_lazy("Carrier")),
    Column("state", gettext_lazy("State"), "state"),
    Column("heard", gettext_lazy("Last word"), "date"),
    Column("expected", gettext_lazy("Expected on"), "date"),
    Column("left", gettext_lazy("Left on"), "date"),
    Column("place", gettext_lazy("Place"), is_default=False),
)
_STATES: Final = {
    "all": (),
    "out": ("out_for_delivery",),
    "store": ("ready_for_pickup",),
    "silent": (),
}
SPEC: Final = ListSpec(
    page="shipping-under-way",
    columns=COLUMNS,
    tabs=(
        Tab("all", gettext_lazy("All")),
        Tab("out", gettext_lazy("Out for delivery")),
        Tab("store", gettext_lazy("Ready to collect")),
        Tab("silent", gettext_lazy("Nobody tells")),
    ),
    search_label=gettext_lazy("Number of a parcel, an order or a carrier"),
    has_export=False,
)
_TONES: Final = {
    "delivery_failed": "bad",
    "delivery_delayed": "soon",
    "on_hold": "soon",
    "ready_for_pickup": "good",
    "out_for_delivery": "good",
    "delivered": "good",
    "return_to_sender": "bad",
}


@desk(Ability.VIEW_ORDERS)
def index(request: HttpRequest) -> HttpResponse:
    """Parcels under way, the latest first."""
    state = lists.read_state(request=request, spec=SPEC)
    found = list_under_way(
        actor=get_actor(request),
        states=_STATES[state.tab],
        is_unfollowed=state.tab == "silent",
        search=state.search.strip(),
        before_id=lists.read_last_id(state=state),
        limit=lists.PAGE_SIZE + 1,
    )
    shown = found[: lists.PAGE_SIZE]
    page = lists.make_page(
        request=request,
        spec=SPEC,
        state=state,
        rows=[_row(one, keys=[column.key for column in state.columns]) for one in shown],
        next_after=[shown[-1].id] if len(found) > lists.PAGE_SIZE else None,
    )
    return render(request, "shipping/under_way.html", {"tab": "under_way", "list": page})


def mark_of(row: ParcelRow) -> str:
    """The state of a parcel as a small coloured mark with its words."""
    if row.late_reason:
        return format_html(
            '<span class="mark mark-bad">{}</span> <span class="quiet">{}</span>',
            _("Late"),
            _(LATE_REASON_TEMPLATES[row.late_reason]),
        )
    tone = _TONES.get(row.state, "info")
    return format_html('<span class="mark mark-{}">{}</span>', tone, _(MARK_TEMPLATES[row.state]))


def _row(one: ParcelRow, *, keys: list[str]) -> Row:
    cells = {
        "parcel": Cell(one.number),
        "order": Cell(
            format_html('<a href="{}">{}</a>', reverse("orders:order", args=[one.order_id]), one.order_number)
        ),
        "carrier": Cell(" ".join(filter(None, [one.carrier, one.tracking_number]))),
        "state": Cell(mark_of(one)),
        "heard": Cell(moment(one.heard_at) if one.heard_at else "–", css="date"),
        "expected": Cell(day(one.day) if one.day else "–", css="date"),
        "left": Cell(moment(one.shipped_at) if one.shipped_at else "–", css="date"),
        "place": Cell(one.place_name),
    }
    return Row(key=str(one.id), url=reverse("shipping:parcel", args=[one.id]), cells=[cells[key] for key in keys])
