"""Filling pick faces from bulk, at the desk: which run low, and what to bring from where."""

from decimal import Decimal, InvalidOperation
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.domain.warehouse.pick_faces import FaceNeed, Refill, list_needs, refill_face
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput, ReorderError, explain_error
from reorder.kernel.formatting import format_units
from reorder.kernel.ids import idempotency_key
from reorder.web.access import desk, get_actor
from reorder.web.warehouse.place import SEES, WORKS, choose_place, require_place

_SHOWN: Final = 50


class BadFill(BadInput):
    code = "warehouse.bad_fill"
    template = "The form was not complete. Choose the line again."


@desk(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """Pick faces that run low, the emptiest first."""
    chosen, actor = choose_place(request), get_actor(request)
    needs = list_needs(place_code=chosen.place.code) if chosen else []
    context = {
        "chosen": chosen,
        "tab": "replenish",
        "needs": [(one, _take_keys(one)) for one in needs[:_SHOWN]],
        "count": len(needs),
        "more_count": max(len(needs) - _SHOWN, 0),
        "may_work": any(actor.may(one) for one in WORKS),
    }
    return render(request, "warehouse/replenish.html", context)


@desk(*WORKS, method="POST")
def fill(request: HttpRequest) -> HttpResponse:
    """Goods that somebody brought to a pick face."""
    chosen, given = require_place(request), {name: request.POST.get(name, "")[:200] for name in _FIELDS}
    try:
        refill_face(
            refill=Refill(
                key=idempotency_key("desk_replenish", given["key"]),
                place_code=chosen.place.code,
                product_id=_number(given["product"]),
                source=given["source"],
                target=given["target"],
                units=_units(given["units"]),
                owner=given["owner"],
                lot=given["lot"],
                actor=get_actor(request).name,
                happened_at=current_moment(),
            )
        )
    except ReorderError as fault:
        messages.warning(request, explain_error(error=fault, translate=_))
    else:
        said = _("{units} units are in bin {bin}.")
        messages.success(request, said.format(units=format_units(_units(given["units"])), bin=given["target"]))
    return redirect(f"{reverse('warehouse:replenish')}?{chosen.query}")


_FIELDS: Final = ("key", "product", "source", "target", "units", "owner", "lot")


def _take_keys(need: FaceNeed) -> list[tuple[object, str]]:
    """Each take with the key of its form, which counts once however often it is sent."""
    drawn = current_moment().isoformat()
    parts = (need.bin_code, need.product_id, drawn)
    return [(take, idempotency_key(*parts, take.bin_code, take.owner, take.lot)) for take in need.takes]


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise BadFill
    return int(text)


def _units(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise BadFill from None
    if not found.is_finite() or not 0 < found < 10**11 or found != found.quantize(Decimal("0.001")):
        raise BadFill
    return found
