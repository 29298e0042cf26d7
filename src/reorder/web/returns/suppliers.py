"""Returned goods that go back to their suppliers, by supplier, with a claim for each parcel of them."""

import itertools

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.flows import returns
from reorder.insights.return_claims import ClaimableGoods, list_claimable
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput
from reorder.kernel.formatting import format_money, format_units
from reorder.web import return_words as words
from reorder.web.access import desk, get_actor
from reorder.web.returns.telling import said_error


@desk(Ability.EDIT_STOCK, Ability.VIEW_BUYING)
def index(request: HttpRequest) -> HttpResponse:
    return _draw(request)


@desk(Ability.EDIT_STOCK, method="POST")
def send(request: HttpRequest) -> HttpResponse:
    """What is ticked of one supplier leaves with a claim."""
    ids = [int(one) for one in request.POST.getlist("piece") if one.isascii() and one.isdecimal() and len(one) < 19]
    try:
        number = returns.send_claim(
            supplier_code=request.POST.get("supplier", "")[:200],
            piece_ids=ids,
            actor=get_actor(request),
            moment=current_moment(),
        )
    except BadInput as error:
        return _draw(request, fault=said_error(error), status=422)
    messages.success(request, _("Claim {number}: the goods have left stock.").format(number=number))
    return redirect("returns:suppliers")


def _draw(request: HttpRequest, *, fault: str = "", status: int = 200) -> HttpResponse:
    actor = get_actor(request)
    found = list_claimable(actor=actor)
    groups = [
        {"code": code, "name": name or _("without a supplier"), "rows": [_shown(one) for one in rows]}
        for (code, name), rows in (
            (key, list(each))
            for key, each in itertools.groupby(found, key=lambda one: (one.supplier_code, one.supplier_name))
        )
    ]
    context = {"groups": groups, "fault": fault, "may_send": actor.may(Ability.EDIT_STOCK)}
    return render(request, "returns/suppliers.html", context, status=status)


def _shown(one: ClaimableGoods) -> dict[str, object]:
    cost = round(one.unit_cost_minor * one.units) if one.unit_cost_minor is not None else None
    return {
        "row": one,
        "units": format_units(one.units),
        "reason": words.said(one.reason, templates=words.REASON_TEMPLATES),
        "why": words.reason_of_disposition(one.why),
        "cost": format_money(cost, currency=one.currency) if cost is not None else "–",
    }
