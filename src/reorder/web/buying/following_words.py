"""How pages say what a supplier answered, what was wrong with goods, and what things cost once they are here."""

import datetime as dt
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext as _

from reorder.domain.purchasing.queries import AnswerLineRow, DiscrepancyRow, OrderLineRow, PurchaseOrderRow
from reorder.flows.restock.letters import FAULT_WORD_TEMPLATES
from reorder.kernel.formatting import format_money
from reorder.web.buying.words import exact_units, short_day_words
from reorder.web.templatetags.reorder import in_a_row

ANSWER_TEMPLATES: Final = {
    "accepted": "accepted",
    "changed": "accepted with changes",
    "backordered": "the rest comes later",
    "refused": "refused",
}
SOURCE_TEMPLATES: Final = {"page": "typed here", "api": "by API", "terminal": "from the terminal", "x12": "X12 855"}
SETTLEMENT_TEMPLATES: Final = {"credited": "credited", "replaced": "replaced", "dropped": "given up"}
BASIS_TEMPLATES: Final = {"value": "by value", "weight": "by weight", "units": "by units"}
CHARGE_TEMPLATES: Final = {"freight": "Freight", "duty": "Duty and customs", "other": "Other"}


def answer_words(line: AnswerLineRow, *, order: PurchaseOrderRow) -> str:
    """What was said to one line: `accepted with changes: 9 of 12 units, NT$205 instead of NT$200, on 2 Dec`."""
    parts = []
    if line.accepted_units != line.asked_units:
        parts.append(
            _("{accepted} of {asked} units").format(
                accepted=exact_units(line.accepted_units), asked=exact_units(line.asked_units)
            )
        )
    if line.unit_cost_minor is not None and line.unit_cost_minor != line.ordered_cost_minor:
        parts.append(
            _("{price} instead of {ordered}").format(
                price=format_money(line.unit_cost_minor, currency=order.currency),
                ordered=format_money(line.ordered_cost_minor, currency=order.currency),
            )
        )
    if line.promised_date is not None:
        parts.append(_("on {day}").format(day=short_day_words(line.promised_date)))
    said = gettext(ANSWER_TEMPLATES[line.answer])
    return f"{said}: {', '.join(parts)}" if parts else said


def difference_words(line: OrderLineRow, *, order: PurchaseOrderRow) -> list[str]:
    """How a line differs from what was ordered: price, units, day."""
    said = []
    if line.confirmed_cost_minor is not None and line.confirmed_cost_minor != line.unit_cost_minor:
        change = (line.confirmed_cost_minor / line.unit_cost_minor - 1) * 100 if line.unit_cost_minor else None
        price = format_money(line.confirmed_cost_minor, currency=order.currency)
        said.append(
            _("price {price} ({change})").format(price=price, change=f"{change:+.1f}%")
            if change is not None
            else _("price {price}").format(price=price)
        )
    if line.given_up_units:
        said.append(_("{units} will not come").format(units=exact_units(line.given_up_units)))
    if line.promised_date is not None and line.missing_units > 0:
        said.append(_day_words(line.promised_date, asked=order.asked_date))
    return said


def fault_words(row: DiscrepancyRow) -> str:
    """What was wrong: `2 damaged`."""
    return in_a_row(exact_units(row.units), gettext(FAULT_WORD_TEMPLATES[row.kind]))


def settlement_words(row: DiscrepancyRow) -> str:
    """How it ended."""
    known = SETTLEMENT_TEMPLATES.get(row.settlement)
    return gettext(known) if known else row.settlement


def shop_money(minor: int | Decimal | None) -> str:
    """An amount in the shop's currency; a dash where nobody knows."""
    if minor is None:
        return "–"
    return format_money(round(minor), currency=settings.REORDER.currency)


def _day_words(day: dt.date, *, asked: dt.date | None) -> str:
    said = _("promised for {day}").format(day=short_day_words(day))
    if asked is None or day == asked:
        return said
    days = (day - asked).days
    if days > 0:
        return in_a_row(said, _("({days} days late)").format(days=days))
    return in_a_row(said, _("({days} days early)").format(days=-days))
