"""Purchase orders: the list, one order, its files, and giving up what is still missing."""

from collections.abc import Iterator
from decimal import Decimal

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from reorder.domain.purchasing.errors import (
    ExchangeNotSetUp,
    NothingLeftToCancel,
    PurchaseOrderClosed,
    UnknownOrderLine,
)
from reorder.domain.purchasing.queries import OrderLineRow, OrderListRow, PurchaseOrderRow
from reorder.domain.staff.rules import Ability
from reorder.flows import restock
from reorder.insights import access, buying_orders
from reorder.insights.buying_orders import OrderDetails, OrderPage
from reorder.kernel import clock
from reorder.kernel.errors import explain_error
from reorder.kernel.formatting import format_day, format_money, format_share
from reorder.kernel.money import Money
from reorder.web import lists
from reorder.web.access import desk, get_actor
from reorder.web.buying.following_words import (
    CHARGE_TEMPLATES,
    SOURCE_TEMPLATES,
    answer_words,
    difference_words,
    fault_words,
    settlement_words,
)
from reorder.web.buying.reading import clean, is_part, today
from reorder.web.buying.rows import edited_words
from reorder.web.buying.words import exact_units, history_words, money_words, way_words
from reorder.web.exports import table_response
from reorder.web.lists import BadFilter, Cell, Column, ListSpec, ListState, Row, Tab
from reorder.web.measures import unit_words
from reorder.web.templatetags.reorder import in_a_row, listed, state_mark

_EXPORT_PAGE = 500
_LINES_SHOWN = 12
_COLUMNS = (
    Column("number", gettext_lazy("Purchase order")),
    Column("supplier", gettext_lazy("Supplier")),
    Column("place", gettext_lazy("Place")),
    Column("state", gettext_lazy("State"), "state"),
    Column("placed", gettext_lazy("Ordered on"), "date"),
    Column("expected", gettext_lazy("Expected on"), "date"),
    Column("lines", gettext_lazy("Lines"), "number"),
    Column("received", gettext_lazy("Received"), "number"),
    Column("cost", gettext_lazy("Cost"), "number"),
    Column("placed_by", gettext_lazy("Ordered by"), is_default=False),
)


def _spec(request: HttpRequest) -> ListSpec:
    counts = buying_orders.count_orders(actor=get_actor(request), today=today())
    return ListSpec(
        page="buying.orders",
        columns=_COLUMNS,
        tabs=(
            Tab("open", gettext_lazy("To come"), counts.open_count),
            Tab("awaiting_approval", gettext_lazy("Waits for a second person")),
            Tab("partly_received", gettext_lazy("Partly received"), counts.partly_received_count),
            Tab("late", gettext_lazy("Late"), counts.late_count),
            Tab("received", gettext_lazy("Received")),
            Tab("cancelled", gettext_lazy("Cancelled")),
            Tab("all", gettext_lazy("All")),
        ),
        search_label=gettext_lazy("Order, supplier or SKU"),
    )


@desk(Ability.VIEW_BUYING)
def index(request: HttpRequest) -> HttpResponse:
    spec = _spec(request)
    state = lists.read_state(request=request, spec=spec)
    page = _read(request, state=state, size=lists.PAGE_SIZE)
    late = next((tab.count or 0 for tab in spec.tabs if tab.key == "late"), 0)
    context = {
        "list": lists.make_page(
            request=request,
            spec=spec,
            state=state,
            rows=[_row(row, state) for row in page.rows],
            next_after=page.next_after,
            export_url=reverse("buying:export_orders") + f"?tab={state.tab}",
        ),
        "state": _list_words(spec, late),
        "may_receive": get_actor(request).may(Ability.RECEIVE_GOODS),
    }
    return render(request, "buying/orders.html", context)


