"""Transfers between places, stock that is too much, and what a budget pays for."""

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.inventory import queries as inventory
from reorder.domain.purchasing import transfers
from reorder.domain.purchasing.errors import BadLane
from reorder.domain.purchasing.transfers import TransferRow
from reorder.domain.staff.rules import Ability, Actor
from reorder.flows import restock
from reorder.insights import stock_policy
from reorder.kernel import clock
from reorder.kernel.errors import ReorderError, explain_error
from reorder.kernel.formatting import format_money
from reorder.kernel.money import BadAmount, minor_digits, parse_money
from reorder.web.access import desk, get_actor
from reorder.web.buying.reading import clean
from reorder.web.templatetags.reorder import reason

_EXCESS_SHOWN = 200
_BUDGET_SHOWN = 60
_MOST_ID = 2**63 - 1


@desk(Ability.VIEW_BUYING)
def index(request: HttpRequest) -> HttpResponse:
    actor = get_actor(request)
    proposed = stock_policy.see_transfers(actor=actor, state=transfers.OPEN)
    on_way = stock_policy.see_transfers(actor=actor, state=transfers.IN_TRANSIT)
    context = {
        "proposed": [_told(row) for row in proposed],
        "on_way": [_told(row) for row in on_way],
        "lanes": [
            (lane, _shop_money(lane.transfer_cost_minor), _shop_money(lane.unit_cost_minor))
            for lane in transfers.list_lanes()
        ],
        "places": [place for place in inventory.list_places() if place.kind != "supplier"],
        "currency": settings.REORDER.currency,
        "state": _state(len(proposed), len(on_way)),
        "may_decide": actor.may(Ability.DECIDE_PROPOSALS),
        "may_receive": actor.may(Ability.RECEIVE_GOODS),
        "may_manage": actor.may(Ability.MANAGE_PLACES),
    }
    return render(request, "buying/transfers.html", context)


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def send(request: HttpRequest) -> HttpResponse:
    """What is ticked leaves its source."""

    def work(actor: Actor, ids: Sequence[int]) -> int:
        return len(restock.send_transfers(transfer_ids=ids, decided_by=actor.name, moment=clock.current_moment()))

    return _decide(request, state=transfers.OPEN, work=work, said=_said_sent)


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def dismiss(request: HttpRequest) -> HttpResponse:
    """What is ticked stays where it is."""

    def work(actor: Actor, ids: Sequence[int]) -> int:
        return len(restock.dismiss_transfers(transfer_ids=ids, decided_by=actor.name, moment=clock.current_moment()))

    return _decide(request, state=transfers.OPEN, work=work, said=_said_dismissed)


@desk(Ability.RECEIVE_GOODS, method="POST")
def receive(request: HttpRequest) -> HttpResponse:
    """What is ticked has arrived."""

    def work(actor: Actor, ids: Sequence[int]) -> int:
        return len(restock.receive_transfers(transfer_ids=ids, received_by=actor.name, moment=clock.current_moment()))

    return _decide(request, state=transfers.IN_TRANSIT, work=work, said=_said_received)


@desk(Ability.MANAGE_PLACES, method="POST")
def add_lane(request: HttpRequest) -> HttpResponse:
    """Let goods go from one place to another."""
    try:
        costs = [_amount(request, name) for name in ("transfer_cost", "unit_cost")]
        transfers.set_lane(
            source=clean(request.POST.get("source", "")),
            destination=clean(request.POST.get("destination", "")),
            transfer_cost_minor=costs[0],
            unit_cost_minor=costs[1],
            decided_by=get_actor(request).name,
        )
    except ReorderError as fault:
        messages.warning(request, explain_error(error=fault, translate=_))
    else:
        messages.success(request, _("The way is open. The next night proposes transfers on it."))
    return redirect("buying:transfers")


@desk(Ability.MANAGE_PLACES, method="POST")
def remove_lane(request: HttpRequest, lane_id: int) -> HttpResponse:
    """Propose nothing on it any more."""
    try:
        transfers.remove_lane(lane_id=min(lane_id, _MOST_ID), decided_by=get_actor(request).name)
    except BadLane as fault:
        messages.warning(request, explain_error(error=fault, translate=_))
    else:
        messages.success(request, _("The way is closed."))
    return redirect("buying:transfers")


@desk(Ability.VIEW_BUYING)
def excess(request: HttpRequest) -> HttpResponse:
    found = stock_policy.see_excess(actor=get_actor(request), limit=_EXCESS_SHOWN)
    total = _shop_money(found.all_minor)
    context = {
        "rows": [(row, format_money(row.value_minor, currency=row.currency)) for row in found.rows],
        "days": stock_policy.EXCESS_COVER_DAYS,
        "is_cut": found.all_count > len(found.rows),
        "state": ngettext(
            "{count} product at a place has more than sells before long: {money}.",
            "{count} products at places have more than sells before long: {money}.",
            found.all_count,
        ).format(count=found.all_count, money=total)
        if found.all_count
        else _("Nothing stands too long."),
    }
    return render(request, "buying/excess.html", context)


