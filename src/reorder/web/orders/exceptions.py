"""What needs a human: one row an order with the problem in words, and what resolves it."""

from collections.abc import Mapping
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.orders.rules import JUDGED_HOLDS
from reorder.domain.staff.rules import Ability
from reorder.insights import order_problems
from reorder.insights.order_problems import KINDS, ProblemOrder
from reorder.kernel import clock
from reorder.web.access import desk, get_actor
from reorder.web.lists import BadCursor, decode_cursor, encode_cursor
from reorder.web.orders import views, words
from reorder.web.orders.done import take_done
from reorder.web.orders.forms import AddressForm

PAGE_SIZE = 30
JUDGED_HOLDS_SET: Final = frozenset(JUDGED_HOLDS)


@desk(Ability.VIEW_ORDERS)
def index(request: HttpRequest) -> HttpResponse:
    """The queue, the most money at risk first."""
    actor, moment = get_actor(request), clock.current_moment()
    asked = request.GET.get("kind", "")
    kind = asked if asked in KINDS else ""
    page = order_problems.list_problems(actor=actor, moment=moment, kind=kind, after=_after(request), limit=PAGE_SIZE)
    counts = order_problems.count_problems(actor=actor, moment=moment)
    held = [one.ship_to_id for one in page.rows if "address" in one.problems and one.ship_to_id]
    addresses = order_problems.list_addresses(ids=held) if held else {}
    next_url = ""
    if page.next_after:
        next_url = f"{reverse('orders:exceptions')}?kind={kind}&after={encode_cursor(page.next_after)}"
    context = {
        "rows": [row_of(one, addresses=addresses) for one in page.rows],
        "tabs": _tabs(counts, kind),
        "kind": kind,
        "state": views.state_sentence((), counts),
        "next_url": next_url,
        "is_first": "after" not in request.GET,
        "done": take_done(request),
        "may_manage": actor.may(Ability.MANAGE_ORDERS),
    }
    return render(request, "orders/exceptions.html", context)


def row_of(order: ProblemOrder, *, addresses: Mapping[int, ShippingAddress]) -> dict[str, object]:
    """One order of the queue with its problems in words, and what resolves them with one click."""
    moment, kinds = clock.current_moment(), set(order.problems)
    is_back = order.state in {"placed", "allocated"}
    judged = bool(JUDGED_HOLDS_SET & set(order.hold_reasons))
    waits = set(order.hold_reasons) - JUDGED_HOLDS_SET - {"requested_date"}
    form = None
    if "address" in kinds and is_back:
        form = AddressForm.of(addresses.get(order.ship_to_id or 0), prefix="address")
        form.auto_id = f"id_{order.id}_%s"
    return {
        "order": order,
        "name": _("Erased customer") if order.is_erased else order.customer_name or order.customer_key,
        "state": words.mark(
            key=words.state_key(state=order.state, fulfilment="reorder", hold_reasons=order.hold_reasons),
            templates=words.STATE_TEMPLATES,
        ),
        "problems": [
            (
                kind,
                words.mark(key=kind, templates=words.PROBLEM_TEMPLATES),
                words.problem_words(kind=kind, order=order, moment=moment),
            )
            for kind in order.problems
        ],
        "is_bad": any(words.problem_tone(kind) == "now" for kind in kinds),
        "address_form": form,
        "can_pay": "unpaid" in kinds,
        "can_go_ahead": "out_of_stock" in kinds and is_back and order.can_part,
        "can_reroute": bool({"out_of_stock", "unallocated", "late"} & kinds) and is_back,
        "can_merge": "duplicate" in kinds and is_back,
        "can_release": is_back and order.state == "allocated" and not waits and (judged or "late" in kinds),
        "can_let_go": is_back and judged,
        "can_cancel": order.state not in {"shipped", "delivered", "cancelled"},
    }


def _tabs(counts: list[order_problems.ProblemCount], kind: str) -> list[tuple[str, str, int, bool]]:
    base = reverse("orders:exceptions")
    sums: dict[str, int] = {}
    for one in counts:
        sums[one.kind] = sums.get(one.kind, 0) + one.orders_count
    tabs = [(_("All"), base, sums.get("any", 0), not kind)]
    tabs += [
        (_(words.PROBLEM_TEMPLATES[one]), f"{base}?kind={one}", sums.get(one, 0), one == kind)
        for one in KINDS
        if one in sums or one == kind
    ]
    return tabs


def _after(request: HttpRequest) -> tuple[int, int] | None:
    if "after" not in request.GET:
        return None
    match decode_cursor(request.GET["after"]):
        case (int(risk), int(order_id)) if abs(risk) < 2**63 and 0 < order_id < 2**63:
            return risk, order_id
    raise BadCursor
