"""`reorder proposals`, `approve`, `dismiss`, `orders`, `receive`, `cancel`, `suppliers`: buying from the terminal."""

import datetime as dt
import getpass
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any

import typer
from django.utils.translation import gettext as _

from reorder.cli.language import word
from reorder.cli.screen import Entry, head, local_time, say, show_entries, show_json, show_table
from reorder.cli.start import start_application
from reorder.kernel.errors import BadInput
from reorder.kernel.money import Money
from reorder.kernel.quantity import plain_decimal

if TYPE_CHECKING:
    from reorder.domain.purchasing.delivery_faults import DeliveryFault
    from reorder.domain.purchasing.queries import ProposalRow, PurchaseOrderRow
    from reorder.flows.restock import Received


class BadChoice(BadInput):
    code = "buying.bad_choice"
    template = "Say what to approve in one way: proposal numbers, --supplier CODE or --all. See: reorder proposals"


class BadLine(BadInput):
    code = "buying.bad_line"
    template = "{text!r} is not a counted line. Write SKU=UNITS, for example OOLONG-150=12."


class BadFault(BadInput):
    code = "buying.bad_fault"
    template = "{text!r} is not a fault. Write SKU=KIND:UNITS, for example OOLONG-150=damaged:2."


_By = Annotated[str, typer.Option("--by", help="Who decides.", default_factory=getpass.getuser, show_default="you")]
_Ids = Annotated[list[int], typer.Argument(help="Numbers of proposals.")]
_Number = Annotated[str, typer.Argument(help="Number of the purchase order, for example PO-2026-000123.")]


