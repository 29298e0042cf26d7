"""`reorder orders`: orders that we fulfil, what happened to one, and the steps that a person takes in the terminal."""

import getpass
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.cli.language import explain_error
from reorder.cli.screen import Entry, head, local_time, say, show_entries, show_json, show_table
from reorder.cli.start import start_application
from reorder.kernel.errors import BadInput, NotFound

if TYPE_CHECKING:
    from reorder.domain.staff.rules import Actor
    from reorder.insights.order_list import OrderListRow
    from reorder.insights.order_page import OrderPage

orders = typer.Typer(help="Orders that this shop fulfils: on their way, held, cancelled.", invoke_without_command=True)
_TABS: Final = ("release", "goods", "payment", "hold", "warehouse", "shipped", "delivered", "cancelled", "all")
_MOST_SHOWN: Final = 500
_Json = Annotated[bool, typer.Option("--json", help="Machine-readable.")]
_By = Annotated[str, typer.Option("--by", help="Who decides.", default_factory=getpass.getuser, show_default="you")]
_Order = Annotated[str, typer.Argument(metavar="ORDER", help="Number of the order, or CHANNEL:NUMBER.")]
_Orders = Annotated[list[str], typer.Argument(metavar="ORDER...", help="Numbers of orders, or CHANNEL:NUMBER.")]
_Reason = Annotated[str, typer.Option("--reason", help="Why; it stays with the order.")]


class BadOrderList(BadInput):
    code = "orders.bad_list"
    template = "{text!r} is not known. Write one of: {known}"


class OrderNotFound(NotFound):
    code = "orders.not_found"
    template = "There is no order {number} that this shop fulfils."


class OrderAmbiguous(BadInput):
    """Two channels use one number."""

    code = "orders.ambiguous"
    template = "Several orders have the number {number}. Write which one: {known}"


