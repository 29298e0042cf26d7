"""Buying labels, one or many; giving them back; settling those that nobody knows of."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.domain.shipping.label_batches import get_batch
from reorder.domain.shipping.labels import LabelRow
from reorder.domain.staff.errors import NotAllowed
from reorder.domain.staff.rules import Ability
from reorder.flows import labels
from reorder.flows.labels import LabelWish
from reorder.insights.parcel_facts import get_parcel_facts, list_parcel_facts
from reorder.kernel import clock
from reorder.kernel.errors import NotFound, ReorderError, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.parcels.views import draw
from reorder.web.setup.carrier_words import say_label_fault

_do = Ability.FULFIL_ORDERS
_MOST_PICKED = 500


@desk(_do, method="POST")
def buy(request: HttpRequest, parcel_id: int) -> HttpResponse:
    """Buy one label, of the service that was chosen, or of the best; the form's key makes a second click the same."""
    wish = LabelWish(
        parcel_id=parcel_id,
        key=f"desk:{parcel_id}:{request.POST.get('key', '')[:64]}",
        service_code=request.POST.get("service", "")[:60],
    )
    return _act(request, parcel_id, lambda: _say(request, labels.buy_label(
        wish=wish, actor=get_actor(request), moment=clock.current_moment()
    )))  # fmt: skip


@desk(_do, method="POST")
def void(request: HttpRequest, label_id: int) -> HttpResponse:
    """Give a label back."""
    parcel_id = _parcel_of(request, label_id)

    def work() -> None:
        row = labels.void_label(label_id=label_id, actor=get_actor(request), moment=clock.current_moment())
        if row.state == "voided":
            messages.success(request, _("The label is given back."))
        else:
            messages.info(request, _("The carrier was asked to take it back, and is asked until it has answered."))

    return _act(request, parcel_id, work)


@desk(_do, method="POST")
def ask(request: HttpRequest, label_id: int) -> HttpResponse:
    """Ask the carrier now what became of a label."""
    parcel_id = _parcel_of(request, label_id)
    return _act(request, parcel_id, lambda: _say(request, labels.ask_again(
        label_id=label_id, actor=get_actor(request), moment=clock.current_moment()
    )))  # fmt: skip


@desk(_do, method="POST")
def decide_bought(request: HttpRequest, label_id: int) -> HttpResponse:
    """A person found it at the carrier."""
    parcel_id = _parcel_of(request, label_id)
    number = request.POST.get("tracking_number", "")[:80]
    return _act(request, parcel_id, lambda: _say(request, labels.decide_bought(
        label_id=label_id, tracking_number=number, actor=get_actor(request), moment=clock.current_moment()
    )))  # fmt: skip


@desk(_do, method="POST")
def decide_not_bought(request: HttpRequest, label_id: int) -> HttpResponse:
    """A person saw that it was not bought."""
    parcel_id = _parcel_of(request, label_id)

    def work() -> None:
        labels.decide_not_bought(label_id=label_id, actor=get_actor(request), moment=clock.current_moment())
        messages.success(request, _("It counts as not bought. Another label can be bought now."))

    return _act(request, parcel_id, work)


@desk(_do, method="POST")
def buy_many(request: HttpRequest) -> HttpResponse:
    """Labels for the parcels that are ticked, or for all of a place that wait for one."""
    actor = get_actor(request)
    picked = [int(one) for one in request.POST.getlist("id")[:_MOST_PICKED] if one.isdecimal() and len(one) < 18]
    places = {one.place_code for one in list_parcel_facts(parcel_ids=picked, actor=actor)} if picked else set()
    place = next(iter(places)) if len(places) == 1 else request.POST.get("place", "").replace("\x00", "")[:60]
    if len(places) > 1:
        messages.error(request, _("The parcels stand at several places. Choose those of one place."))
        return redirect("parcels:index")
    try:
        if not actor.may_at(place):
            raise NotAllowed(actor=actor.name, ability="fulfil orders")
        made = labels.ask_for_labels(place_code=place, actor=actor, moment=clock.current_moment(), parcel_ids=picked)
    except ReorderError as fault:
        messages.error(request, explain_error(error=fault, translate=_))
        return redirect("parcels:index")
    return redirect("parcels:batch", batch_id=made.id)


@desk(_do)
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """How far a batch is, and which parcels got no label and why."""
    return render(request, "parcels/batch.html", _batch(request, batch_id))


@desk(_do)
def progress(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The part of the page that changes."""
    return render(request, "parcels/_batch.html", _batch(request, batch_id))


def _batch(request: HttpRequest, batch_id: int) -> dict[str, object]:
    row = get_batch(batch_id=batch_id)
    if not get_actor(request).may_at(row.place_code):
        raise NotFound(what="batch of labels", key=batch_id)
    failed = [int(key) for key in row.faults]
    numbers = {one.id: one.number for one in list_parcel_facts(parcel_ids=failed, actor=get_actor(request))}
    return {
        "batch": row,
        "total": len(row.parcel_ids),
        "faults": [(key, numbers.get(key, key), say_label_fault(row.faults[str(key)])) for key in failed],
        "bought": len(row.parcel_ids) - len(failed),
    }


def _say(request: HttpRequest, row: LabelRow) -> None:
    if row.state == "bought":
        messages.success(request, _("The label is bought: {number}.").format(number=row.tracking_number))
    elif row.state == "failed":
        messages.error(request, _("No label was bought. {fault}").format(fault=say_label_fault(row.fault)))
    else:
        messages.warning(
            request,
            _("Nobody knows yet whether the label was bought. {fault}").format(fault=say_label_fault(row.fault)),
        )


def _parcel_of(request: HttpRequest, label_id: int) -> int:
    return labels.get_label_at(label_id=label_id, actor=get_actor(request)).parcel_id


def _act(request: HttpRequest, parcel_id: int, work: Callable[[], None]) -> HttpResponse:
    """Do it and show the parcel again; what cannot be done is said on the same page."""
    try:
        work()
    except NotFound:
        raise
    except ReorderError as fault:
        row = get_parcel_facts(parcel_id=parcel_id, actor=get_actor(request))
        choice = labels.choose_from_table(row=row, moment=clock.current_moment())
        said = explain_error(error=fault, translate=_)
        return draw(request, row, choice, fault=said, status=status_of(fault))
    return redirect("parcels:parcel", parcel_id=parcel_id)
