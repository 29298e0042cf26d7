"""The words of letters about orders: what was bought, what is to be paid, where it is; in the customer's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from reorder.insights.parcels import ParcelRow
from reorder.insights.shop_orders import ShopLine, ShopOrder, ShopParcel
from reorder.kernel.formatting import format_day, format_money
from reorder.kernel.quantity import grouped_decimal

# Subject and first sentence by the state that a parcel came to; what is not here is not written about.
_PARCEL_TEMPLATES: Final[Mapping[str, tuple[str, str]]] = {
    "out_for_delivery": (
        gettext_noop("{shop}: a parcel of order {number} comes today"),
        gettext_noop("A parcel of your order {number} is out for delivery:"),
    ),
    "ready_for_pickup": (
        gettext_noop("{shop}: a parcel of order {number} waits for you"),
        gettext_noop("A parcel of your order {number} is there to be collected:"),
    ),
    "delivery_failed": (
        gettext_noop("{shop}: a parcel of order {number} could not be delivered"),
        gettext_noop("A parcel of your order {number} could not be delivered:"),
    ),
    "delivery_delayed": (
        gettext_noop("{shop}: a parcel of order {number} comes later"),
        gettext_noop("A parcel of your order {number} comes later than we said. We are sorry, and are at it:"),
    ),
}
PARCEL_STATES_TOLD: Final = frozenset(_PARCEL_TEMPLATES)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as its reader sees it."""

    subject: str
    body_text: str
    body_html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Who writes, and where money goes; the account is empty where no transfer is waited for."""

    name: str
    reference: str = ""
    transfer_account: str
    transfer_days: int


def letter_language(*, customer_language: str, shop_language: str) -> str:
    """The language to write in: the customer's when we write it, else the shop's."""
    wanted = customer_language.lower().replace("_", "-")
    if wanted.startswith("zh"):
        return "zh-hant"
    return "en" if wanted.startswith("en") else shop_language


def write_confirmation(*, order: ShopOrder, customer_name: str, language: str, shop: Shop, link: str) -> Letter:
    """That we have the order, what is in it, what it costs and how it is paid."""
    with translation.override(language):
        return _letter(
            language=language,
            subject=_("{shop}: we have your order {number}").format(shop=shop.name, number=order.number),
            before=[_greeting(customer_name), _("Thank you. We have your order {number}.").format(number=order.number)],
            lines=[_line(line, order.currency) for line in order.lines] + _sums(order),
            after=[*_payment(order=order, shop=shop), _("See how far it is: {link}").format(link=link), shop.name],
            link=link,
        )


def write_shipped(
    *,
    order: ShopOrder,
    parcel: ShopParcel,
    boxes: Sequence[ParcelRow] = (),
    customer_name: str,
    language: str,
    shop: Shop,
    link: str,
) -> Letter:
    """That goods of the order have left, which, and under which numbers to follow them: one a box."""
    with translation.override(language):
        told = _("Goods of your order {number} are on their way:").format(number=order.number)
        numbers = [(one.carrier, one.tracking_number) for one in boxes] or [(parcel.carrier, parcel.tracking_number)]
        follow = [
            _("Follow them with {carrier}: {tracking}").format(
                carrier=_one_line(carrier) or _("the carrier"), tracking=_one_line(tracking)
            )
            for carrier, tracking in numbers
            if tracking
        ]
        if len(boxes) > 1:
            follow.insert(0, _("They come in {count} parcels.").format(count=len(boxes)))
        return _letter(
            language=language,
            subject=_("{shop}: order {number} is on its way").format(shop=shop.name, number=order.number),
            before=[_greeting(customer_name), told],
            lines=[_goods(name, units) for name, units in parcel.goods],
            after=[*follow, _("See how far it is: {link}").format(link=link), shop.name],
            link=link,
        )


def write_parcel(
    *,
    order: ShopOrder,
    parcel: ParcelRow,
    together: Sequence[ParcelRow],
    state: str,
    customer_name: str,
    language: str,
    shop: Shop,
    link: str,
) -> Letter:
    """How one parcel of the order fares; of several (`together`) it says which. `state` is in PARCEL_STATES_TOLD."""
    subject, told = _PARCEL_TEMPLATES[state]
    with translation.override(language):
        return _letter(
            language=language,
            subject=_(subject).format(shop=shop.name, number=order.number),
            before=[_greeting(customer_name), _(told).format(number=order.number)],
            lines=[_goods(name, units) for _sku, name, units, _lot in parcel.goods],
            after=[
                *_parcel_facts(parcel=parcel, together=together, state=state, language=language),
                _("See how far it is: {link}").format(link=link),
                shop.name,
            ],
            link=link,
        )


def write_late(
    *, order: ShopOrder, parcel: ShopParcel, customer_name: str, language: str, shop: Shop, link: str
) -> Letter:
    """That goods of the order leave later than was said, and which."""
    with translation.override(language):
        told = _("These goods of your order {number} leave later than we said. We are sorry, and are at it:").format(
            number=order.number
        )
        return _letter(
            language=language,
            subject=_("{shop}: order {number} is late").format(shop=shop.name, number=order.number),
            before=[_greeting(customer_name), told],
            lines=[_goods(name, units) for name, units in parcel.goods],
            after=[_("See how far it is: {link}").format(link=link), shop.name],
            link=link,
        )


def write_return_answer(
    *,
    order: ShopOrder,
    is_accepted: bool,
    word: str,
    number: str,
    customer_name: str,
    language: str,
    shop: Shop,
    link: str,
) -> Letter:
    """Whether goods of the order may be sent back, with the word of the shop and the number for the parcel."""
    with translation.override(language):
        told = (
            _("You may send the goods of your order {number} back:")
            if is_accepted
            else _("We cannot take the goods of your order {number} back:")
        )
        mark = [_("Your return number, for the parcel: {number}").format(number=number)] if is_accepted else []
        return _letter(
            language=language,
            subject=_("{shop}: your return of order {number}").format(shop=shop.name, number=order.number),
            before=[_greeting(customer_name), told.format(number=order.number), word, *mark],
            lines=[],
            after=[_("See the order: {link}").format(link=link), shop.name],
            link=link,
        )


def write_return_step(
    *,
    order: ShopOrder,
    kind: str,
    word: str,
    number: str,
    amount_minor: int,
    customer_name: str,
    language: str,
    shop: Shop,
    link: str,
) -> Letter:
    """That goods that were sent back are here, or what the customer gets for them."""
    with translation.override(language):
        amount = format_money(amount_minor, currency=order.currency)
        told = {
            "received": _("Your return {number} has come. We look at the goods and write again."),
            "refunded": _("We looked at your return {number}. You get {amount} back, the way you paid."),
            "credited": _("We looked at your return {number}. {amount} are yours as store credit from now on."),
            "exchanged": _("We looked at your return {number}. Other goods are on their way to you, at no charge."),
            "ended": _("We looked at your return {number}. It is closed."),
        }[kind].format(number=number, amount=amount)
        return _letter(
            language=language,
            subject=_("{shop}: your return of order {number}").format(shop=shop.name, number=order.number),
            before=[_greeting(customer_name), told, *([word] if word else [])],
            lines=[],
            after=[_("See the order: {link}").format(link=link), shop.name],
            link=link,
        )


def write_sign_in(*, language: str, shop_name: str, link: str, minutes: int) -> Letter:
    """The link that lets the reader of the mailbox in; it greets nobody, so that it says the same to everybody."""
    with translation.override(language):
        return _letter(
            language=language,
            subject=_("{shop}: your link to sign in").format(shop=shop_name),
            before=[_("With this link you are signed in at {shop}:").format(shop=shop_name), link],
            lines=[],
            after=[
                _("It works once, for {minutes} minutes.").format(minutes=minutes),
                _("If you did not ask for it, there is nothing to do: without this mail nobody gets in."),
                shop_name,
            ],
            link=link,
        )


def write_sign_up(*, language: str, shop_name: str, link: str, days: int) -> Letter:
    """Asks the reader of the mailbox whether they want news; it greets nobody either."""
    with translation.override(language):
        return _letter(
            language=language,
            subject=_("{shop}: please confirm that you want our news").format(shop=shop_name),
            before=[
                _("Somebody, probably you, asked {shop} to send news to this mailbox.").format(shop=shop_name),
                _("To get them, open this page and press its button:"),
                link,
            ],
            lines=[],
            after=[
                _("The link works for {days} days.").format(days=days),
                _("If it was not you, there is nothing to do: without the button no news are sent."),
                shop_name,
            ],
            link=link,
        )


def _parcel_facts(*, parcel: ParcelRow, together: Sequence[ParcelRow], state: str, language: str) -> list[str]:
    """Which parcel, with whom, and what its reader can do; never an address."""
    said = []
    if len(together) > 1:
        place = [one.id for one in together].index(parcel.id) + 1
        said.append(_("It is parcel {place} of {count}.").format(place=place, count=len(together)))
    if parcel.tracking_number:
        carrier = _one_line(parcel.carrier) or _("the carrier")
        said.append(
            _("Follow it with {carrier}: {tracking}").format(
                carrier=carrier, tracking=_one_line(parcel.tracking_number)
            )
        )
    if state == "ready_for_pickup" and parcel.collect_until_date:
        day = format_day(parcel.collect_until_date, language=language)
        said.append(_("It is kept until {day}.").format(day=day))
    if state == "delivery_delayed" and parcel.expected_date:
        said.append(
            _("The carrier expects it on {day}.").format(day=format_day(parcel.expected_date, language=language))
        )
    if state == "delivery_failed":
        said.append(_("The carrier usually tries again. Write to us if the address has changed."))
    return said


def _greeting(name: str) -> str:
    return _("Hello {name},").format(name=_one_line(name)) if name else _("Hello,")


def _line(line: ShopLine, currency: str) -> str:
    goods = _goods(line.name, line.units)
    if line.is_gift:
        return _("{goods} (a gift)").format(goods=goods)
    return goods if line.net_minor is None else f"{goods}: {format_money(line.net_minor, currency=currency)}"


def _goods(name: str, units: Decimal) -> str:
    return f"{grouped_decimal(number=units)} × {_one_line(name)}"


def _sums(order: ShopOrder) -> list[str]:
    sums = []
    if order.shipping_minor:
        sums.append(_("Shipping: {amount}").format(amount=format_money(order.shipping_minor, currency=order.currency)))
    if order.tax_added_minor:
        sums.append(_("Tax: {amount}").format(amount=format_money(order.tax_added_minor, currency=order.currency)))
    if order.total_minor is not None:
        sums.append(_("Total: {amount}").format(amount=format_money(order.total_minor, currency=order.currency)))
    return sums


def _payment(*, order: ShopOrder, shop: Shop) -> list[str]:
    if not order.due_minor:
        return []
    amount = format_money(order.due_minor, currency=order.currency)
    if order.payment_state == "cash_on_delivery":
        return [_("Please pay {amount} in cash when you get the parcel.").format(amount=amount)]
    if not shop.transfer_account:
        return []
    return [
        _("Please transfer {amount} within {days} days to {account}, and write the number {number} with it.").format(
            amount=amount, days=shop.transfer_days, account=_one_line(shop.transfer_account), number=shop.reference
        )
    ]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _letter(
    *, language: str, subject: str, before: Sequence[str], lines: Sequence[str], after: Sequence[str], link: str
) -> Letter:
    bullets = [*(f"* {line}" for line in lines), ""] if lines else []
    text = "\n".join([*(part for one in before for part in (one, "")), *bullets, "\n\n".join(after), ""])
    return Letter(
        subject=_one_line(subject),
        body_text=text,
        body_html=_html(language=language, before=before, lines=lines, after=after, link=link),
    )


def _html(*, language: str, before: Sequence[str], lines: Sequence[str], after: Sequence[str], link: str) -> str:
    def paragraph(text: str) -> str:
        href = escape(link)
        anchor = f'<a href="{href}">{href}</a>'
        return f"<p>{escape(text).replace(href, anchor)}</p>"

    goods = ["<ul>", *(f"<li>{escape(line)}</li>" for line in lines), "</ul>"] if lines else []
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="{"zh-Hant" if language == "zh-hant" else language}"><body>',
            *map(paragraph, before),
            *goods,
            *map(paragraph, after),
            "</body></html>",
            "",
        ]
    )
