"""A new order by hand: find who buys, add what they want, see what it costs, place it.

One form; each of its buttons keeps what was typed and comes back to the page, so it works without scripts.
"""

import datetime as dt
import secrets
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final, cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability, Actor
from reorder.engine.pricing import PricedOrder
from reorder.flows import order_desk, pricing
from reorder.flows.fulfil.orders import PaymentGiven
from reorder.flows.order_desk import HandLine, HandOrder
from reorder.insights import order_drafting
from reorder.insights.order_drafting import ChosenBuyer
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import ReorderError
from reorder.kernel.formatting import format_money
from reorder.kernel.money import minor_digits
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.orders import words
from reorder.web.orders.draft import Draft, DraftLine, drop_draft, keep_draft, read_draft
from reorder.web.orders.forms import AddressForm, read_units
from reorder.web.orders.telling import said_error
from reorder.web.templatetags.reorder import reason

PAYMENTS: Final = ("unpaid", "paid", "cash_on_delivery")


@dataclass(slots=True)
class Read:
    """The draft as an order, with what is wrong with it by field; `order` only where nothing is."""

    faults: dict[str, str] = field(default_factory=dict)
    line_faults: dict[str, str] = field(default_factory=dict)
    lines: list[HandLine] = field(default_factory=list)

    @property
    def is_fine(self) -> bool:
        return not self.faults and not self.line_faults


@desk(Ability.MANAGE_ORDERS)
def show(request: HttpRequest) -> HttpResponse:
    """The form as it was left."""
    return _show(request, draft=read_draft(request, new_key=secrets.token_hex(12)))


@desk(Ability.MANAGE_ORDERS, method="POST")
def save(request: HttpRequest) -> HttpResponse:
    """Keep what was typed, and do what the button says."""
    draft = _typed(request, read_draft(request, new_key=secrets.token_hex(12)))
    action, _colon, value = request.POST.get("do", "").partition(":")
    value = value.replace("\x00", "")
    if action == "throw":
        drop_draft(request)
        messages.success(request, _("The draft was thrown away."))
        return redirect("orders:index")
    draft = _changed(request, draft=draft, action=action, value=value)
    keep_draft(request, draft=draft)
    if action == "place":
        return _place(request, draft)
    search = f"?q={_query(request, 'customer_q')}&p={_query(request, 'product_q')}" if action == "find" else ""
    return redirect(f"{request.path.removesuffix('save/')}{search}#{'who' if action == 'choose' else 'goods'}")


def _query(request: HttpRequest, name: str) -> str:
    from urllib.parse import quote

    return quote(request.POST.get(name, "").replace("\x00", "")[:200])


def _changed(request: HttpRequest, *, draft: Draft, action: str, value: str) -> Draft:
    """The draft after a button: somebody chosen, a product added or taken away."""
    actor = get_actor(request)
    match action:
        case "choose" if value.isdecimal() and len(value) < 19:
            return _choose(draft, order_drafting.find_chosen_buyer(actor=actor, customer_id=int(value)))
        case "someone":
            return replace(draft, customer_id=None)
        case "add":
            found = next((one for one in order_drafting.find_goods(text=value) if one.sku == value), None)
            return draft.with_line(sku=found.sku, name=found.name) if found else draft
        case "drop":
            return draft.without_line(sku=value)
    return draft


def _choose(draft: Draft, buyer: ChosenBuyer | None) -> Draft:
    if buyer is None:
        return draft
    address = draft.address
    if buyer.address is not None and not any(address.get(name) for name in ("line1", "store_code")):
        address = {name: getattr(buyer.address, name) for name in AddressForm.base_fields}
    elif not address.get("name"):
        address = {**address, "name": buyer.name}
    return replace(draft, customer_id=buyer.id, new_name="", new_email="", address=address)