@desk(Ability.VIEW_BUYING)
def export(request: HttpRequest) -> HttpResponseBase:
    """Every order of a tab, as CSV or XLSX."""
    state = lists.read_state(request=request, spec=_spec(request))
    heads = [
        _("Purchase order"),
        _("Supplier"),
        _("Supplier's name"),
        _("Place"),
        _("State"),
        _("Ordered on"),
        _("Ordered by"),
        _("Expected on"),
        _("Lines"),
        _("Ordered units"),
        _("Received units"),
        _("Cost"),
        _("Currency"),
    ]
    return table_response(request=request, name=_("purchase orders"), heads=heads, rows=_export_rows(request, state))


@desk(Ability.VIEW_BUYING)
def show(request: HttpRequest, number: str) -> HttpResponse:
    """One order; as a side panel where htmx asks for it."""
    details = buying_orders.get_order_details(actor=get_actor(request), number=number)
    template = "buying/order_side.html" if is_part(request) else "buying/order.html"
    return render(request, template, _order_context(request, details))


@desk(Ability.VIEW_BUYING)
def file(request: HttpRequest, number: str) -> HttpResponseBase:
    """The order as `?format=pdf` (in `&language=en` or `zh-hant`), `csv` or `xlsx`."""
    order = access.get_purchase_order(actor=get_actor(request), number=number)
    wanted = request.GET.get("format", "pdf")
    if wanted == "pdf":
        language = request.GET.get("language") or order.supplier_language
        return attached(
            restock.order_as_pdf(order=order, language=language), kind="application/pdf", name=f"{number}.pdf"
        )
    if wanted == "csv":
        content = restock.order_as_csv(order=order, placed_date=restock.shop_date(moment=order.placed_at))
        return attached(content, kind="text/csv; charset=utf-8", name=f"{number}.csv")
    if wanted == "xlsx":
        return _sheet(request, order)
    raise BadFilter(value=wanted[:40], name="format", reason=_("ask for pdf, csv or xlsx"))


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def x12(request: HttpRequest, number: str) -> HttpResponse:
    """The order as X12 850; a POST, because the first one takes the order's control number for ever."""
    order = access.get_purchase_order(actor=get_actor(request), number=number, ability=Ability.DECIDE_PROPOSALS)
    try:
        content = restock.order_as_x12(order=order, moment=clock.current_moment())
    except ExchangeNotSetUp as error:
        messages.warning(request, explain_error(error=error, translate=_))
        return redirect("buying:order", number)
    return attached(content, kind="application/edi-x12", name=f"{number}.x12")


