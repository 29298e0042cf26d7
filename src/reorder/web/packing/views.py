"""The packing desk: shipments that wait, the plan of each with a picture for every step, and changes of mind."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.staff.rules import Ability
from reorder.flows.floor.saying import say
from reorder.flows.packing import doing
from reorder.flows.packing.doing import Packing
from reorder.flows.packing.filling import FILLING_TEMPLATES
from reorder.flows.packing.planning import Content, PlannedParcel
from reorder.flows.packing.telling import words_of_place
from reorder.insights import packing as packing_rows
from reorder.insights.packing import WaitingShipment
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import ReorderError, explain_error
from reorder.kernel.formatting import format_units
from reorder.web import lists
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.lists import Cell, Column, ListSpec, Row
from reorder.web.packing.drawing import Drawn, box_svg
from reorder.web.templatetags.reorder import moment
from reorder.web.warehouse.place import choose_place

_sees: Final = Ability.VIEW_ORDERS
_works: Final = Ability.FULFIL_ORDERS
SPEC: Final = ListSpec(
    page="packing",
    columns=(
        Column("order", gettext_lazy("Order number")),
        Column("place", gettext_lazy("Place")),
        Column("leaves", gettext_lazy("Leaves by"), "date"),
        Column("lines", gettext_lazy("Lines"), "number"),
        Column("units", gettext_lazy("Units"), "number"),
        Column("tote", gettext_lazy("Position"), "number"),
        Column("begun", gettext_lazy("Begun by")),
    ),
    tabs=(),
    has_search=False,
    has_export=False,
    filters=("place",),
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One step of packing a parcel: what is put in, where, and the picture after it."""

    number: int
    content: Content
    where: str
    is_fragile: bool
    done_units: Decimal
    svg: SafeString | str

    @property
    def is_done(self) -> bool:
        return self.done_units >= self.content.units


@dataclass(frozen=True, slots=True)
class ShownParcel:
    """A parcel as its page shows it."""

    index: int
    parcel: PlannedParcel
    frames: list[Frame]
    filling: str
    cartons: list[tuple[str, str]]
    full_percent: int | None
    tolerance_grams: int | None

    @property
    def number(self) -> int:
        return self.index + 1


@desk(_sees, _works)
def index(request: HttpRequest) -> HttpResponse:
    """Picked shipments that wait to be packed, of one place, those that leave first at the top."""
    chosen = choose_place(request)
    state = lists.read_state(request=request, spec=SPEC)
    place = chosen.place.code if chosen else ""
    found = packing_rows.list_waiting(
        place_code=place, actor=get_actor(request), limit=lists.PAGE_SIZE + 1, after=lists.read_last_moment(state=state)
    )
    shown, has_more = found[: lists.PAGE_SIZE], len(found) > lists.PAGE_SIZE
    page = lists.make_page(
        request=request,
        spec=SPEC,
        state=state,
        rows=[_row(one, keys=[column.key for column in state.columns]) for one in shown],
        next_after=[_leaves(shown[-1]).isoformat(), shown[-1].fulfilment_id] if has_more else None,
    )
    return render(request, "packing/index.html", {"list": page, "chosen": chosen, "tab": "packing"})


@desk(_sees, _works)
def show(request: HttpRequest, fulfilment_id: int) -> HttpResponse:
    """The plan of a shipment: boxes, pictures, filling, weights."""
    return _draw(request, fulfilment_id=fulfilment_id)


@desk(_works, method="POST")
def pack(request: HttpRequest, fulfilment_id: int) -> HttpResponse:
    """Everything is in its boxes as planned."""
    try:
        packed = doing.pack_as_planned(fulfilment_id=fulfilment_id, actor=get_actor(request), moment=current_moment())
    except ReorderError as fault:
        return _draw(request, fulfilment_id=fulfilment_id, fault=fault)
    numbers = ", ".join(one.number for one in packed.plan.parcels)
    messages.success(request, _("Packed: {parcels}.").format(parcels=numbers))
    return redirect("packing:shipment", fulfilment_id)


@desk(_works, method="POST")
def anew(request: HttpRequest, fulfilment_id: int) -> HttpResponse:
    """Forget the plan and plan again, with the cartons and sizes of now."""
    try:
        doing.plan_anew(fulfilment_id=fulfilment_id, actor=get_actor(request), moment=current_moment())
    except ReorderError as fault:
        return _draw(request, fulfilment_id=fulfilment_id, fault=fault)
    messages.success(request, _("Planned anew."))
    return redirect("packing:shipment", fulfilment_id)