@orders.callback()
def list_orders(
    context: typer.Context,
    *,
    state: Annotated[
        str,
        typer.Option("--state", help="release, goods, payment, hold, warehouse, shipped, delivered, cancelled or all."),
    ] = "all",
    search: Annotated[str, typer.Option("--search", help="A number, name, phone, product, tracking number.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=_MOST_SHOWN, help="How many at most.")] = 20,
    as_json: _Json = False,
) -> None:
    """List orders, the newest first: all of them, or those for which the same is next."""
    if context.invoked_subcommand:
        return
    if state not in _TABS:
        raise BadOrderList(text=state, known=", ".join(_TABS))
    start_application()
    from reorder.insights import order_list

    asked = order_list.Asked(tab=state, search=search)
    rows = order_list.list_orders(actor=_actor(getpass.getuser()), asked=asked, after=None, limit=limit).rows
    if as_json:
        show_json([_plain(row) for row in rows])
        return
    show_entries(_entry(row) for row in rows)
    if not rows:
        say(_("No order is like this."))


@orders.command("show")
def show_order(order: _Order, *, as_json: _Json = False) -> None:
    """Show one order: its lines, its parcels, its money, and everything that happened to it."""
    start_application()
    from reorder.insights.order_page import get_order_page

    actor = _actor(getpass.getuser())
    page = get_order_page(actor=actor, order_id=_number(order, actor=actor))
    if as_json:
        show_json(_page_plain(page))
        return
    _show_page(page)


@orders.command("release")
def release_orders(order: _Orders, *, by: _By) -> None:
    """Give orders to the warehouse; those that cannot go say why."""
    start_application()
    from reorder.flows import fulfil
    from reorder.kernel import clock

    actor = _actor(by)
    numbers = {_number(one, actor=actor): one for one in order}
    done = fulfil.release_orders(order_ids=list(numbers), actor=actor, moment=clock.current_moment())
    count = len(done.order_ids)
    say(ngettext("{count} order is released.", "{count} orders are released.", count).format(count=count))
    for left in done.left:
        say(explain_error(left.fault))
    if done.left:
        raise typer.Exit(1)


@orders.command("cancel")
def cancel_order(order: _Order, *, reason: _Reason = "", by: _By) -> None:
    """Cancel an order: its goods are free again, what was paid goes back."""
    start_application()
    from reorder.flows import fulfil
    from reorder.kernel import clock

    actor = _actor(by)
    done = fulfil.cancel_order(
        order_id=_number(order, actor=actor), reason=reason, actor=actor, moment=clock.current_moment()
    )
    if not done.is_new:
        say(_("{number} was cancelled before.").format(number=order))
        return
    say(_("{number} is cancelled.").format(number=order))
    if done.refund_minor:
        say(_("What was paid is to be refunded; the worker sees to it."))


@orders.command("hold")
def hold_order(
    order: _Order,
    *,
    reason: Annotated[str, typer.Option("--reason", help="manual, address, duplicate or fraud.")] = "manual",
    note: Annotated[str, typer.Option("--note", help="What others should know.")] = "",
    by: _By,
) -> None:
    """Let an order wait until somebody lets it go."""
    start_application()
    from reorder.flows import fulfil
    from reorder.kernel import clock

    actor = _actor(by)
    fulfil.hold_order(
        order_id=_number(order, actor=actor), reason=reason, note=note, actor=actor, moment=clock.current_moment()
    )
    say(_("{number} is held.").format(number=order))


@orders.command("unhold")
def unhold_order(order: _Order, *, by: _By) -> None:
    """Take the reasons away for which people hold an order."""
    start_application()
    from reorder.flows import fulfil
    from reorder.kernel import clock
    from reorder.web.orders.words import hold_words

    actor = _actor(by)
    left = fulfil.unhold_order(order_id=_number(order, actor=actor), actor=actor, moment=clock.current_moment())
    if left:
        words = ", ".join(hold_words(one) for one in left)
        say(_("{number} still waits: {reasons}").format(number=order, reasons=words))
    else:
        say(_("{number} is held no longer.").format(number=order))


def _actor(name: str) -> "Actor":
    """Who has the terminal may do everything."""
    from reorder.domain.staff.rules import Ability, Actor

    return Actor(name=name, abilities=frozenset(Ability))


def _number(text: str, *, actor: "Actor") -> int:
    """The order that a person means, by its number within its channel."""
    from reorder.insights import order_list

    asked = order_list.Asked(tab=order_list.ALL, search=text)
    channel, colon, number = text.partition(":")
    rows = list(order_list.list_orders(actor=actor, asked=asked, after=None, limit=50).rows)
    found = [row for row in rows if row.external_id == text]
    if not found and colon:
        asked = order_list.Asked(tab=order_list.ALL, search=number)
        rows = list(order_list.list_orders(actor=actor, asked=asked, after=None, limit=50).rows)
        found = [row for row in rows if (row.channel, row.external_id) == (channel, number)]
    if not found:
        raise OrderNotFound(number=text)
    if len(found) > 1:
        raise OrderAmbiguous(number=text, known=", ".join(f"{row.channel}:{row.external_id}" for row in found))
    return found[0].id


def _entry(row: "OrderListRow") -> Entry:
    from reorder.kernel.formatting import format_money
    from reorder.web.orders import words

    key = words.state_key(state=row.state, fulfilment=row.fulfilment, hold_reasons=row.hold_reasons)
    worth = row.worth_minor
    return Entry(
        title=f"{row.external_id}  {row.customer_name or row.customer_key}",
        facts=[
            str(_(words.STATE_TEMPLATES.get(key, key))),
            local_time(row.ordered_at),
            "" if worth is None else format_money(worth, currency=row.currency),
            words.payment_words(row.payment_state),
            ", ".join(row.places),
        ],
        reason=", ".join(words.hold_words(one) for one in row.hold_reasons),
    )


def _show_page(page: "OrderPage") -> None:
    from reorder.kernel.formatting import format_money
    from reorder.web.orders import words

    facts = page.facts
    total = facts.total_minor
    show_entries(
        [
            Entry(
                title=f"{facts.external_id}  {facts.customer_name or facts.customer_key}",
                facts=[
                    str(_(words.STATE_TEMPLATES.get(facts.state, facts.state))),
                    local_time(facts.ordered_at),
                    "" if total is None else format_money(total, currency=facts.currency),
                    words.payment_words(facts.payment_state),
                ],
                reason=", ".join(words.hold_words(one) for one in facts.hold_reasons),
            )
        ]
    )
    _show_goods(page)
    _show_events(page)


def _show_goods(page: "OrderPage") -> None:
    from reorder.kernel.quantity import plain_decimal
    from reorder.web.orders import words

    head(_("Lines"))
    show_table(
        columns=[_("Line"), _("SKU"), _("Units")],
        rows=[[line.line_key, line.sku, plain_decimal(number=line.units)] for line in page.lines],
        right={2},
    )
    head(_("Parcels"))
    show_table(
        columns=[_("Place"), _("State"), _("Carrier"), _("Tracking number")],
        rows=[
            [
                part.place_code,
                str(_(words.PART_TEMPLATES.get(part.state, part.state))),
                part.carrier,
                part.tracking_number,
            ]
            for part in page.parts
        ],
    )


def _show_events(page: "OrderPage") -> None:
    from reorder.web.orders import words
    from reorder.web.orders.events import EVENT_TEMPLATES

    head(_("What happened"))
    show_table(
        columns=[_("When"), _("What"), _("Who"), _("Reason")],
        rows=[
            [
                local_time(event.happened_at),
                str(_(EVENT_TEMPLATES.get(event.kind, event.kind))),
                event.actor,
                words.hold_words(event.reason) if event.kind in {"held", "unheld"} else event.reason,
            ]
            for event in page.events
        ],
    )


def _plain(row: "OrderListRow") -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


def _page_plain(page: "OrderPage") -> dict[str, Any]:
    return {
        "order": {name: getattr(page.facts, name) for name in page.facts.__slots__},
        "lines": [{name: getattr(line, name) for name in line.__slots__} for line in page.lines],
        "parcels": [{name: getattr(part, name) for name in part.__slots__} for part in page.parts],
        "events": [{name: getattr(event, name) for name in event.__slots__} for event in page.events],
    }


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the application."""
    app.add_typer(orders, name="orders")
