"""The purchase order as CSV (no cell can act as a formula) and X12 for machines, and as PDF for people."""

import csv
import datetime as dt
import io

from django.conf import settings

from reorder.domain.purchasing import operations, queries
from reorder.domain.purchasing.errors import ExchangeNotSetUp
from reorder.domain.purchasing.queries import OrderLineRow, PurchaseOrderRow
from reorder.flows.documents import purchase_order_pdf
from reorder.flows.documents.x12 import X12Parties, purchase_order_x12
from reorder.kernel.money import Money
from reorder.kernel.quantity import plain_decimal
from reorder.kernel.spreadsheets import harmless_cell

COLUMNS = (
    "order_number",
    "ordered_date",
    "expected_date",
    "deliver_to",
    "deliver_to_name",
    "line",
    "supplier_sku",
    "sku",
    "name",
    "units",
    "unit_cost",
    "line_cost",
    "currency",
    "order_unit",
    "order_units",
    "order_unit_cost",
)


def order_as_csv(*, order: PurchaseOrderRow, placed_date: dt.date) -> bytes:
    """The order as CSV, UTF-8 with a byte-order mark so that spreadsheets read Chinese names; the same bytes always."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for number, line in enumerate(order.lines, start=1):
        cells = (
            order.number,
            placed_date.isoformat(),
            (order.asked_date or order.expected_date).isoformat(),
            order.place_code,
            order.place_name,
            str(number),
            line.supplier_sku,
            line.sku,
            line.product_name,
            plain_decimal(number=line.ordered_units),
            str(Money(line.unit_cost_minor, order.currency).major),
            str(Money(line.cost_minor, order.currency).major),
            order.currency,
            *_order_unit(line, currency=order.currency),
        )
        writer.writerow([harmless_cell(text=cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig")


def _order_unit(line: OrderLineRow, *, currency: str) -> tuple[str, str, str]:
    """What a line is bought by, how many of it, and the price of one; empty where it is bought by the selling unit."""
    if not line.order_unit:
        return "", "", ""
    price = line.order_unit_cost_minor
    return (
        line.order_unit,
        plain_decimal(number=line.ordered_units / line.order_unit_units),
        "" if price is None else str(Money(price, currency).major),
    )


def order_as_pdf(*, order: PurchaseOrderRow, language: str) -> bytes:
    """The order as PDF in English or Traditional Chinese; the same bytes always."""
    return purchase_order_pdf(
        order=order,
        language=language,
        shop_name=settings.REORDER.shop_name,
        shop_mail=settings.REORDER.mail_from,
        time_zone=settings.REORDER.time_zone,
    )


def order_as_x12(*, order: PurchaseOrderRow, moment: dt.datetime) -> bytes:
    """The order as X12 850; the first call takes its control number, and the bytes are the same ever after.

    Raises ExchangeNotSetUp when the supplier's interchange ids are not known.
    """
    terms = queries.get_document_terms(supplier_code=order.supplier_code)
    if not terms.can_exchange:
        raise ExchangeNotSetUp(supplier=order.supplier_name)
    return purchase_order_x12(
        order=order,
        parties=X12Parties(terms=terms, shop_name=settings.REORDER.shop_name),
        control_number=operations.take_control_number(order_id=order.id, moment=moment),
        time_zone=settings.REORDER.time_zone,
    )