@desk(Ability.DECIDE_PROPOSALS)
def ask_cancel(request: HttpRequest, number: str) -> HttpResponse:
    """What cancelling would mean; the only place where we ask first, because a supplier is told."""
    actor = get_actor(request)
    access.get_purchase_order(actor=actor, number=number, ability=Ability.DECIDE_PROPOSALS)
    details = buying_orders.get_order_details(actor=actor, number=number)
    return render(request, "buying/cancel.html", _order_context(request, details))


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Give up what is missing, of every line or of those that are ticked."""
    actor = get_actor(request)
    order = access.get_purchase_order(actor=actor, number=number, ability=Ability.DECIDE_PROPOSALS)
    open_skus = {line.sku for line in order.lines if line.missing_units > 0}
    chosen = {clean(sku) for sku in request.POST.getlist("line")}
    try:
        if "lines" in request.POST and chosen != open_skus:
            return _cancel_lines(request, number=number, chosen=chosen)
        missing = restock.cancel_order(number=number, moment=clock.current_moment(), decided_by=actor.name)
    except PurchaseOrderClosed as error:
        messages.warning(request, explain_error(error=error, translate=_))
        return redirect("buying:order", number)
    units = exact_units(sum(missing.values(), Decimal(0)))
    messages.success(
        request, _("{number} is cancelled; {units} units no longer come.").format(number=number, units=units)
    )
    return redirect("buying:order", number)


def _cancel_lines(request: HttpRequest, *, number: str, chosen: set[str]) -> HttpResponse:
    if not chosen:
        messages.warning(request, _("No line is ticked. Tick what shall no longer come."))
        return redirect("buying:ask_cancel", number)
    try:
        _order, missing = restock.cancel_lines(
            number=number,
            skus=sorted(chosen),
            moment=clock.current_moment(),
            decided_by=get_actor(request).name,
        )
    except (UnknownOrderLine, NothingLeftToCancel) as error:
        messages.warning(request, explain_error(error=error, translate=_))
        return redirect("buying:order", number)
    said = listed(f"{sku} {exact_units(units)}" for sku, units in missing.items())
    messages.success(request, _("No longer expected of {number}: {list}.").format(number=number, list=said))
    return redirect("buying:order", number)


def _read(request: HttpRequest, *, state: ListState, size: int) -> OrderPage:
    return buying_orders.list_orders(
        actor=get_actor(request), tab=state.tab, today=today(), size=size, search=state.search, after=state.after
    )


def _row(row: OrderListRow, state: ListState) -> Row:
    is_late = row.expected_date < today() and row.state in buying_orders.OPEN_STATES
    language = get_language() or "en"
    cells = {
        "number": Cell(row.number, "order-number"),
        "supplier": Cell(row.supplier_name),
        "place": Cell(row.place_code),
        "state": Cell(state_mark("late") if is_late and row.state == "placed" else state_mark(row.state)),
        "placed": Cell(format_day(restock.shop_date(moment=row.placed_at), language=language), "date"),
        "expected": Cell(format_day(row.expected_date, language=language), "date late" if is_late else "date"),
        "lines": Cell(f"{row.lines_count:,}", "number"),
        "received": Cell(format_share(row.received_share), "number"),
        "cost": Cell(format_money(row.cost_minor, currency=row.currency), "number"),
        "placed_by": Cell(row.placed_by),
    }
    url = reverse("buying:order", args=[row.number])
    return Row(key=row.number, url=url, cells=[cells[one.key] for one in state.columns], side_url=url)


def _list_words(spec: ListSpec, late: int) -> str:
    count = spec.tabs[0].count or 0
    said = ngettext("{count} order is still to come.", "{count} orders are still to come.", count)
    parts = [said.format(count=f"{count:,}")]
    if late:
        parts.append(
            ngettext("{count} is past its day.", "{count} are past their day.", late).format(count=f"{late:,}")
        )
    return in_a_row(*parts)


def _export_rows(request: HttpRequest, state: ListState) -> Iterator[list[object]]:
    after = state.after
    while True:
        page = buying_orders.list_orders(
            actor=get_actor(request),
            tab=state.tab,
            today=today(),
            size=_EXPORT_PAGE,
            search=state.search,
            after=after,
        )
        for row in page.rows:
            yield [
                row.number,
                row.supplier_code,
                row.supplier_name,
                row.place_code,
                _(row.state.replace("_", " ")),
                row.placed_at,
                row.placed_by,
                row.expected_date,
                row.lines_count,
                row.ordered_units,
                row.received_units,
                Money(row.cost_minor, row.currency),
                row.currency,
            ]
        if page.next_after is None:
            return
        after = tuple(str(value) if not isinstance(value, int) else value for value in page.next_after)


def _order_context(request: HttpRequest, details: OrderDetails) -> dict[str, object]:
    actor = get_actor(request)
    order = details.order
    lines = [_line(line, order) for line in order.lines]
    open_lines = [line for line in order.lines if line.missing_units > 0]
    letter = details.letters[0] if details.letters else None
    return {
        "order": order,
        "details": details,
        "lines": lines,
        "few_lines": lines[:_LINES_SHOWN],
        "more_lines_count": max(len(lines) - _LINES_SHOWN, 0),
        "missing": [(line, exact_units(line.missing_units)) for line in open_lines],
        "missing_cost": money_words(
            {order.currency: sum(round(line.missing_units * line.unit_cost_minor) for line in open_lines)}
        ),
        "is_late": details.is_open and order.expected_date < today(),
        "below_minimum": order.cost_minor < order.minimum_value_minor and order.state != "cancelled",
        "edits": [(row, edited_words(row)) for row in details.proposals if row.is_edited],
        "history": [(one, history_words(one.action)) for one in details.history],
        "receipts": [
            (one, [(*line[:2], exact_units(line[2]), *line[3:]) for line in one.lines]) for one in details.receipts
        ],
        "moves": [
            (one.happened_at, way_words(one.source, one.target), exact_units(one.units), one.products_count)
            for one in details.moves
        ],
        "letter": letter,
        "letter_waits": letter is not None and letter.state == "planned" and order.state == "placed",
        "may_release": actor.may(Ability.DECIDE_PROPOSALS) and order.placed_by != actor.name,
        "may_withdraw": actor.may(Ability.DECIDE_PROPOSALS) and order.placed_by == actor.name,
        "second_limit": format_money(order.limit_minor or 0, currency=settings.REORDER.currency),
        "may_receive": actor.may(Ability.RECEIVE_GOODS) and details.is_open,
        "may_cancel": actor.may(Ability.DECIDE_PROPOSALS) and details.is_open,
        "may_see_letters": actor.may(Ability.VIEW_SUPPLIER_MESSAGES),
        "file_url": reverse("buying:order_file", args=[order.number]),
    } | _following(details, may_decide=actor.may(Ability.DECIDE_PROPOSALS))


def _following(details: OrderDetails, *, may_decide: bool) -> dict[str, object]:
    """What followed the order: answers, what was wrong, what it costs on top."""
    order = details.order
    return {
        "may_decide": may_decide,
        "may_answer": may_decide and details.is_open,
        "answers": [
            (
                one,
                gettext(SOURCE_TEMPLATES.get(one.source, one.source)),
                [(line, answer_words(line, order=order)) for line in one.lines],
            )
            for one in details.answers
        ],
        "faults": [(one, fault_words(one), settlement_words(one)) for one in details.discrepancies],
        "charges": [
            (gettext(CHARGE_TEMPLATES[one.kind]), format_money(one.amount_minor, currency=one.currency), one.note)
            for one in details.charges
        ],
    }


def _line(line: OrderLineRow, order: PurchaseOrderRow) -> dict[str, object]:
    state = "received" if line.missing_units == 0 else "partly_received" if line.received_units > 0 else "placed"
    extra = max(line.received_units - line.ordered_units, Decimal(0))
    return {
        "sku": line.sku,
        "name": line.product_name,
        "supplier_sku": line.supplier_sku,
        "ordered": unit_words(units=line.ordered_units, unit=line.order_unit, held=line.order_unit_units),
        "received": exact_units(line.received_units),
        "differences": difference_words(line, order=order),
        "missing": exact_units(line.missing_units) if order.state in buying_orders.OPEN_STATES else "–",
        "extra": exact_units(extra) if extra else "",
        "unit_cost": format_money(line.unit_cost_minor, currency=order.currency),
        "cost": format_money(line.cost_minor, currency=order.currency),
        "state": order.state
        if order.state in ("awaiting_approval", "refused")
        else "cancelled"
        if order.state == "cancelled" and line.missing_units > 0
        else state,
    }


def _sheet(request: HttpRequest, order: PurchaseOrderRow) -> HttpResponseBase:
    heads = [
        _("SKU"),
        _("Your item"),
        _("Product"),
        _("Ordered"),
        _("Received"),
        _("Missing"),
        _("Unit cost"),
        _("Cost"),
    ]
    rows = (
        [
            line.sku,
            line.supplier_sku,
            line.product_name,
            line.ordered_units,
            line.received_units,
            line.missing_units,
            Money(line.unit_cost_minor, order.currency),
            Money(line.cost_minor, order.currency),
        ]
        for line in order.lines
    )
    return table_response(request=request, name=order.number, heads=[*heads, _("Currency")], rows=_with(rows, order))


def _with(rows: Iterator[list[object]], order: PurchaseOrderRow) -> Iterator[list[object]]:
    for row in rows:
        yield [*row, order.currency]


def attached(content: bytes, *, kind: str, name: str) -> HttpResponse:
    """A file to keep."""
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    answer["Cache-Control"] = "no-store"
    return answer
