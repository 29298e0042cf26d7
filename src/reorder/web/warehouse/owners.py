"""Goods that we store for others: what stands here, and the statement of a month as page, file and paper."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reorder.domain.inventory.owners import get_owner
from reorder.domain.staff.errors import NotAllowed
from reorder.domain.staff.rules import Ability
from reorder.flows.documents.report import PaperTable, report_pdf
from reorder.flows.owners import Statement, list_overview, make_statement
from reorder.flows.owners.charging import month_of, span_of
from reorder.insights import owners as reading
from reorder.kernel import clock
from reorder.kernel.formatting import format_money, format_units
from reorder.kernel.money import Money, minor_digits
from reorder.web.access import desk, get_actor
from reorder.web.exports import table_response
from reorder.web.setup.owner_forms import CHARGE_WORDS, rate_text

_sees = Ability.VIEW_STOCK
_MONTHS_SHOWN = 11
_LINES_SHOWN = 200


@desk(_sees)
def index(request: HttpRequest) -> HttpResponse:
    """Every owner with stock, litres, and the month so far."""
    _refuse_limited(request)
    moment = clock.current_moment()
    rows = [(one, one.statement.charged.lines[2].quantity) for one in list_overview(moment=moment)]
    context = {
        "owners": rows,
        "currency": settings.REORDER.currency,
        "month": month_of(moment=moment),
        "may_manage": get_actor(request).may(Ability.MANAGE_PLACES),
    }
    return render(request, "warehouse/owners.html", context)


@desk(_sees)
def show(request: HttpRequest, owner_code: str) -> HttpResponse:
    """The statement of one month, and what stands here now."""
    statement = _statement(request, owner_code)
    stock = reading.list_stock(owner=owner_code, limit=_LINES_SHOWN + 1)
    context = {
        "statement": statement,
        "owner": statement.owner,
        "currency": statement.currency,
        "lines": _lines(statement),
        "stock": stock[:_LINES_SHOWN],
        "has_more": len(stock) > _LINES_SHOWN,
        "months": _months(),
        "may_manage": get_actor(request).may(Ability.MANAGE_PLACES),
    }
    return render(request, "warehouse/owner.html", context)


@desk(_sees)
def export(request: HttpRequest, owner_code: str) -> StreamingHttpResponse:
    """The statement as a file."""
    statement = _statement(request, owner_code)
    return table_response(
        request=request,
        name=f"{statement.owner.code}-{statement.month}",
        heads=[_("Month"), _("For"), _("Quantity"), _("Rate"), _("Amount"), _("Currency")],
        rows=[
            [
                statement.month,
                CHARGE_WORDS[line.charge],
                line.quantity,
                line.rate_minor.scaleb(-minor_digits(currency=statement.currency)),
                Money(line.amount_minor, statement.currency),
                statement.currency,
            ]
            for line in statement.charged.lines
        ],
    )


@desk(_sees)
def paper(request: HttpRequest, owner_code: str) -> HttpResponse:
    """The statement as PDF, in the reader's language."""
    statement = _statement(request, owner_code)
    answer = HttpResponse(_pdf(statement), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{statement.owner.code}-{statement.month}.pdf"'
    return answer


@desk(_sees)
def stock(request: HttpRequest, owner_code: str) -> StreamingHttpResponse:
    """What stands here of an owner, as a file for the owner."""
    _refuse_limited(request)
    owner = get_owner(code=owner_code)
    return table_response(request=request, name=f"{owner.code}-stock", heads=_stock_heads(), rows=_stock(owner.code))


@desk(_sees)
def sent(request: HttpRequest, owner_code: str) -> StreamingHttpResponse:
    """What left for orders in a month, as a file for the owner."""
    _refuse_limited(request)
    owner = get_owner(code=owner_code)
    month = _month(request)
    first, ends = span_of(month=month, moment=clock.current_moment())
    found = reading.list_sent(owner=owner.code, first_date=first, ends_date=ends, time_zone=settings.REORDER.time_zone)
    return table_response(
        request=request,
        name=f"{owner.code}-orders-{month}",
        heads=[_("Left at"), _("Order number"), _("SKU"), _("Product"), _("Place"), _("Lot"), _("Units")],
        rows=[[one.left_at, one.order_number, one.sku, one.name, one.place, one.lot, one.units] for one in found],
    )


def _stock_heads() -> list[str]:
    parts = (_("SKU"), _("Product"), _("Place"), _("Lot"), _("Expires"), _("On hand"), _("Promised"), _("Litres"))
    return list(parts)


def _stock(code: str) -> Iterator[list[object]]:
    for one in reading.list_stock(owner=code):
        promised = one.allocated_units + one.held_units
        yield [one.sku, one.name, one.place, one.lot, one.expires_date, one.on_hand_units, promised, one.litres]


def _refuse_limited(request: HttpRequest) -> None:
    """A statement tells of all places. Raises NotAllowed for a person of some places only."""
    actor = get_actor(request)
    if actor.place_codes:
        raise NotAllowed(actor=actor.name, ability=Ability.MANAGE_PLACES.value.replace("_", " "))


def _statement(request: HttpRequest, code: str) -> Statement:
    _refuse_limited(request)
    return make_statement(code=code, month=_month(request), moment=clock.current_moment())


def _month(request: HttpRequest) -> str:
    return request.GET.get("month") or month_of(moment=clock.current_moment())


def _months() -> list[str]:
    """The running month and those before it, to choose from."""
    year, month = (int(part) for part in month_of(moment=clock.current_moment()).split("-"))
    count = 12 * year + month - 1
    return [f"{one // 12:04d}-{one % 12 + 1:02d}" for one in range(count, count - _MONTHS_SHOWN, -1)]


def _lines(statement: Statement) -> list[dict[str, Any]]:
    digits = minor_digits(currency=statement.currency)
    return [
        {
            "label": CHARGE_WORDS[line.charge],
            "quantity": line.quantity,
            "rate": rate_text(rate=line.rate_minor, digits=digits),
            "amount_minor": line.amount_minor,
        }
        for line in statement.charged.lines
    ]


def _pdf(statement: Statement) -> bytes:
    def money(minor: int) -> str:
        return format_money(minor, currency=statement.currency)

    charged = statement.charged
    rows = [
        [str(line["label"]), format_units(line["quantity"]), line["rate"], money(line["amount_minor"])]
        for line in _lines(statement)
    ]
    stored = [
        [f"{one.name} ({one.sku})", format_units(one.unit_days), _litre_days(one.unit_days, one.unit_mm3)]
        for one in statement.stored
    ]
    said = _("Goods of {owner}, {month}.").format(owner=statement.owner.name, month=statement.month)
    if statement.is_running:
        said += " " + _("The month is not over: so far.")
    unsized = _("Without a size, charged nothing: {skus}").format(skus=", ".join(charged.unsized_skus))
    return report_pdf(
        title=_("Statement of storage and shipping"),
        said=said,
        shop_name=settings.REORDER.shop_name,
        figures=[(_("Total"), money(charged.total_minor), statement.currency)],
        tables=[
            PaperTable(
                title=_("Charges"),
                heads=[_("For"), _("Quantity"), _("Rate"), _("Amount")],
                rows=[*rows, [_("Total"), "", "", money(charged.total_minor)]],
            ),
            PaperTable(
                title=_("Storage by product"),
                heads=[_("Product"), _("Unit-days"), _("Litre-days")],
                rows=stored,
                note=unsized if charged.unsized_skus else "",
            ),
        ],
        language=get_language() or "en",
        moment=clock.current_moment(),
    )


def _litre_days(unit_days: Any, unit_mm3: int | None) -> str:
    return format_units(unit_days * unit_mm3 / 10**6) if unit_mm3 else "–"