@desk(Ability.VIEW_BUYING)
def budget(request: HttpRequest) -> HttpResponse:
    """What the open proposals come to under a budget: ?amount= in whole units of the shop's currency."""
    text = clean(request.GET.get("amount", "")).strip()
    context: dict[str, Any] = {"amount": text, "currency": settings.REORDER.currency, "seen": None, "fault": ""}
    if text:
        try:
            minor = _parse(text)
        except ReorderError as fault:
            context["fault"] = explain_error(error=fault, translate=_)
            return render(request, "buying/budget.html", context, status=422)
        seen = stock_policy.see_budget(actor=get_actor(request), budget_minor=minor)
        context |= {"seen": seen, "figures": _figures(seen), "lines": _budget_lines(seen)}
        context["is_cut"] = seen.plan.lines.height > _BUDGET_SHOWN
    return render(request, "buying/budget.html", context)


def _figures(seen: stock_policy.BudgetView) -> list[tuple[str, str]]:
    plan = seen.plan
    return [
        (_("Spent"), _major(plan.spent)),
        (_("Lost margin avoided"), _major(plan.avoided_loss)),
        (_("Left out"), _major(plan.left_out_value)),
        (_("Leaving it out costs"), _major(plan.left_out_loss)),
    ]


def _budget_lines(seen: stock_policy.BudgetView) -> list[dict[str, Any]]:
    return [
        row
        | {
            "name": seen.names[row["sku"]],
            "supplier": seen.suppliers[row["sku"], row["place"]],
            "fitted": _major(row["fitted_value"]),
            "running": _major(row["cumulative_value"]),
            "avoided": _major(row["avoided_loss"]),
            "left_value": _major(row["left_out_value"]) if row["left_out_units"] else "",
            "left_loss": _major(row["left_out_loss"]) if row["left_out_units"] else "",
        }
        for row in seen.plan.lines.head(_BUDGET_SHOWN).iter_rows(named=True)
    ]


def _decide(
    request: HttpRequest,
    *,
    state: str,
    work: Callable[[Actor, Sequence[int]], int],
    said: Callable[[int], str],
) -> HttpResponse:
    actor = get_actor(request)
    ids = sorted({int(text) for text in request.POST.getlist("transfer") if text.isascii() and text.isdigit()})
    ids = [number for number in ids if number <= _MOST_ID]
    if not ids:
        messages.warning(request, _("No transfer is ticked. Tick what you want to decide."))
        return redirect("buying:transfers")
    try:
        stock_policy.refuse_other_transfers(actor=actor, state=state, transfer_ids=ids)
        count = work(actor, ids)
    except ReorderError as fault:
        messages.warning(request, explain_error(error=fault, translate=_))
    else:
        messages.success(request, said(count))
    return redirect("buying:transfers")


def _said_sent(count: int) -> str:
    return ngettext("{count} transfer is on the way.", "{count} transfers are on the way.", count).format(count=count)


def _said_dismissed(count: int) -> str:
    return ngettext("{count} transfer turned down.", "{count} transfers turned down.", count).format(count=count)


def _said_received(count: int) -> str:
    return ngettext("{count} transfer received.", "{count} transfers received.", count).format(count=count)


def _state(proposed: int, on_way: int) -> str:
    if not proposed and not on_way:
        return _("Nothing to send, nothing on the way.")
    return _("{proposed} proposed, {on_way} on the way.").format(proposed=proposed, on_way=on_way)


def _told(row: TransferRow) -> tuple[TransferRow, str, str, str]:
    said = reason(row.reason_code, row.reason_parameters)
    return row, said, _shop_money(row.saving_minor), _shop_money(row.cost_minor)


def _amount(request: HttpRequest, name: str) -> int:
    text = clean(request.POST.get(name, "")).strip()
    return _parse(text) if text else 0


def _parse(text: str) -> int:
    minor = parse_money(text=text, currency=settings.REORDER.currency).minor
    if minor < 0:
        raise BadAmount(value=text, currency=settings.REORDER.currency, reason=_("below zero makes no sense here"))
    return minor


def _shop_money(minor: int) -> str:
    return format_money(minor, currency=settings.REORDER.currency)


def _major(amount: float) -> str:
    return _shop_money(round(amount * 10 ** minor_digits(currency=settings.REORDER.currency)))
