"""The list of orders: its tabs, columns and filters, and each row said in the reader's language."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from reorder.domain.orders.rules import HOLD_REASONS, PAYMENT_STATES
from reorder.insights.order_list import ALL, COUNT_LIMIT, HISTORY, Asked, OrderListRow, TabCount
from reorder.kernel import formatting
from reorder.kernel.clock import date_at, midnight
from reorder.kernel.money import Money, minor_digits
from reorder.web.lists import BadCursor, Cell, Column, ListSpec, ListState, Row, Tab
from reorder.web.orders import words
from reorder.web.templatetags.reorder import listed

FILTERS: Final = ("channel", "place", "payment", "hold", "from", "until", "least", "most")
COLUMNS: Final = (
    Column("number", gettext_lazy("Order number")),
    Column("customer", gettext_lazy("Customer")),
    Column("state", gettext_lazy("State"), "state"),
    Column("ordered", gettext_lazy("Ordered"), "date"),
    Column("total", gettext_lazy("Total"), "number"),
    Column("payment", gettext_lazy("Payment"), "state"),
    Column("goods", gettext_lazy("Goods")),
    Column("places", gettext_lazy("From"), help=gettext_lazy("Places that send something of the order.")),
    Column("ship_by", gettext_lazy("Leaves by"), "date"),
    Column("due", gettext_lazy("To pay"), "number", is_default=False),
    Column("channel", gettext_lazy("Channel"), is_default=False),
    Column("postcode", gettext_lazy("Postcode"), is_default=False),
    Column("tracking", gettext_lazy("Tracking number"), is_default=False),
)
TAB_NAMES: Final = {
    "release": gettext_lazy("To release"),
    "goods": gettext_lazy("Waiting for goods"),
    "payment": gettext_lazy("Waiting for payment"),
    "hold": gettext_lazy("On hold"),
    "warehouse": gettext_lazy("At the warehouse"),
    "shipped": gettext_lazy("Shipped"),
    "delivered": gettext_lazy("Delivered"),
    "cancelled": gettext_lazy("Cancelled"),
    ALL: gettext_lazy("All"),
    HISTORY: gettext_lazy("History"),
}


_BREAK: Final = mark_safe("<br>")


class FilterForm(forms.Form):
    """Filters of the list; all optional, wrong ones are said beside the field and ask nothing."""

    channel = forms.ChoiceField(label=gettext_lazy("Channel"), required=False)
    place = forms.ChoiceField(label=gettext_lazy("Place"), required=False)
    payment = forms.ChoiceField(label=gettext_lazy("Payment"), required=False)
    hold = forms.ChoiceField(label=gettext_lazy("Hold reason"), required=False)
    until = forms.DateField(label=gettext_lazy("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    least = forms.CharField(label=gettext_lazy("Total from"), required=False, max_length=20)
    most = forms.CharField(label=gettext_lazy("Total to"), required=False, max_length=20)

    def __init__(self, *args: object, choices: Mapping[str, Sequence[tuple[str, str]]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for field in self.fields.values():
            is_choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"
        any_word = [("", _("any"))]
        self.fields["channel"].choices = any_word + list(choices["channel"])  # type: ignore[attr-defined]
        self.fields["place"].choices = any_word + list(choices["place"])  # type: ignore[attr-defined]
        self.fields["payment"].choices = any_word + [  # type: ignore[attr-defined]
            (one, words.payment_words(one)) for one in PAYMENT_STATES if one != "none"
        ]
        self.fields["hold"].choices = any_word + [(one, words.hold_words(one)) for one in HOLD_REASONS]  # type: ignore[attr-defined]

    field_order = ("channel", "place", "payment", "hold", "from", "until", "least", "most")

    def clean_least(self) -> Decimal | None:
        return _amount(self.cleaned_data["least"])

    def clean_most(self) -> Decimal | None:
        return _amount(self.cleaned_data["most"])


# "from" is a word of Python, so the field is added by name.
FilterForm.base_fields["from"] = forms.DateField(
    label=gettext_lazy("Ordered from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
)


def _amount(text: str) -> Decimal | None:
    plain = text.replace(",", "").replace("NT$", "").strip()
    if not plain:
        return None
    try:
        number = Decimal(plain)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or not 0 <= number < 10**12:
        raise forms.ValidationError(_("Write an amount, such as 1200."))
    return number


def order_list(*, counts: Sequence[TabCount]) -> ListSpec:
    """The list with how many each tab of open orders holds."""
    sums: dict[str, int] = {}
    for one in counts:
        sums[one.tab] = sums.get(one.tab, 0) + one.orders_count
    counted = {key: count for key, count in sums.items() if count < COUNT_LIMIT}
    return ListSpec(
        page="orders",
        columns=COLUMNS,
        tabs=tuple(
            Tab(key, name, counted.get(key, 0 if key in {"release", "goods", "payment", "hold", "warehouse"} else None))
            for key, name in TAB_NAMES.items()
        ),
        search_label=gettext_lazy("Number, customer, phone, SKU, product, tracking number or postcode"),
        filters=FILTERS,
    )


def asked_of(*, state: ListState, form: FilterForm) -> Asked:
    """What the address asks of the read model; filters that cannot be read ask nothing."""
    given = form.cleaned_data if form.is_bound and (form.is_valid() or True) else {}
    zone = settings.REORDER.time_zone
    digits = minor_digits(currency=settings.REORDER.currency)
    first, last = given.get("from"), given.get("until")
    least, most = given.get("least"), given.get("most")
    return Asked(
        tab=state.tab,
        search=state.search,
        filters={
            "channel": given.get("channel", ""),
            "place": given.get("place", ""),
            "payment": given.get("payment", ""),
            "hold": given.get("hold", ""),
            "from_at": midnight(date=first, time_zone=zone) if first else None,
            "until_at": midnight(date=last + dt.timedelta(days=1), time_zone=zone)
            if last and last < dt.date.max
            else None,
            "least_minor": int(least.scaleb(digits)) if least is not None else None,
            "most_minor": int(most.scaleb(digits)) if most is not None else None,
        },
    )


def place_of(*, state: ListState) -> tuple[object, ...] | None:
    """Where the page begins, read from the address; raises BadCursor."""
    match state.after:
        case None:
            return None
        case (int(last_id),) if state.tab != HISTORY and 0 < last_id < 2**63:
            return (last_id,)
        case (str(moment), int(last_id)) if state.tab == HISTORY and 0 < last_id < 2**63:
            try:
                dt.datetime.fromisoformat(moment)
            except ValueError:
                raise BadCursor from None
            return moment, last_id
    raise BadCursor


def rows_of(*, rows: Sequence[OrderListRow], columns: Sequence[Column], can_select: bool) -> list[Row]:
    """The rows as `list.html` draws them."""
    language = get_language() or "en"
    return [
        Row(
            key=str(one.id),
            url=reverse("orders:order", args=[one.id]),
            side_url=reverse("orders:side", args=[one.id]),
            cells=[_CELLS[column.key](one, language) for column in columns],
            can_select=can_select,
        )
        for one in rows
    ]


def totals_of(*, rows: Sequence[OrderListRow], columns: Sequence[Column]) -> list[Cell]:
    """Sums below a list that is shown whole, of one currency; a part of a list has no honest sum."""
    currencies = {one.currency for one in rows}
    if len(currencies) != 1:
        return []
    currency = currencies.pop()
    summed = {
        "total": formatting.format_money(sum(one.worth_minor or 0 for one in rows), currency=currency),
        "due": formatting.format_money(sum(due_minor(one) for one in rows), currency=currency),
    }
    cells = [Cell(summed.get(column.key, ""), column.kind if column.key in summed else "") for column in columns]
    if columns[0].key not in summed:
        cells[0] = Cell(_("Together"))
    return cells


def due_minor(row: OrderListRow) -> int:
    """What is still to be paid of an order of ours."""
    is_due = row.fulfilment == "reorder" and row.state != "cancelled" and row.payment_state != "none"
    return max((row.total_minor or 0) - row.paid_minor, 0) if is_due else 0


def name_of(row: OrderListRow) -> str:
    """Whom it is for: nobody's after erasure."""
    return _("Erased customer") if row.is_erased else row.customer_name or row.customer_key