def _typed(request: HttpRequest, draft: Draft) -> Draft:
    """The draft with everything that the form carries."""

    def text(name: str, length: int = 200) -> str:
        return request.POST.get(name, "").replace("\x00", "").strip()[:length]

    return replace(
        draft,
        new_name=text("new_name"),
        new_email=text("new_email"),
        lines=tuple(
            DraftLine(
                sku=line.sku,
                name=line.name,
                units=text(f"units-{place}", 20) or line.units,
                price=text(f"price-{place}", 20),
            )
            for place, line in enumerate(draft.lines)
        ),
        coupon=text("coupon", 60),
        method=text("method", 60),
        payment=text("payment") if text("payment") in PAYMENTS else draft.payment,
        not_before=text("not_before", 10),
        waits=bool(request.POST.get("waits")),
        note=text("note", 2000),
        address={name: text(f"address-{name}", 500) for name in AddressForm.base_fields},
    )


def _place(request: HttpRequest, draft: Draft) -> HttpResponse:
    actor, moment = get_actor(request), current_moment()
    buyer = _buyer(actor, draft)
    read, form = _read(draft, buyer=buyer), _address_form(draft, is_checked=True)
    if not read.is_fine or not form.is_valid():
        return _show(request, draft=draft, read=read, form=form, status=422)
    try:
        outcome = order_desk.place_by_hand(
            order=_order(draft, read=read, form=form, buyer=buyer), actor=actor, moment=moment
        )
    except ReorderError as error:
        return _show(request, draft=draft, read=read, form=form, fault=said_error(error), status=status_of(error))
    drop_draft(request)
    messages.success(request, _("Order {number} is placed.").format(number=outcome.external_id))
    return redirect("orders:order", outcome.order_id)


def _show(
    request: HttpRequest,
    *,
    draft: Draft,
    read: Read | None = None,
    form: AddressForm | None = None,
    fault: str = "",
    status: int = 200,
) -> HttpResponse:
    actor = get_actor(request)
    buyer = _buyer(actor, draft)
    checked = read or _read(draft, buyer=buyer)
    shown = form or _address_form(draft, is_checked=False)
    priced, price_fault = _price(draft, read=checked, form=shown, buyer=buyer)
    asked, wanted = (request.GET.get(name, "").replace("\x00", "").strip()[:200] for name in ("q", "p"))
    currency = settings.REORDER.currency
    context: dict[str, Any] = {
        "draft": draft,
        "buyer": buyer,
        "customer_q": asked,
        "product_q": wanted,
        "buyers": order_drafting.find_buyers(actor=actor, text=asked) if asked else None,
        "goods": [
            (one, format_money(one.price_minor, currency=one.currency) if one.price_minor is not None else "–")
            for one in order_drafting.find_goods(text=wanted)
        ]
        if wanted
        else None,
        "lines": [
            (place, line, checked.line_faults.get(line.sku, "") if read else "", _line_amount(priced, place, currency))
            for place, line in enumerate(draft.lines)
        ],
        "form": shown,
        "faults": checked.faults if read else {},
        "fault": fault,
        "price_fault": price_fault,
        "money": _money(priced) if priced else [],
        "price_reasons": _reasons(priced) if priced else [],
        "refused_coupons": [
            reason(one.reason_code, dict(one.reason_parameters)) for one in (priced.refused_coupons if priced else ())
        ],
        "methods": pricing.list_ways_of_shipping(
            country=draft.address.get("country", ""), postcode=draft.address.get("postcode", "")
        ),
        "payments": [(one, words.payment_words(one)) for one in PAYMENTS],
        "may_find": actor.may(Ability.VIEW_CUSTOMERS),
    }
    return render(request, "orders/new.html", context, status=status)


def _buyer(actor: Actor, draft: Draft) -> ChosenBuyer | None:
    if draft.customer_id is None:
        return None
    return order_drafting.find_chosen_buyer(actor=actor, customer_id=draft.customer_id)


