"""What the warehouse notes of one parcel: picked, packed, shipped, delivered, or less on the shelf than expected."""

from collections.abc import Callable
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.flows import order_desk
from reorder.flows.fulfil.moving import deliver_fulfilment, pick_fulfilment, ship_fulfilment
from reorder.insights.order_page import get_order_id_of_part
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput, Conflict, NotFound
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.orders.forms import ShipForm, read_units
from reorder.web.orders.page import show_order
from reorder.web.orders.telling import said_error
from reorder.web.returning import way_back


@desk(Ability.FULFIL_ORDERS, method="POST")
def pick(request: HttpRequest, fulfilment_id: int) -> HttpResponse:
    """All goods of the parcel are off the shelf."""
    return _step(request, fulfilment_id, pick_fulfilment, said=_("Recorded as picked."))


@desk(Ability.FULFIL_ORDERS, method="POST")
def pack(request: HttpRequest, fulfilment_id: int) -> HttpResponse:
    """The goods are packed, into the boxes of the plan where the place has boxes."""
    actor, numbers = get_actor(request), list[str]()
    return _act(
        request,
        fulfilment_id,
        lambda: numbers.extend(order_desk.pack(fulfilment_id=fulfilment_id, actor=actor, moment=current_moment())),
        said=lambda: (
            _("Packed: {parcels}.").format(parcels=", ".join(numbers)) if numbers else _("Recorded as packed.")
        ),
    )


@desk(Ability.FULFIL_ORDERS, method="POST")
def deliver(request: HttpRequest, fulfilment_id: int) -> HttpResponse:
    """The parcel has arrived."""
    return _step(request, fulfilment_id, deliver_fulfilment, said=_("Recorded as delivered."))


@desk(Ability.FULFIL_ORDERS, method="POST")
def ship(request: HttpRequest, fulfilment_id: int) -> HttpResponse:
    """The parcel has left, with its carrier and number as far as they are known."""
    form = ShipForm(request.POST)
    if not form.is_valid():
        return show_order(request, _order_of(request, fulfilment_id), fault=_said_form(form), status=422)
    actor, cleaned = get_actor(request), form.cleaned_data
    return _act(
        request,
        fulfilment_id,
        lambda: ship_fulfilment(
            fulfilment_id=fulfilment_id,
            carrier=cleaned["carrier"],
            tracking_number=cleaned["tracking_number"],
            actor=actor,
            moment=current_moment(),
        ),
        said=_("Recorded as shipped."),
    )


@desk(Ability.FULFIL_ORDERS, method="POST")
def short(request: HttpRequest, fulfilment_id: int) -> HttpResponse:
    """Less was on the shelf than the books say: what was found stays, the rest is looked for elsewhere."""
    actor, moment = get_actor(request), current_moment()
    order_id = _order_of(request, fulfilment_id)
    found: list[tuple[int, int, Decimal]] = []
    for name, text in request.POST.items():
        line_id, _dash, product_id = name.removeprefix("found-").partition("-")
        if not name.startswith("found-") or not (line_id.isdecimal() and product_id.isdecimal()):
            continue
        units = read_units(str(text)) if str(text).strip() else None
        if units is None:
            fault = _("Write what was found as a number; 0 where nothing was.")
            return show_order(request, order_id, fault=fault, status=422)
        found.append((int(line_id), int(product_id), units))
    return _act(
        request,
        fulfilment_id,
        lambda: order_desk.record_short_pick(fulfilment_id=fulfilment_id, found=found, actor=actor, moment=moment),
        said=_("Recorded: what is missing is looked for at other places."),
    )


def _said_form(form: ShipForm) -> str:
    return " ".join(str(fault) for faults in form.errors.values() for fault in faults)


def _step(request: HttpRequest, fulfilment_id: int, step: Callable[..., object], *, said: str) -> HttpResponse:
    actor = get_actor(request)
    return _act(
        request,
        fulfilment_id,
        lambda: step(fulfilment_id=fulfilment_id, actor=actor, moment=current_moment()),
        said=said,
    )


def _act(
    request: HttpRequest, fulfilment_id: int, act: Callable[[], object], *, said: str | Callable[[], str]
) -> HttpResponse:
    order_id = _order_of(request, fulfilment_id)
    try:
        act()
    except (BadInput, Conflict, NotFound) as error:
        return show_order(request, order_id, fault=said_error(error), status=status_of(error))
    messages.success(request, said if isinstance(said, str) else said())
    usual = reverse("orders:order", args=[order_id]) + f"#part-{fulfilment_id}"
    return redirect(way_back(request=request, usual=usual))


def _order_of(request: HttpRequest, fulfilment_id: int) -> int:
    """Its order, if this person may act on it; raises UnknownFulfilment."""
    return get_order_id_of_part(actor=get_actor(request), fulfilment_id=fulfilment_id)