def _state(row: OrderListRow, language: str) -> Cell:
    key = words.state_key(state=row.state, fulfilment=row.fulfilment, hold_reasons=row.hold_reasons)
    marked = words.mark(key=key, templates=words.STATE_TEMPLATES)
    reasons = [one for one in row.hold_reasons if not (one == "out_of_stock" and row.state == "placed")]
    if not reasons or row.state == "cancelled":
        return Cell(marked)
    return Cell(
        format_html('{}<br><span class="quiet key-line">{}</span>', marked, words.holds_words(reasons)), "state"
    )


def _goods(row: OrderListRow, language: str) -> Cell:
    names = row.names or ()
    if not names:
        return Cell("–")
    more = row.lines_count - len(names)
    rest = f" +{more}" if more > 0 else ""
    return Cell(
        format_html(
            "{}{}",
            format_html_join(_BREAK, '<span class="key-line">{}</span>', ((name,) for name in names)),
            format_html('<span class="quiet key-line">{}</span>', rest),
        ),
        "clip is-wide",
    )


def _moment_day(moment: dt.datetime | None, language: str) -> str:
    if moment is None:
        return "–"
    return formatting.format_day(date_at(moment=moment, time_zone=settings.REORDER.time_zone), language=language)


def _ordered(row: OrderListRow, language: str) -> Cell:
    said = formatting.format_moment(row.ordered_at, language=language, time_zone=settings.REORDER.time_zone)
    return Cell(said, "date")