def _read(draft: Draft, *, buyer: ChosenBuyer | None) -> Read:
    """What was typed as values, or what is wrong with it."""
    read = Read()
    if buyer is None and not draft.new_name:
        read.faults["who"] = _("Choose a customer, or write the name of a new one.")
    if draft.new_email and ("@" not in draft.new_email or " " in draft.new_email):
        read.faults["new_email"] = _("This is no e-mail address.")
    if not draft.lines:
        read.faults["goods"] = _("Add a product first.")
    if draft.not_before and _day(draft.not_before) is None:
        read.faults["not_before"] = _("Write a day, such as 2026-12-24.")
    for line in draft.lines:
        units, price = read_units(line.units), _price_minor(line.price)
        if not units:
            read.line_faults[line.sku] = _("Write how many units, such as 2.")
        elif price is None and line.price:
            read.line_faults[line.sku] = _("Write an amount, such as 1200.")
        else:
            read.lines.append(HandLine(sku=line.sku, units=units, unit_price_minor=price))
    return read


def _order(draft: Draft, *, read: Read, form: AddressForm, buyer: ChosenBuyer | None) -> HandOrder:
    return HandOrder(
        attempt=draft.attempt,
        lines=read.lines,
        customer_id=buyer.id if buyer else None,
        customer_key=buyer.key if buyer else "",
        name=buyer.name if buyer else draft.new_name,
        email="" if buyer else draft.new_email,
        ship_to=form.address() if form.is_bound and form.is_valid() else None,
        coupon=draft.coupon,
        method=draft.method,
        payment=cast("PaymentGiven", draft.payment),
        not_before_date=_day(draft.not_before),
        waits=draft.waits,
        note=draft.note,
    )


def _price(draft: Draft, *, read: Read, form: AddressForm, buyer: ChosenBuyer | None) -> tuple[PricedOrder | None, str]:
    """What it costs as far as it is typed; the fault where it has no price."""
    if not read.lines:
        return None, ""
    order = _order(draft, read=read, form=form, buyer=buyer)
    try:
        return order_desk.price_by_hand(order=order, moment=current_moment()), ""
    except ReorderError as error:
        return None, said_error(error)


def _address_form(draft: Draft, *, is_checked: bool) -> AddressForm:
    given = draft.address or {"country": settings.REORDER.country}
    if is_checked:
        return AddressForm({f"address-{name}": text for name, text in given.items()}, prefix="address")
    return AddressForm(prefix="address", initial=given)


def _money(priced: PricedOrder) -> list[tuple[str, str, str]]:
    currency = priced.currency
    rows = [(_("Goods"), priced.goods_minor, ""), (_("Discounts"), -priced.discount_minor, "")]
    rows += [(_("Shipping"), priced.shipping_minor, ""), (_("Tax"), priced.tax_added_minor, "")]
    shown = [row for row in rows if row[1] or row[0] in {_("Goods"), _("Shipping")}]
    shown.append((_("Total"), priced.total_minor, "sum"))
    if priced.tax_included_minor:
        shown.append((_("of which tax"), priced.tax_included_minor, "quiet"))
    return [(label, format_money(minor, currency=currency), look) for label, minor, look in shown]


def _reasons(priced: PricedOrder) -> list[tuple[str, str]]:
    every = [*priced.adjustments, *priced.shipping.adjustments]
    return [
        (
            reason(one.reason_code, dict(one.reason_parameters)),
            format_money(-one.amount_minor, currency=priced.currency),
        )
        for one in every
    ]


def _line_amount(priced: PricedOrder | None, place: int, currency: str) -> str:
    if priced is None or place >= len(priced.lines):
        return "–"
    line = priced.lines[place]
    return format_money(round(line.unit_price_minor * line.units) - line.discount_minor, currency=currency)


def _price_minor(text: str) -> int | None:
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    if not amount.is_finite() or not 0 <= amount < 10**10:
        return None
    return int(amount.scaleb(minor_digits(currency=settings.REORDER.currency)))


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        return None
