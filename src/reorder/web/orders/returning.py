"""Wishes to send goods back are answered with a word to the customer; their pictures are shown to staff only."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from reorder.domain.customers.return_requests import find_photo
from reorder.domain.staff.rules import Ability
from reorder.flows import order_desk
from reorder.flows.order_desk.returning import UnknownReturn
from reorder.insights.order_page import get_order_facts
from reorder.kernel.clock import current_moment
from reorder.web.access import desk, get_actor
from reorder.web.orders.actions import act_with_form
from reorder.web.orders.forms import AnswerForm

_LARGEST = 2**63 - 1


@desk(Ability.MANAGE_ORDERS, method="POST")
def answer(request: HttpRequest, order_id: int, request_id: int) -> HttpResponse:
    """Accept it or decline it: whichever button was pressed, with the word."""
    form, actor = AnswerForm(request.POST, request_id=request_id), get_actor(request)
    is_accepted = request.POST.get("answer") == "accept"
    act = order_desk.accept_return if is_accepted else order_desk.decline_return
    return act_with_form(
        request,
        order_id,
        form=form,
        name="refused_answer",
        act=lambda: act(
            order_id=order_id,
            request_id=min(request_id, _LARGEST),
            word=form.cleaned_data["word"],
            actor=actor,
            moment=current_moment(),
        ),
        said=_("Accepted; the customer is told.") if is_accepted else _("Declined; the customer is told."),
    )


@desk(Ability.VIEW_ORDERS)
def photo(request: HttpRequest, order_id: int, request_id: int) -> HttpResponse:
    """The picture that came with a wish, of a kind that its first bytes showed it to be."""
    facts = get_order_facts(actor=get_actor(request), order_id=order_id)
    found = find_photo(request_id=min(request_id, _LARGEST), order_id=order_id)
    if found is None:
        raise UnknownReturn(order=facts.external_id)
    answer = HttpResponse(found.content, content_type=found.media_type)
    answer["Content-Disposition"] = "inline"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
