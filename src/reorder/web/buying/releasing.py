"""The second person's word about an order above the limit."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.flows import restock
from reorder.insights import access
from reorder.kernel import clock
from reorder.kernel.errors import Conflict, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.buying.deciding import LETTER_WAIT
from reorder.web.buying.reading import clean


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def release(request: HttpRequest, number: str) -> HttpResponse:
    """Agree: the order goes out."""
    actor = get_actor(request)
    access.get_purchase_order(actor=actor, number=number, ability=Ability.DECIDE_PROPOSALS)
    try:
        restock.release_order(
            number=number, decided_by=actor.name, moment=clock.current_moment(), letter_wait=LETTER_WAIT
        )
    except Conflict as fault:
        messages.error(request, explain_error(error=fault, translate=_))
    else:
        messages.success(request, _("{number} is ordered.").format(number=number))
    return redirect("buying:order", number)


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def refuse(request: HttpRequest, number: str) -> HttpResponse:
    """Do not agree: the order never goes out, what it was made of is open again."""
    actor = get_actor(request)
    access.get_purchase_order(actor=actor, number=number, ability=Ability.DECIDE_PROPOSALS)
    try:
        restock.refuse_order(
            number=number,
            decided_by=actor.name,
            moment=clock.current_moment(),
            reason=clean(request.POST.get("reason", "")),
        )
    except Conflict as fault:
        messages.error(request, explain_error(error=fault, translate=_))
    else:
        messages.success(request, _("{number} is refused; its proposals are open again.").format(number=number))
    return redirect("buying:order", number)


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Who asked takes it back while it waits."""
    actor = get_actor(request)
    order = access.get_purchase_order(actor=actor, number=number, ability=Ability.DECIDE_PROPOSALS)
    if order.state != "awaiting_approval":
        messages.error(request, _("{number} waits for nobody any more.").format(number=number))
        return redirect("buying:order", number)
    restock.undo_approval(numbers=[number], decided_by=actor.name, moment=clock.current_moment())
    messages.success(request, _("{number} is taken back; its proposals are open again.").format(number=number))
    return redirect("buying:order", number)
