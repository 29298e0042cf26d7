"""Pick lists, packing slips and confirmations of orders as one PDF, in English or Traditional Chinese. Pure."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from reorder.domain.customers.addresses import ShippingAddress
from reorder.flows.documents.barcodes import code128_widths
from reorder.flows.documents.sheets import BOX, breakable, language_of, sheet, sheets_pdf
from reorder.flows.documents.typesetting import printable
from reorder.insights.order_documents import BoxRow, PrintedOrder
from reorder.insights.order_page import LineRow, PartRow
from reorder.kernel.formatting import format_day, format_moment, format_money
from reorder.kernel.quantity import grouped_decimal

KINDS: Final = ("pick", "slip", "receipt")


def order_documents_pdf(
    *,
    kind: str,
    orders: Sequence[PrintedOrder],
    language: str,
    shop_name: str,
    shop_mail: str,
    time_zone: str,
    moment: dt.datetime,
) -> bytes:
    """Sheets of one kind for all orders: a pick list a place, a slip a parcel, a confirmation an order.

    An unknown language is English. Orders without anything to print of the kind have no sheet.
    """
    chosen = language_of(wanted=language)
    zone = ZoneInfo(time_zone)
    with translation.override(chosen):
        match kind:
            case "pick":
                sheets = _pick_lists(orders=orders, language=chosen, moment=moment, time_zone=time_zone)
            case "slip":
                sheets = [
                    slip
                    for order in orders
                    for part in order.parts
                    if part.state != "waiting"
                    for slip in _slips(order=order, part=part, language=chosen, zone=zone)
                ]
            case _:
                sheets = [_receipt(order=one, language=chosen, zone=zone, shop_mail=shop_mail) for one in orders]
        title = sheets[0]["title"] if sheets else _("Nothing to print")
        shown = sheets or [_empty(kind)]
    return sheets_pdf(sheets=shown, title=title, language=chosen, shop_name=shop_name, moment=moment)


def _empty(kind: str) -> dict[str, Any]:
    return sheet(
        title=_("Nothing to print"),
        columns=[0],
        aligns=["left"],
        heads=[""],
        rows=[
            [
                _("None of these orders has goods at a place that can be picked.")
                if kind == "pick"
                else _("None of these orders has a parcel yet.")
            ]
        ],
    )


def _pick_lists(
    *, orders: Sequence[PrintedOrder], language: str, moment: dt.datetime, time_zone: str
) -> list[dict[str, Any]]:
    """One list a place, by SKU, with the lot to take and the order it is for."""
    places: dict[str, list[list[str]]] = {}
    names: dict[str, set[str]] = {}
    for order in orders:
        for part in order.parts:
            if part.state in {"waiting", "shipped", "delivered"}:
                continue
            for row in _pick_rows(order=order, part=part):
                places.setdefault(part.place_code, []).append(row)
                names.setdefault(part.place_code, set()).add(order.external_id)
    return [
        sheet(
            title=_("Pick list"),
            number=printable(", ".join(sorted(names[place])[:6])) + (" …" if len(names[place]) > 6 else ""),
            bars=code128_widths(text=next(iter(names[place]))) if len(names[place]) == 1 else [],
            block_title=_("Place"),
            block=[printable(place)],
            facts=[
                [_("Orders"), str(len(names[place]))],
                [_("Printed"), format_moment(moment, language=language, time_zone=time_zone)],
            ],
            columns=[10, 30, 0, 32, 16, 34],
            aligns=["center", "left", "left", "left", "right", "left"],
            heads=["", _("SKU"), _("Product"), _("Lot"), _("Units"), _("Order number")],
            rows=[[BOX, *row] for row in sorted(rows)],
        )
        for place, rows in sorted(places.items())
    ]


def _pick_rows(*, order: PrintedOrder, part: PartRow) -> list[list[str]]:
    """What to take for one parcel, a row for each lot."""
    kept = {line.id: line for line in order.lines}
    rows = []
    for line in part.lines:
        known = kept.get(line["line_id"])
        lots = [
            one
            for one in (known.allocated if known else ())
            if one["place"] == part.place_code and one["sku"] == line["sku"]
        ]
        for lot, units in [(_lot(one), one["units"]) for one in lots] or [("", line["units"])]:
            rows.append([breakable(line["sku"]), breakable(line["name"]), lot, _units(units), order.external_id])
    return rows


def _lot(one: Any) -> str:
    return printable(" · ".join(filter(None, [one.get("lot") or "", one.get("expires") or ""])))


def _slips(*, order: PrintedOrder, part: PartRow, language: str, zone: ZoneInfo) -> list[dict[str, Any]]:
    """One slip for each closed box with what is in it; one of all goods where there are no boxes."""
    boxes = order.boxes_of(part=part)
    if not boxes:
        parcel = " ".join(filter(None, [part.carrier or part.service_code, part.tracking_number]))
        goods = [(line["sku"], line["name"], line["units"]) for line in part.lines]
        return [_slip(order=order, part=part, parcel=parcel, goods=goods, language=language, zone=zone)]
    # The driver asks for the money once: at the first box, as its label does.
    return [
        _slip(
            order=order,
            part=part,
            parcel=_box_words(box=box, part=part, turn=turn, of=len(boxes)),
            goods=_goods_in(box=box, part=part),
            language=language,
            zone=zone,
            collects=turn == 1,
        )
        for turn, box in enumerate(boxes, start=1)
    ]


def _box_words(*, box: BoxRow, part: PartRow, turn: int, of: int) -> str:
    way = " ".join(filter(None, [box.carrier or part.carrier or part.service_code, box.tracking_number]))
    named = box.number if of == 1 else _("{number} ({turn} of {count})").format(number=box.number, turn=turn, count=of)
    return " · ".join(filter(None, [named, way]))


def _goods_in(*, box: BoxRow, part: PartRow) -> list[tuple[str, str, Decimal]]:
    """SKU, name and units in a box, lots of one line together."""
    names = {line["sku"]: line["name"] for line in part.lines}
    units: dict[tuple[int, str], Decimal] = {}
    for line_id, sku, count in box.contents:
        units[line_id, sku] = units.get((line_id, sku), Decimal(0)) + count
    return [(sku, names.get(sku, ""), count) for (_line_id, sku), count in units.items()]


def _slip(
    *,
    order: PrintedOrder,
    part: PartRow,
    parcel: str,
    goods: Sequence[tuple[str, str, object]],
    language: str,
    zone: ZoneInfo,
    collects: bool = True,
) -> dict[str, Any]:
    return sheet(
        title=_("Packing slip"),
        number=printable(order.external_id),
        bars=code128_widths(text=order.external_id),
        warning=_("Cash on delivery: collect {money}.").format(
            money=format_money(max((order.total_minor or 0) - order.paid_minor, 0), currency=order.currency)
        )
        if order.payment_state == "cash_on_delivery" and collects
        else "",
        block_title=_("Deliver to"),
        block=_address_lines(order.address),
        facts=[
            [_("Ordered on"), format_day(order.ordered_at.astimezone(zone).date(), language=language)],
            [_("From"), printable(part.place_name or part.place_code)],
            *([[_("Parcel"), printable(parcel)]] if parcel else []),
        ],
        columns=[10, 36, 0, 20],
        aligns=["center", "left", "left", "right"],
        heads=["", _("SKU"), _("Product"), _("Units")],
        rows=[[BOX, breakable(sku), breakable(name), _units(units)] for sku, name, units in goods],
        note=printable(order.address.note) if order.address else "",
    )


def _receipt(*, order: PrintedOrder, language: str, zone: ZoneInfo, shop_mail: str) -> dict[str, Any]:
    return sheet(
        title=_("Order confirmation"),
        number=printable(order.external_id),
        bars=code128_widths(text=order.external_id),
        warning=_("This order was cancelled.") if order.state == "cancelled" else "",
        block_title=_("Deliver to"),
        block=_address_lines(order.address) or [printable("" if order.is_erased else order.customer_name)],
        facts=[
            [_("Ordered on"), format_day(order.ordered_at.astimezone(zone).date(), language=language)],
            [_("Payment"), _payment(order)],
            [_("Questions to"), printable(shop_mail)],
            [_("Currency"), order.currency],
        ],
        columns=[32, 0, 16, 26, 24, 28],
        aligns=["left", "left", "right", "right", "right", "right"],
        heads=[_("SKU"), _("Product"), _("Units"), _("Price"), _("Discount"), _("Amount")],
        rows=[_priced(line, order.currency) for line in order.lines],
        sums=_sums(order),
        note=_("This is no tax invoice (統一發票)."),
    )


def _payment(order: PrintedOrder) -> str:
    said = {
        "unpaid": _("Unpaid"),
        "cash_on_delivery": _("Cash on delivery"),
        "paid": _("Paid"),
        "part_refunded": _("Partly refunded"),
        "refunded": _("Refunded"),
    }
    return said.get(order.payment_state, "–")


def _priced(line: LineRow, currency: str) -> list[str]:
    net = None if line.amount_minor is None else line.amount_minor - line.discount_minor
    return [
        breakable(line.sku),
        breakable(line.name),
        _units(line.units),
        _money(line.unit_price_minor, currency),
        _money(-line.discount_minor, currency) if line.discount_minor else "",
        _money(net, currency),
    ]


def _sums(order: PrintedOrder) -> list[list[str]]:
    if order.total_minor is None:
        return []
    money = [
        (_("Goods"), order.goods_minor, ""),
        (_("Discounts"), -order.discount_minor or None, ""),
        (_("Shipping"), order.shipping_minor, ""),
        (_("Tax"), order.tax_added_minor or None, ""),
        (_("Total"), order.total_minor, "sum"),
        (_("of which tax"), order.tax_included_minor or None, ""),
        (_("Paid"), order.paid_minor or None, ""),
        (_("Given back"), -order.refunded_minor or None, ""),
    ]
    return [[label, _money(minor, order.currency), look] for label, minor, look in money if minor is not None]


def _address_lines(address: ShippingAddress | None) -> list[str]:
    if address is None:
        return []
    lines = [
        address.name,
        address.company,
        address.phone,
        f"{address.postcode} {address.region}{address.city}",
        f"{address.line1} {address.line2}",
        _("Collects at store {code}").format(code=address.store_code) if address.store_code else "",
        "" if address.country == "TW" else address.country,
    ]
    return [said for said in map(printable, lines) if said]


def _money(minor: int | None, currency: str) -> str:
    return "–" if minor is None else format_money(minor, currency=currency)


def _units(units: object) -> str:
    return grouped_decimal(number=Decimal(str(units)))