@desk(_works, method="POST")
def change_carton(request: HttpRequest, fulfilment_id: int, parcel: int) -> HttpResponse:
    """The packer takes another carton for a parcel."""
    code = request.POST.get("carton", "").replace("\x00", "")[:40]
    try:
        doing.choose_carton(
            fulfilment_id=fulfilment_id,
            index=parcel,
            carton_code=code,
            actor=get_actor(request),
            moment=current_moment(),
        )
    except ReorderError as fault:
        return _draw(request, fulfilment_id=fulfilment_id, fault=fault)
    messages.success(request, _("Carton {carton} it is.").format(carton=code))
    return redirect("packing:shipment", fulfilment_id)


@desk(_sees, _works)
def picture(request: HttpRequest, fulfilment_id: int, parcel: int, frame: int) -> HttpResponse:
    """A box with its first `frame` contents in it, as an image; 0: the empty box."""
    packing = doing.look_at_plan(fulfilment_id=fulfilment_id, actor=get_actor(request), moment=current_moment())
    if parcel >= len(packing.plan.parcels):
        raise Http404
    svg = _picture(packing.plan.parcels[parcel], frame=frame)
    if not svg:
        raise Http404
    return HttpResponse(svg, content_type="image/svg+xml")


def _draw(request: HttpRequest, *, fulfilment_id: int, fault: ReorderError | None = None) -> HttpResponse:
    actor = get_actor(request)
    packing = doing.look_at_plan(fulfilment_id=fulfilment_id, actor=actor, moment=current_moment())
    may_work = actor.may(_works) and packing.shipment.state == "picked"
    context = {
        "shipment": packing.shipment,
        "plan": packing.plan,
        "parcels": [_shown(packing, index=index) for index in range(len(packing.plan.parcels))],
        "may_work": may_work,
        "floor_url": reverse("floor:task", args=["pack", str(fulfilment_id)]),
        "refusal": explain_error(error=fault, translate=_) if fault else "",
    }
    return render(request, "packing/shipment.html", context, status=status_of(fault) if fault else 200)


def _shown(packing: Packing, *, index: int) -> ShownParcel:
    parcel = packing.plan.parcels[index]
    begun = doing.is_begun(packing=packing, index=index)
    cartons = [] if begun or not parcel.carton_code else doing.list_able_cartons(packing=packing, index=index)
    share = parcel.full_share
    return ShownParcel(
        index=index,
        parcel=parcel,
        frames=[_frame(packing, index=index, content=content) for content in range(len(parcel.contents))],
        filling=", ".join(
            say(template=FILLING_TEMPLATES[one.material], values={"amount": one.amount}, translate=_)
            for one in parcel.filling
        ),
        cartons=[(one.code, one.name) for one in cartons],
        full_percent=None if share is None else round(100 * share),
        tolerance_grams=doing.tolerance_grams(parcel=parcel),
    )


def _frame(packing: Packing, *, index: int, content: int) -> Frame:
    parcel = packing.plan.parcels[index]
    return Frame(
        number=content + 1,
        content=parcel.contents[content],
        where=", ".join(_(word) for word in words_of_place(parcel=parcel, content=content)),
        is_fragile=any(one.is_fragile for one in parcel.lying if one.content == content),
        done_units=packing.done_units(parcel=index, content=content),
        svg=_picture(parcel, frame=content + 1),
    )


def _picture(parcel: PlannedParcel, *, frame: int) -> SafeString | str:
    """The box with its first contents, the last of them in colour; empty where nobody knows the box."""
    if parcel.inner_mm is None or frame > len(parcel.contents):
        return ""
    things = [
        Drawn(lying=one, label=str(one.content + 1), is_new=one.content == frame - 1)
        for one in parcel.lying
        if one.content < frame
    ]
    if not frame:
        title = _("The empty box {carton}").format(carton=parcel.carton_code)
    else:
        where = ", ".join(_(word) for word in words_of_place(parcel=parcel, content=frame - 1))
        title = _("Step {number}: {sku} lies {where}").format(
            number=frame, sku=parcel.contents[frame - 1].sku, where=where
        )
    return box_svg(inner_mm=parcel.inner_mm, things=things, title=title)


def _row(one: WaitingShipment, *, keys: list[str]) -> Row:
    cells = {
        "order": Cell(one.order_number),
        "place": Cell(one.place_code),
        "leaves": Cell(moment(one.ship_by_at), "date"),
        "lines": Cell(f"{one.line_count:,}", "number"),
        "units": Cell(format_units(one.units), "number"),
        "tote": Cell(str(one.tote) if one.tote else "–", "number"),
        "begun": Cell((one.made_by or "") if one.is_begun else "–"),
    }
    url = reverse("packing:shipment", args=[one.fulfilment_id])
    return Row(key=str(one.fulfilment_id), url=url, cells=[cells[key] for key in keys])


def _leaves(one: WaitingShipment) -> dt.datetime:
    return one.ship_by_at or dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
