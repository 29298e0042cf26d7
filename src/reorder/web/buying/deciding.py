"""Bulk decisions: order or turn down what is ticked, and take the last decision back."""

import datetime as dt
from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.purchasing.errors import NothingSelected
from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.domain.staff.rules import Ability
from reorder.flows import restock
from reorder.insights import access
from reorder.kernel import clock
from reorder.kernel.errors import Conflict
from reorder.kernel.formatting import format_money
from reorder.web.access import desk, get_actor
from reorder.web.buying.done import Done, find_done, forget, remember
from reorder.web.buying.reading import clean, read_ticked
from reorder.web.buying.views import show_proposals
from reorder.web.buying.words import money_words
from reorder.web.templatetags.reorder import in_a_row, listed

# Until then an undo reaches no supplier.
LETTER_WAIT = dt.timedelta(minutes=2)
_NOTES_SHOWN = 5


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def approve(request: HttpRequest) -> HttpResponse:
    """Order what is ticked; a stale page says what changed and keeps the ticks."""
    actor = get_actor(request)
    ticked = read_ticked(form=request.POST)
    access.refuse_other_places(actor=actor, proposal_ids=sorted(ticked.lines))
    try:
        orders = restock.approve_selection(
            selection=ticked.selection(place_codes=actor.place_codes),
            approval_key=ticked.attempt,
            decided_by=actor.name,
            moment=clock.current_moment(),
            letter_wait=LETTER_WAIT,
        )
    except (Conflict, NothingSelected) as error:
        return show_proposals(request, error=error, kept=ticked)
    remember(request, done=_placed(orders))
    return redirect("buying:index")


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def dismiss(request: HttpRequest) -> HttpResponse:
    """Turn down what is ticked."""
    actor = get_actor(request)
    ticked = read_ticked(form=request.POST)
    access.refuse_other_places(actor=actor, proposal_ids=sorted(ticked.lines))
    try:
        ids = restock.dismiss_selection(
            selection=ticked.selection(place_codes=actor.place_codes),
            decided_by=actor.name,
            moment=clock.current_moment(),
            reason=clean(request.POST.get("reason", "")),
        )
    except (Conflict, NothingSelected) as error:
        return show_proposals(request, error=error, kept=ticked)
    sentence = ngettext("{count} proposal dismissed.", "{count} proposals dismissed.", len(ids))
    note = _("What is still low comes back with the next night.")
    done = Done("dismissed", sentence.format(count=f"{len(ids):,}"), notes=[note], numbers=[], ids=ids)
    remember(request, done=done)
    return redirect("buying:index")


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def undo(request: HttpRequest) -> HttpResponse:
    """Take the last decision back: cancel its orders, or open its proposals again."""
    done = find_done(request)
    if done is None:
        messages.warning(request, _("It is too late to take this back here. Cancel a purchase order on its own page."))
    elif done.kind == "approved":
        _undo_approval(request, done)
    else:
        _undo_dismissal(request, done)
    forget(request)
    return redirect("buying:index")


def _undo_approval(request: HttpRequest, done: Done) -> None:
    actor = get_actor(request)
    access.get_purchase_orders(actor=actor, numbers=done.numbers, ability=Ability.DECIDE_PROPOSALS)
    undone = restock.undo_approval(numbers=done.numbers, decided_by=actor.name, moment=clock.current_moment())
    count = len(undone.cancelled)
    sentence = ngettext("{count} purchase order cancelled.", "{count} purchase orders cancelled.", count)
    opened = ngettext("{count} proposal open again.", "{count} proposals open again.", undone.reopened_count)
    parts = [sentence.format(count=count), opened.format(count=undone.reopened_count)]
    if undone.told_count:
        told = ngettext(
            "{count} supplier had the order already and gets a cancellation.",
            "{count} suppliers had the order already and get a cancellation.",
            undone.told_count,
        )
        parts.append(told.format(count=undone.told_count))
    if undone.kept:
        parts.append(
            _("Not cancelled, because goods have come or it was closed: {numbers}.").format(numbers=listed(undone.kept))
        )
    messages.success(request, in_a_row(*parts))


def _undo_dismissal(request: HttpRequest, done: Done) -> None:
    actor = get_actor(request)
    access.refuse_other_places(actor=actor, proposal_ids=done.ids)
    count = restock.undo_dismissal(proposal_ids=done.ids, decided_by=actor.name)
    text = ngettext("{count} proposal open again.", "{count} proposals open again.", count).format(count=f"{count:,}")
    if count < len(done.ids):
        text = in_a_row(text, _("The rest was replaced by a newer plan meanwhile."))
    messages.success(request, text)


def _placed(orders: Sequence[PurchaseOrderRow]) -> Done:
    waiting = [order for order in orders if order.state == "awaiting_approval"]
    placed = [order for order in orders if order.state != "awaiting_approval"]
    sentences = []
    if placed:
        sentence = ngettext(
            "{count} purchase order placed: {cost}.", "{count} purchase orders placed: {cost}.", len(placed)
        )
        sentences.append(sentence.format(count=len(placed), cost=money_words(_costs(placed))))
    if waiting:
        sentence = ngettext(
            "{count} order above the limit waits for a second person: {cost}.",
            "{count} orders above the limit wait for a second person: {cost}.",
            len(waiting),
        )
        sentences.append(sentence.format(count=len(waiting), cost=money_words(_costs(waiting))))
    notes = [*_minimum_notes(orders), *_mail_notes(placed)]
    return Done(
        "approved",
        in_a_row(*sentences),
        notes=notes,
        numbers=[order.number for order in orders],
        ids=[],
    )


def _costs(orders: Sequence[PurchaseOrderRow]) -> dict[str, int]:
    cost: dict[str, int] = {}
    for order in orders:
        cost[order.currency] = cost.get(order.currency, 0) + order.cost_minor
    return cost


def _minimum_notes(orders: Sequence[PurchaseOrderRow]) -> list[str]:
    small = [order for order in orders if order.cost_minor < order.minimum_value_minor]
    return [
        _("{number} is below the minimum of {supplier}: {minimum}.").format(
            number=order.number,
            supplier=order.supplier_name,
            minimum=format_money(order.minimum_value_minor, currency=order.currency),
        )
        for order in small[:_NOTES_SHOWN]
    ]


def _mail_notes(orders: Sequence[PurchaseOrderRow]) -> list[str]:
    mute = [order for order in orders if not order.supplier_email]
    notes = []
    if len(mute) < len(orders):
        notes.append(_("The letters leave in 2 minutes; an undo before that reaches no supplier."))
    if mute:
        numbers = listed(order.number for order in mute[:_NOTES_SHOWN])
        notes.append(_("No e-mail address is known for {numbers}: send the file yourself.").format(numbers=numbers))
    return notes
