"""A purchase order as PDF, in English or Traditional Chinese. Pure: the same order gives the same bytes."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from reorder.domain.purchasing.queries import OrderLineRow, PurchaseOrderRow
from reorder.flows.documents.sheets import language_of
from reorder.flows.documents.typesetting import printable, typeset, words_in
from reorder.kernel.formatting import format_day
from reorder.kernel.money import Money, minor_digits
from reorder.kernel.quantity import grouped_decimal

_LONG_WORD = re.compile(r"[^\s\u2e80-\uffff]{14,}")


def purchase_order_pdf(
    *, order: PurchaseOrderRow, language: str, shop_name: str, shop_mail: str, time_zone: str
) -> bytes:
    """The order as A4 pages with repeated heads and page numbers; an unknown language is English."""
    chosen = language_of(wanted=language)
    with translation.override(chosen):
        values = _values(
            order=order, language=chosen, shop_name=shop_name, shop_mail=shop_mail, time_zone=ZoneInfo(time_zone)
        )
    return typeset(template="purchase_order", values=values, moment=order.placed_at)


def _values(
    *, order: PurchaseOrderRow, language: str, shop_name: str, shop_mail: str, time_zone: ZoneInfo
) -> dict[str, Any]:
    digits = _decimals(order)

    def day(moment: dt.date) -> str:
        return format_day(moment, language=language)

    return {
        **words_in(language=language),
        "labels": _labels(),
        "shop": printable(shop_name),
        "title": _("Purchase order"),
        "number": order.number,
        "cancelled": _("Cancelled: please do not deliver what is still open.") if order.state == "cancelled" else "",
        "supplier": [printable(text) for text in (order.supplier_name, order.supplier_email) if text],
        "supplier_code": printable(order.supplier_code),
        "deliver_to": [printable(text) for text in (shop_name, order.place_name) if text],
        "place_code": printable(order.place_code),
        "facts": [
            [_("Ordered on"), day(order.placed_at.astimezone(time_zone).date())],
            [_("Deliver by"), day(order.asked_date or order.expected_date)],
            [_("Ordered by"), printable(order.placed_by) or "–"],
            [_("Questions to"), printable(shop_mail)],
            [_("Currency"), order.currency],
        ],
        "lines": [_line(number, line, order.currency, digits) for number, line in enumerate(order.lines, start=1)],
        "total": _amount(order.cost_minor, order.currency, digits),
        "currency": order.currency,
        "total_units": _units(sum((line.ordered_units for line in order.lines), Decimal(0))),
        "note": _("Please write the order number {number} on the delivery note and on the invoice.").format(
            number=order.number
        ),
    }


def _labels() -> dict[str, str]:
    return {
        "supplier": _("Supplier"),
        "deliver_to": _("Deliver to"),
        "line": _("No."),
        "supplier_sku": _("Your item"),
        "sku": _("Our SKU"),
        "product": _("Product"),
        "units": _("Units"),
        "unit_cost": _("Unit cost"),
        "cost": _("Amount"),
        "total": _("Total"),
        "page": _("Page {page} of {pages}"),
    }


def _line(number: int, line: OrderLineRow, currency: str, digits: int) -> list[str]:
    return [
        str(number),
        _breakable(line.supplier_sku),
        _breakable(line.sku),
        _breakable(line.product_name),
        _ordered(line),
        _unit_cost(line, currency, digits),
        _amount(line.cost_minor, currency, digits),
    ]


def _ordered(line: OrderLineRow) -> str:
    """Selling units, and what they are bought by: `5 case (60)`."""
    units = _units(line.ordered_units)
    if not line.order_unit:
        return units
    return f"{_units(line.ordered_units / line.order_unit_units)} {printable(line.order_unit)} ({units})"


def _unit_cost(line: OrderLineRow, currency: str, digits: int) -> str:
    """The price of a unit, or of what it is bought by."""
    if line.order_unit_cost_minor is None:
        return _amount(line.unit_cost_minor, currency, digits)
    return f"{_amount(line.order_unit_cost_minor, currency, digits)} / {printable(line.order_unit)}"


def _decimals(order: PurchaseOrderRow) -> int:
    """No decimals where every amount is whole, else those of the currency: a column has one or the other."""
    digits = minor_digits(currency=order.currency)
    prices = [
        line.unit_cost_minor if line.order_unit_cost_minor is None else line.order_unit_cost_minor
        for line in order.lines
    ]
    amounts = prices + [line.cost_minor for line in order.lines]
    return 0 if all(amount % 10**digits == 0 for amount in amounts) else digits


def _amount(minor: int, currency: str, digits: int) -> str:
    return f"{Money(minor, currency).major:,.{digits}f}"


def _units(units: Decimal) -> str:
    return grouped_decimal(number=units)


def _breakable(text: str) -> str:
    """Long words without a space may break at every fourth letter, so that no column runs over its neighbour."""
    return _LONG_WORD.sub(lambda word: "\u200b".join(re.findall(".{1,4}", word[0])), printable(text))