def _payment(row: OrderListRow, language: str) -> Cell:
    if row.payment_state == "none":
        return Cell("–")
    return Cell(words.mark(key=row.payment_state, templates=words.PAYMENT_TEMPLATES))


_CELLS: Final[Mapping[str, Callable[[OrderListRow, str], Cell]]] = {
    "number": lambda one, language: Cell(one.external_id, "order-number"),
    "customer": lambda one, language: Cell(name_of(one), "clip"),
    "state": _state,
    "ordered": _ordered,
    "goods": _goods,
    "places": lambda one, language: Cell(listed(one.places) or "–"),
    "ship_by": lambda one, language: Cell(_moment_day(one.ship_by_at, language), "date"),
    "payment": _payment,
    "total": lambda one, language: Cell(
        formatting.format_money(one.worth_minor, currency=one.currency) if one.worth_minor is not None else "–",
        "number",
    ),
    "due": lambda one, language: Cell(formatting.format_money(due_minor(one), currency=one.currency), "number"),
    "channel": lambda one, language: Cell(one.channel),
    "postcode": lambda one, language: Cell(one.ship_postcode or "–"),
    "tracking": lambda one, language: Cell(listed(one.tracking_numbers) or "–"),
}


def export_heads() -> list[str]:
    """Heads of the exported table."""
    return [
        _("Order number"),
        _("Channel"),
        _("Customer"),
        _("Customer's id"),
        _("State"),
        _("Hold reasons"),
        _("Ordered"),
        _("Lines"),
        _("From"),
        _("Leaves by"),
        _("Payment"),
        _("Total"),
        _("Paid"),
        _("Refunded"),
        _("To pay"),
        _("Currency"),
        _("Postcode"),
        _("Tracking number"),
    ]


def export_row(one: OrderListRow) -> list[object]:
    """One order with typed values: the file is computed with."""
    key = words.state_key(state=one.state, fulfilment=one.fulfilment, hold_reasons=one.hold_reasons)
    return [
        one.external_id,
        one.channel,
        name_of(one),
        "" if one.is_erased else one.customer_key,
        _(words.STATE_TEMPLATES[key]),
        words.holds_words(one.hold_reasons),
        one.ordered_at,
        one.lines_count,
        listed(one.places),
        one.ship_by_at,
        words.payment_words(one.payment_state),
        None if one.worth_minor is None else Money(one.worth_minor, one.currency),
        Money(one.paid_minor, one.currency),
        Money(one.refunded_minor, one.currency),
        Money(due_minor(one), one.currency),
        one.currency,
        one.ship_postcode,
        listed(one.tracking_numbers),
    ]