def proposals(
    *,
    supplier: Annotated[str | None, typer.Option(help="Only this supplier's code.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """What the plan would buy, the most money at risk first, with the reason for each."""
    start_application()
    from reorder.domain.purchasing.queries import get_supplier, list_open_proposals

    if supplier is not None:
        get_supplier(code=supplier)
    rows = list_open_proposals(supplier_code=supplier)
    if as_json:
        show_json([proposal_document(row) for row in rows])
        return
    if not rows:
        say(_("No open proposals. A new plan makes some where stock is low: reorder plan"))
        return
    show_entries(proposal_entries(rows))
    head(_("By supplier"))
    _show_supplier_totals(rows)
    say(_("Approve with: reorder approve NUMBER…, --supplier CODE or --all"))


def approve(
    ids: Annotated[list[int] | None, typer.Argument(help="Numbers of proposals.")] = None,
    *,
    supplier: Annotated[str | None, typer.Option(help="Everything proposed of this supplier.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything proposed.")] = False,
    by: _By,
) -> None:
    """Turn proposals into purchase orders, one a supplier and place, and send them to the suppliers."""
    if sum([bool(ids), supplier is not None, everything]) != 1:
        raise BadChoice
    start_application()
    from reorder.flows import restock
    from reorder.kernel import clock

    moment = clock.current_moment()
    if ids:
        placed = restock.approve(proposal_ids=ids, decided_by=by, moment=moment)
    elif supplier is not None:
        placed = restock.approve_supplier(supplier_code=supplier, decided_by=by, moment=moment)
    else:
        placed = restock.approve_all(decided_by=by, moment=moment)
    _show_placed(placed)


def dismiss(ids: _Ids, *, by: _By) -> None:
    """Turn proposals down; they may come back with the next night."""
    start_application()
    from reorder.flows import restock
    from reorder.kernel import clock

    count = restock.dismiss(proposal_ids=ids, decided_by=by, moment=clock.current_moment())
    say(_("{count} proposals dismissed.").format(count=count))


def orders(
    number: Annotated[str | None, typer.Argument(help="One order, with its lines and its file.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also received and cancelled orders.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Purchase orders that are still to come, or one of them."""
    start_application()
    from reorder.domain.purchasing.queries import get_purchase_order, list_purchase_orders

    if number is not None:
        found = [get_purchase_order(number=number)]
    else:
        found = list_purchase_orders(states=None if everything else ["awaiting_approval", "placed", "partly_received"])
    if as_json:
        show_json([_order_document(order) for order in found])
    elif number is not None:
        _show_order(found[0])
    elif not found:
        say(_("No open purchase orders. See: reorder proposals"))
    else:
        _show_orders(found)


def receive(
    number: _Number,
    *,
    line: Annotated[list[str] | None, typer.Option(help="Counted: SKU=UNITS, once a product. None: all came.")] = None,
    note: Annotated[str | None, typer.Option(help="Number of the delivery note: the same note counts once.")] = None,
    lot: Annotated[str, typer.Option(help="Lot of the goods.")] = "",
    expires: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of the lot.")] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="Not taken: SKU=KIND:UNITS; KIND is short, damaged, wrong_item or quality_refused."),
    ] = None,
    by: _By,
) -> None:
    """Take a delivery into stock: everything that is still to come, or what was counted."""
    counted = parse_lines(line) if line else None
    start_application()
    faults = [parse_fault(text) for text in fault or ()]
    from reorder.flows import restock
    from reorder.kernel import clock

    moment = clock.current_moment()
    received = restock.receive(
        number=number,
        lines=counted,
        lot=lot,
        expires_date=expires.date() if expires else None,
        received_at=moment,
        idempotency_key=note or f"terminal {moment.isoformat()}",
        received_by=by,
        faults=faults,
    )
    _show_received(received)


def cancel(
    number: _Number,
    *,
    line: Annotated[list[str] | None, typer.Option(help="Only these SKUs; the rest of the order stands.")] = None,
    by: _By,
) -> None:
    """Give up what is still to come of a purchase order and tell the supplier; what came stays."""
    start_application()
    from reorder.flows import restock
    from reorder.kernel import clock

    if line:
        order, gone = restock.cancel_lines(number=number, skus=line, moment=clock.current_moment(), decided_by=by)
        say(_("{number} is now {state}. No longer expected:").format(number=number, state=word(order.state)))
        for sku, units in gone.items():
            say(f"  {sku}  {plain_decimal(number=units)}")
        return
    missing = restock.cancel_order(number=number, moment=clock.current_moment(), decided_by=by)
    say(_("{number} is cancelled. No longer expected:").format(number=number))
    for sku, units in missing.items():
        say(f"  {sku}  {plain_decimal(number=units)}")


def suppliers(*, as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False) -> None:
    """Who we buy from, with their terms."""
    start_application()
    from reorder.domain.purchasing.queries import list_suppliers

    found = list_suppliers()
    if as_json:
        show_json([{field: getattr(row, field) for field in row.__slots__} for row in found])
        return
    if not found:
        say(_("No suppliers yet. A product file with a column supplier brings them: reorder import FILE"))
        return
    rows = [
        [
            row.code,
            row.name,
            row.email,
            str(row.lead_days),
            ", ".join(str(day) for day in row.order_weekdays) or _("any"),
            _money(row.minimum_value_minor, row.currency),
            str(row.offers_count),
        ]
        for row in found
    ]
    columns = [_("code"), _("name"), _("e-mail"), _("lead days"), _("order days"), _("minimum order"), _("offers")]
    show_table(columns=columns, rows=rows, right={3, 5, 6})


def proposal_entries(rows: Sequence["ProposalRow"]) -> list[Entry]:
    """Proposals as entries: number and product, units, supplier, money and day, and the reason."""

    return [
        Entry(
            title=f"{row.id}  {row.product_name} ({row.sku})",
            facts=[
                row.place_code,
                _("{units} units from {supplier}").format(units=_units(row), supplier=row.supplier_code),
                _money(row.cost_minor, row.currency),
                _("at risk {money}").format(money=_money(row.risk_minor, row.risk_currency)),
                _("order by {date}").format(date=f"{row.order_by_date:%m-%d}"),
            ],
            reason=_reason(row),
        )
        for row in rows
    ]


def proposal_document(row: "ProposalRow") -> dict[str, Any]:
    """A proposal as a machine reads it; money in minor units."""
    return {field: getattr(row, field) for field in row.__slots__} | {"reason": _reason(row)}


def parse_lines(texts: Sequence[str]) -> dict[str, Decimal]:
    """Counted units by SKU from SKU=UNITS; a product given twice is summed. Raises BadLine."""
    counted: dict[str, Decimal] = {}
    for text in texts:
        sku, sign, units = text.rpartition("=")
        try:
            number = Decimal(units.strip())
        except InvalidOperation:
            raise BadLine(text=text) from None
        if not sign or not sku.strip():
            raise BadLine(text=text)
        counted[sku.strip()] = counted.get(sku.strip(), Decimal(0)) + number
    return counted


def parse_fault(text: str) -> "DeliveryFault":
    """Units that were not as ordered, from SKU=KIND:UNITS. Raises BadFault."""
    from reorder.domain.purchasing.delivery_faults import DeliveryFault

    sku, sign, rest = text.rpartition("=")
    kind, colon, units = rest.partition(":")
    try:
        number = Decimal(units.strip())
    except InvalidOperation:
        raise BadFault(text=text) from None
    if not (sign and colon and sku.strip()):
        raise BadFault(text=text)
    return DeliveryFault(sku=sku.strip(), kind=kind.strip(), units=number)


def _units(row: "ProposalRow") -> str:
    """`60`, or `5 × case (60)` where it is bought by the case."""
    plain = plain_decimal(number=row.units)
    if not row.order_unit:
        return plain
    return f"{plain_decimal(number=round(row.units / row.order_unit_units, 2))} × {row.order_unit} ({plain})"


def _reason(row: "ProposalRow") -> str:
    from reorder.engine.reasons import render

    return render(code=row.reason_code, parameters=row.reason_parameters, translate=_)


def _money(minor: int, currency: str) -> str:
    return f"{Money(minor, currency).major:,} {currency}"


def _show_supplier_totals(rows: Sequence["ProposalRow"]) -> None:
    from reorder.domain.purchasing.queries import list_suppliers

    minimums = {row.code: row.minimum_value_minor for row in list_suppliers()}
    cells = []
    for code in sorted({row.supplier_code for row in rows}):
        own = [row for row in rows if row.supplier_code == code]
        cost = sum(row.cost_minor for row in own)
        short = _("below the minimum of {amount}").format(amount=_money(minimums[code], own[0].currency))
        cells.append(
            [
                code,
                own[0].supplier_name,
                str(len(own)),
                _money(cost, own[0].currency),
                short if cost < minimums[code] else "",
            ]
        )
    show_table(columns=[_("supplier"), _("name"), _("proposals"), _("cost"), ""], rows=cells, right={2, 3})


def _show_placed(placed: Sequence["PurchaseOrderRow"]) -> None:
    from django.conf import settings

    for order in placed:
        if order.state == "awaiting_approval":
            say(
                _("{number}: {cost}, {supplier} → {place}; above the limit, another must agree: {command}").format(
                    number=order.number,
                    cost=_money(order.cost_minor, order.currency),
                    supplier=order.supplier_name,
                    place=order.place_code,
                    command=f"reorder release {order.number}",
                )
            )
            continue
        sent = (
            _("e-mail to {address}").format(address=order.supplier_email)
            if order.supplier_email
            else _("no e-mail address: send the file yourself")
        )
        say(
            _("{number}: {lines} lines, {cost}, {supplier} → {place}, expected {date}; {sent}").format(
                number=order.number,
                lines=len(order.lines),
                cost=_money(order.cost_minor, order.currency),
                supplier=order.supplier_name,
                place=order.place_code,
                date=order.expected_date,
                sent=sent,
            )
        )
        if order.cost_minor < order.minimum_value_minor:
            minimum = _money(order.minimum_value_minor, order.currency)
            say("  " + _("Mind: this is below the supplier's minimum of {amount}.").format(amount=minimum))
    if any(order.state == "placed" for order in placed):
        say(_("Files are in {folder}").format(folder=settings.HOME / "purchase-orders"))


def _show_orders(found: Sequence["PurchaseOrderRow"]) -> None:
    rows = [
        [
            order.number,
            order.supplier_name,
            order.place_code,
            word(order.state),
            local_time(order.placed_at)[:10],
            f"{order.expected_date:%Y-%m-%d}",
            str(len(order.lines)),
            _money(order.cost_minor, order.currency),
        ]
        for order in found
    ]
    columns = [_("order"), _("supplier"), _("place"), _("state"), _("placed"), _("expected"), _("lines"), _("cost")]
    show_table(columns=columns, rows=rows, right={6, 7})


def _show_order(order: "PurchaseOrderRow") -> None:
    from reorder.flows.restock import save_order_files

    _show_orders([order])
    rows = [
        [
            line.sku,
            line.product_name,
            plain_decimal(number=line.ordered_units),
            plain_decimal(number=line.received_units),
            plain_decimal(number=line.missing_units),
            _money(line.unit_cost_minor, order.currency),
        ]
        for line in order.lines
    ]
    say()
    columns = [_("SKU"), _("product"), _("ordered"), _("received"), _("missing"), _("unit cost")]
    show_table(columns=columns, rows=rows, right={2, 3, 4, 5})
    (file,) = save_order_files(orders=[order])
    say(_("File: {file}").format(file=file))


def _show_received(received: "Received") -> None:

    order = received.order
    if not received.is_new:
        say(_("This delivery of {number} was received before; nothing changed.").format(number=order.number))
        return
    say(
        _("{number} at {place}: {lines} lines received, now {state}.").format(
            number=order.number,
            place=order.place_code,
            lines=len(received.counted),
            state=word(order.state),
        )
    )
    for sku, units in received.extra.items():
        say(
            "  "
            + _("{sku}: {units} more than ordered, taken as counted").format(sku=sku, units=plain_decimal(number=units))
        )
    for sku, units in received.missing.items():
        say("  " + _("{sku}: {units} still to come").format(sku=sku, units=plain_decimal(number=units)))


def _order_document(order: "PurchaseOrderRow") -> dict[str, Any]:
    document = {field: getattr(order, field) for field in order.__slots__ if field != "lines"}
    return document | {
        "lines": [{field: getattr(line, field) for field in line.__slots__} for line in order.lines],
    }


def register(app: typer.Typer) -> None:
    for command in (proposals, approve, dismiss, orders, receive, cancel, suppliers):
        app.command()(command)
