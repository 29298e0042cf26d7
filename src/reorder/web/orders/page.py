"""The page of one order: what comes next, where each part comes from, money, and what happened."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from reorder.domain.orders.rules import UNSHIPPED
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights import order_page, order_problems
from reorder.insights.order_page import OrderFacts, OrderPage
from reorder.kernel import clock
from reorder.kernel.clock import date_at
from reorder.web.access import desk, get_actor
from reorder.web.orders import words
from reorder.web.orders.done import take_done
from reorder.web.orders.events import shown_events
from reorder.web.orders.forms import AddressForm, CancelForm, HoldForm, NoteForm, PayForm
from reorder.web.orders.next_step import next_step
from reorder.web.orders.splitting import money_rows, price_reasons, shown_decisions, shown_lines, shown_parts
from reorder.web.orders.wishes import shown_returns
from reorder.web.tracking.showing import shown_parcels

_BOXED = frozenset({"packed", "shipped", "delivered"})


@desk(Ability.VIEW_ORDERS)
def show(request: HttpRequest, order_id: int) -> HttpResponse:
    """The page of one order."""
    return show_order(request, order_id)


@desk(Ability.VIEW_ORDERS)
def side(request: HttpRequest, order_id: int) -> HttpResponse:
    """The essentials of one order beside the list."""
    actor = get_actor(request)
    page = order_page.get_order_page(actor=actor, order_id=order_id)
    return render(request, "orders/side.html", _context(page=page, actor=actor))


def show_order(
    request: HttpRequest, order_id: int, *, forms: dict[str, Any] | None = None, fault: str = "", status: int = 200
) -> HttpResponse:
    """The page, with a form that was refused, or the fault of what was tried, when there is one."""
    actor = get_actor(request)
    page = order_page.get_order_page(actor=actor, order_id=order_id)
    context = _context(page=page, actor=actor) | _forms(page) | {"fault": fault, "done": take_done(request)}
    return render(request, "orders/order.html", context | (forms or {}), status=status)


def _context(*, page: OrderPage, actor: Actor) -> dict[str, Any]:
    facts = page.facts
    moment = clock.current_moment()
    problem = order_problems.find_problem(actor=actor, order_id=facts.id, moment=moment) if facts.is_ours else None
    abilities = _abilities(facts=facts, actor=actor)
    return {
        "page": page,
        "facts": facts,
        "name": _("Erased customer") if facts.is_erased else facts.customer_name or facts.customer_key,
        "state": words.mark(
            key=words.state_key(state=facts.state, fulfilment=facts.fulfilment, hold_reasons=facts.hold_reasons),
            templates=words.STATE_TEMPLATES,
        ),
        "holds": [
            (one, words.hold_words(one))
            for one in facts.hold_reasons
            if not (one == "out_of_stock" and facts.state == "placed")
        ],
        "payment": words.mark(key=facts.payment_state, templates=words.PAYMENT_TEMPLATES),
        "step": next_step(page=page, may_manage=abilities["may_manage"], may_fulfil=abilities["may_fulfil"]),
        "problems": [
            (kind, words.mark(key=kind, templates=words.PROBLEM_TEMPLATES), said)
            for kind in (problem.problems if problem else ())
            for said in [words.problem_words(kind=kind, order=problem, moment=moment)]  # type: ignore[arg-type]
        ],
        "lines": shown_lines(page),
        "parts": shown_parts(page),
        # Two looks more, for orders that have parcels only.
        "boxes": shown_parcels(order_id=facts.id) if any(part.state in _BOXED for part in page.parts) else [],
        "decisions": shown_decisions(page),
        "money": money_rows(facts),
        "price_reasons": price_reasons(page),
        "returns": shown_returns(page),
        "has_left": any(part.state in {"shipped", "delivered"} for part in page.parts),
        "events": shown_events(page.events, currency=facts.currency),
        "ordered_date": date_at(moment=facts.ordered_at, time_zone=settings.REORDER.time_zone),
        "siblings": [
            {**one, "state_words": words.mark(key=one["state"], templates=words.STATE_TEMPLATES)}
            for one in facts.siblings
        ],
        "waiting_messages": [one for one in page.messages if one.is_waiting and one.purpose == "marketing"],
        "order_messages": [
            one for one in page.messages if one.purpose != "marketing" and one.reason_code != "shop.sign_in"
        ],
        **abilities,
    }


def _abilities(*, facts: OrderFacts, actor: Actor) -> dict[str, bool]:
    """What this person may do with the order as it stands."""
    is_open = facts.is_ours and facts.state in UNSHIPPED
    manages = actor.may(Ability.MANAGE_ORDERS) and facts.is_ours
    is_held_back = facts.state in {"placed", "allocated"}
    return {
        "may_manage": manages,
        "may_fulfil": actor.may(Ability.FULFIL_ORDERS) and facts.is_ours,
        "may_hold": manages and is_held_back,
        "may_cancel": manages and is_open,
        "may_edit": manages and is_held_back,
        "may_see_customer": actor.may(Ability.VIEW_CUSTOMERS),
        "may_see_messages": actor.may(Ability.VIEW_MARKETING_MESSAGES),
        "is_open": is_open,
    }


def _forms(page: OrderPage) -> dict[str, Any]:
    """The forms as they stand before anybody wrote into them."""
    return {
        "note_form": NoteForm(prefix="note"),
        "hold_form": HoldForm(prefix="hold"),
        "cancel_form": CancelForm(prefix="cancel"),
        "address_form": AddressForm.of(page.address, prefix="address"),
        "pay_form": PayForm(prefix="pay"),
    }
