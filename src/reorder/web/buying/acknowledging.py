"""Recording what a supplier says to an order: typed line by line, or as an X12 855 file."""

from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.domain.staff.rules import Ability
from reorder.flows import restock
from reorder.flows.restock import Acknowledged
from reorder.insights import access
from reorder.insights.buying_orders import OPEN_STATES
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, ReorderError, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.buying.following_forms import AnswerForm
from reorder.web.buying.reading import new_key
from reorder.web.buying.words import day_words, exact_units
from reorder.web.errors import status_of
from reorder.web.templatetags.reorder import in_a_row, listed

_MOST_BYTES: Final = 5_000_000


class FileTooLarge(BadInput):
    """An answer is a few kilobytes."""

    code = "buying.answer_too_large"
    template = "The file has more than 5 MB: that is no answer to an order."


class NoAnswerFile(BadInput):
    """The form was sent without a file."""

    code = "buying.no_answer_file"
    template = "Choose the file that the supplier sent."


@desk(Ability.DECIDE_PROPOSALS)
def show(request: HttpRequest, number: str) -> HttpResponse:
    order = _get_order(request, number)
    return _draw(request, order=order, form=AnswerForm(initial={"key": new_key()}, order=order))


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def record(request: HttpRequest, number: str) -> HttpResponse:
    """What was typed."""
    order = _get_order(request, number)
    form = AnswerForm(request.POST, order=order)
    if not form.is_valid():
        return _draw(request, order=order, form=form, status=422)
    answer = form.answer(moment=clock.current_moment(), recorded_by=get_actor(request).name)
    try:
        done = restock.acknowledge(number=number, answer=answer)
    except BadInput as error:
        return _draw(request, order=_get_order(request, number), form=form, error=error, status=status_of(error))
    _say(request, [done])
    return redirect("buying:order", number)


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def upload(request: HttpRequest, number: str) -> HttpResponse:
    """An X12 855 file; every order that it names must be of the person's places, and all are recorded or none."""
    order = _get_order(request, number)
    actor = get_actor(request)
    try:
        given = request.FILES.get("file")
        if given is None:
            raise NoAnswerFile
        if (given.size or 0) > _MOST_BYTES:
            raise FileTooLarge
        answers = restock.read_x12_answers(
            content=given.read(), acknowledged_at=clock.current_moment(), recorded_by=actor.name
        )
        access.get_purchase_orders(
            actor=actor, numbers=[one for one, _answer in answers], ability=Ability.DECIDE_PROPOSALS
        )
        done = restock.acknowledge_all(answers=answers)
    except BadInput as error:
        form = AnswerForm(initial={"key": new_key()}, order=order)
        return _draw(request, order=order, form=form, error=error, status=status_of(error))
    _say(request, done)
    return redirect("buying:order", done[0].order.number if done else number)


def _get_order(request: HttpRequest, number: str) -> PurchaseOrderRow:
    return access.get_purchase_order(actor=get_actor(request), number=number, ability=Ability.DECIDE_PROPOSALS)


def _draw(
    request: HttpRequest,
    *,
    order: PurchaseOrderRow,
    form: AnswerForm,
    error: ReorderError | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "order": order,
        "form": form,
        "rows": [(line, fields, exact_units(line.missing_units)) for line, fields in form.rows],
        "fault": explain_error(error=error, translate=_) if error else "",
        "is_open": order.state in OPEN_STATES,
        "shop": settings.REORDER.shop_name,
    }
    return render(request, "buying/acknowledge.html", context, status=status)


def _say(request: HttpRequest, done: list[Acknowledged]) -> None:
    fresh = [one for one in done if one.is_new]
    if not fresh:
        messages.info(request, _("This answer was recorded before. Nothing changed."))
        return
    parts = [
        ngettext("The answer to {numbers} is recorded.", "The answers to {numbers} are recorded.", len(fresh)).format(
            numbers=listed(one.order.number for one in fresh)
        )
    ]
    for one in fresh:
        if one.released:
            said = listed(f"{sku} {exact_units(units)}" for sku, units in list(one.released.items())[:4])
            parts.append(_("Will not come: {list}. The plan looks at them again.").format(list=said))
        if one.order.state in OPEN_STATES:
            parts.append(_("Expected on {day}.").format(day=day_words(one.order.expected_date)))
    messages.success(request, in_a_row(*parts))
