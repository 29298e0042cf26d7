"""The order as it is split over places, its lines, its money, and why these places: rows for the page."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from reorder.insights.order_page import DecisionRow, LineRow, OrderFacts, OrderPage, PartRow
from reorder.kernel.formatting import format_money, format_units
from reorder.web.orders import words
from reorder.web.templatetags.reorder import day, listed, reason


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line with what it costs and where its goods are, in words."""

    row: LineRow
    units: str
    price: str
    discount: str
    amount: str
    stock: Sequence[tuple[str, str]]
    is_missing: bool


@dataclass(frozen=True, slots=True)
class ShownPart:
    """What one place sends."""

    row: PartRow
    state: SafeString
    lines: Sequence[tuple[str, str, str]]
    cost: str
    ship_by: dt.datetime | None
    is_live: bool


@dataclass(frozen=True, slots=True)
class ShownDecision:
    """Why these places: the sentence, and every way that was considered."""

    decided_at: dt.datetime
    cause: str
    sentence: str
    cost: str
    ways: Sequence[tuple[str, str, str, bool]]


CAUSE_TEMPLATES = ("placed", "edited", "short pick", "outage", "manual", "goods came", "split", "merged")


def shown_lines(page: OrderPage) -> list[ShownLine]:
    """Lines with prices and stock."""
    currency = page.facts.currency
    sent = {
        line["line_id"]: part for part in page.parts if part.state in {"shipped", "delivered"} for line in part.lines
    }
    return [
        ShownLine(
            row=line,
            units=format_units(line.units),
            price=_money(line.unit_price_minor, currency),
            discount=_money(-line.discount_minor, currency) if line.discount_minor else "",
            amount=_money(_net(line), currency),
            stock=_stock(line, sent.get(line.id)),
            is_missing=bool(line.waiting),
        )
        for line in page.lines
    ]


def shown_parts(page: OrderPage) -> list[ShownPart]:
    """Places with what each sends, those given up last."""
    return [
        ShownPart(
            row=part,
            state=words.mark(key=part.state, templates=words.PART_TEMPLATES),
            lines=[(line["name"], line["sku"], format_units(Decimal(line["units"]))) for line in part.lines],
            cost=_money(part.cost_minor, page.facts.currency) if part.cost_minor is not None else "",
            ship_by=part.ship_by_at if part.state not in {"shipped", "delivered", "cancelled"} else None,
            is_live=part.state != "cancelled",
        )
        for part in page.parts
    ]


def shown_decisions(page: OrderPage) -> list[ShownDecision]:
    """Decisions of routing, the latest first."""
    return [_decision(one, page.facts.currency) for one in page.decisions]


def money_rows(facts: OrderFacts) -> list[tuple[str, str, str]]:
    """What the total is made of and how it stands: label, amount, and a word for the look of the row."""
    currency = facts.currency
    if facts.total_minor is None:
        return []
    rows = [(_("Goods"), _money(facts.goods_minor, currency), "")]
    if facts.discount_minor:
        rows.append((_("Discounts"), _money(-facts.discount_minor, currency), ""))
    rows.append((_("Shipping"), _money(facts.shipping_minor, currency), ""))
    if facts.tax_added_minor:
        rows.append((_("Tax"), _money(facts.tax_added_minor, currency), ""))
    rows.append((_("Total"), _money(facts.total_minor, currency), "sum"))
    if facts.tax_included_minor:
        rows.append((_("of which tax"), _money(facts.tax_included_minor, currency), "quiet"))
    rows.append((_("Paid"), _money(facts.paid_minor, currency), ""))
    if facts.refunded_minor:
        rows.append((_("Given back"), _money(-facts.refunded_minor, currency), ""))
    if facts.is_ours:
        rows.append((_("To pay"), _money(facts.due_minor, currency), "sum" if facts.due_minor else "quiet"))
    return rows


def price_reasons(page: OrderPage) -> list[tuple[str, str]]:
    """Why the price is what it is: discounts and fees as the order was priced, with their sentences."""
    told: Mapping[str, Any] = {}
    for event in page.events:
        found = event.details.get("price")
        if isinstance(found, Mapping):
            told = found
    rows = [*(told.get("adjustments") or ()), *(told.get("shipping") or ())]
    return [
        (
            reason(str(one.get("reason_code", "")), one.get("reason_parameters") or {}),
            _money(-int(one.get("amount_minor", 0)), page.facts.currency),
        )
        for one in rows
        if isinstance(one, Mapping)
    ]


def _decision(one: DecisionRow, currency: str) -> ShownDecision:
    return ShownDecision(
        decided_at=one.decided_at,
        cause=_(one.cause.replace("_", " ")) if one.cause else "",
        sentence=_way_reason(one.candidates[0]) if one.candidates else one.reason,
        cost=_money(one.cost_minor, currency) if one.cost_minor is not None else "",
        ways=[
            (
                listed(way.get("places") or ()) or _("nowhere"),
                _money(way.get("cost_minor"), currency) if way.get("cost_minor") is not None else "",
                _way_reason(way),
                bool(way.get("is_chosen")),
            )
            for way in one.candidates
        ],
    )


def _way_reason(way: Mapping[str, Any]) -> str:
    if way.get("reason_code"):
        return reason(str(way["reason_code"]), way.get("reason_parameters") or {})
    return str(way.get("reason", ""))


def _stock(line: LineRow, part: PartRow | None) -> list[tuple[str, str]]:
    """Where the goods of a line are: a tone and a sentence each."""
    said = []
    for one in line.allocated:
        place, units = one["place"], format_units(Decimal(one["units"]))
        lot = _("lot {lot}").format(lot=one["lot"]) if one.get("lot") else ""
        expires = day(dt.date.fromisoformat(one["expires"])) if one.get("expires") else ""
        goods = one["sku"] if one["sku"] != line.sku else ""
        what = " · ".join(
            filter(None, [_("{units} kept at {place}").format(units=units, place=place), goods, lot, expires])
        )
        said.append(("good", what))
    for one in line.waiting:
        units, place = format_units(Decimal(one["units"])), one["place"]
        until = one.get("promised_date")
        sentence = (
            _("{units} to come to {place}, promised for {day}").format(
                units=units, place=place, day=day(dt.date.fromisoformat(until))
            )
            if until
            else _("{units} missing at {place}, no date yet").format(units=units, place=place)
        )
        said.append(("soon", sentence))
    if part is not None and not said:
        said.append(("good", _("sent from {place}").format(place=part.place_code)))
    return said


def _net(line: LineRow) -> int | None:
    return None if line.amount_minor is None else line.amount_minor - line.discount_minor


def _money(minor: int | None, currency: str) -> str:
    return "–" if minor is None else format_money(minor, currency=currency)
