"""What a person decides about one count: book, reject, count again, call off, give a promise up."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from reorder.flows import count_conflicts
from reorder.flows.counting import deciding as flow
from reorder.flows.counting.deciding import DecidedCount
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.counts.views import DECIDES, draw

_UNPROCESSABLE = 422
_LONGEST_NOTE = 500


@desk(DECIDES, method="POST")
def approve(request: HttpRequest, task_id: int) -> HttpResponse:
    """Book what the count differs by."""
    found_from = {
        int(name.removeprefix("from-")): request.POST.get(name, "")[:120]
        for name, code in request.POST.items()
        if name.startswith("from-") and name[5:].isascii() and name[5:].isdecimal() and len(name) < 24 and code
    }
    return _decide(request, task_id, partial(flow.approve_count, found_from=found_from))


@desk(DECIDES, method="POST")
def reject(request: HttpRequest, task_id: int) -> HttpResponse:
    """Book nothing: the count is wrong."""
    return _decide(request, task_id, flow.reject_count)


@desk(DECIDES, method="POST")
def count_again(request: HttpRequest, task_id: int) -> HttpResponse:
    """Have the bin counted again by somebody else."""
    return _decide(request, task_id, flow.recount)


@desk(DECIDES, method="POST")
def cancel(request: HttpRequest, task_id: int) -> HttpResponse:
    """Call a count off."""
    try:
        flow.call_off(task_id=task_id, actor=get_actor(request), moment=clock.current_moment(), note=_note(request))
    except BadInput as fault:
        return _refuse(request, task_id, fault)
    messages.success(request, _("The count is called off."))
    return redirect("counts:show", task_id)


@desk(DECIDES, method="POST")
def give_up(request: HttpRequest, task_id: int) -> HttpResponse:
    """Serve an order otherwise whose goods are not there."""
    try:
        done = count_conflicts.give_up_promise(
            task_id=task_id,
            entry_id=_number(request, "entry"),
            fulfilment_id=_number(request, "fulfilment"),
            order_line_id=_number(request, "line"),
            actor=get_actor(request),
            moment=clock.current_moment(),
        )
    except BadInput as fault:
        return _refuse(request, task_id, fault)
    if done.other_places:
        said = _("The order gets them from {places} instead.").format(places=", ".join(done.other_places))
    else:
        said = _("The order waits for them.")
    messages.success(request, said)
    return redirect("counts:show", task_id)


def _decide(request: HttpRequest, task_id: int, decide: Callable[..., DecidedCount]) -> HttpResponse:
    try:
        done = decide(task_id=task_id, actor=get_actor(request), moment=clock.current_moment(), note=_note(request))
    except BadInput as fault:
        return _refuse(request, task_id, fault)
    match done.state, done.outcome:
        case "approved", "misplaced":
            messages.success(request, _("The goods are moved to where they were found; the stock is as it was."))
        case "approved", _outcome:
            messages.success(request, _("Booked: stock and bin are as counted."))
        case "rejected", _outcome:
            messages.success(request, _("Rejected: nothing was booked."))
        case "counted", _outcome:
            messages.warning(request, _("Not booked: less would be left than is promised. The orders stand below."))
        case _, "late":
            messages.warning(request, _("Goods moved after the count. The bin is counted again."))
        case _:
            messages.success(request, _("The bin is counted again by somebody else."))
    return redirect("counts:show", task_id)


def _refuse(request: HttpRequest, task_id: int, fault: BadInput) -> HttpResponse:
    return draw(request, task_id=task_id, refusal=explain_error(error=fault, translate=_), status=_UNPROCESSABLE)


def _note(request: HttpRequest) -> str:
    return request.POST.get("note", "").replace("\x00", "").strip()[:_LONGEST_NOTE]


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
