"""Suppliers, their terms and their offers."""

import datetime as dt
from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.purchasing import operations, queries
from reorder.domain.purchasing.calendar import OrderDay, arrival_date, next_order_day
from reorder.domain.purchasing.queries import OfferRow, SupplierRow
from reorder.domain.staff.rules import Ability
from reorder.flows import restock
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, Conflict
from reorder.kernel.formatting import format_money, format_units
from reorder.web import lists
from reorder.web.access import desk, get_actor
from reorder.web.measures import unit_words
from reorder.web.setup.pages import show_form
from reorder.web.setup.supplier_forms import (
    WEEKDAYS,
    OfferForm,
    OfferTermsForm,
    SupplierForm,
    SupplierTermsForm,
    offer_values,
    supplier_values,
)
from reorder.web.templatetags.reorder import listed, state_mark

_manage = Ability.MANAGE_SUPPLIERS
_TABS = (
    lists.Tab("active", gettext_lazy("We buy from")),
    lists.Tab("stopped", gettext_lazy("No longer bought")),
    lists.Tab("all", gettext_lazy("All")),
)
_IS_ACTIVE = {"active": True, "stopped": False, "all": None}
_SUPPLIERS = lists.ListSpec(
    page="setup.suppliers",
    columns=(
        lists.Column("name", gettext_lazy("Name")),
        lists.Column("code", gettext_lazy("Code")),
        lists.Column("email", gettext_lazy("E-mail for orders")),
        lists.Column("lead_days", gettext_lazy("Lead time in days"), "number"),
        lists.Column("weekdays", gettext_lazy("Takes orders on")),
        lists.Column("minimum", gettext_lazy("Minimum value of an order"), "number"),
        lists.Column("offers", gettext_lazy("Offers"), "number"),
        lists.Column("language", gettext_lazy("Language"), is_default=False),
        lists.Column("state", gettext_lazy("State"), "state", is_default=False),
    ),
    tabs=_TABS,
    search_label=gettext_lazy("Name or code"),
)
_OFFERS = lists.ListSpec(
    page="setup.offers",
    columns=(
        lists.Column("product", gettext_lazy("Product")),
        lists.Column("sku", gettext_lazy("SKU")),
        lists.Column("cost", gettext_lazy("Cost of one unit"), "number"),
        lists.Column("pack", gettext_lazy("Units in a pack"), "number"),
        lists.Column("minimum", gettext_lazy("MOQ"), "number"),
        lists.Column("cover", gettext_lazy("Most days of cover"), "number"),
        lists.Column("lead_days", gettext_lazy("Lead time in days"), "number"),
        lists.Column("supplier_sku", gettext_lazy("The supplier's own number"), is_default=False),
        lists.Column("state", gettext_lazy("State"), "state", is_default=False),
    ),
    tabs=(
        lists.Tab("active", gettext_lazy("We buy")),
        lists.Tab("stopped", gettext_lazy("No longer bought")),
        lists.Tab("all", gettext_lazy("All")),
    ),
    search_label=gettext_lazy("Product, SKU or their number"),
)


@desk(_manage)
def index(request: HttpRequest) -> HttpResponse:
    state = lists.read_state(request=request, spec=_SUPPLIERS)
    found = queries.list_supplier_page(
        is_active=_IS_ACTIVE[state.tab],
        search=state.search,
        after_code=_after(state),
        size=lists.PAGE_SIZE + 1,
    )
    page = found[: lists.PAGE_SIZE]
    listed = lists.make_page(
        request=request,
        spec=_SUPPLIERS,
        state=state,
        rows=[_supplier_row(row, state) for row in page],
        next_after=(page[-1].code,) if len(found) > lists.PAGE_SIZE else None,
    )
    return render(request, "setup/suppliers.html", {"list": listed})


@desk(_manage)
def add(request: HttpRequest) -> HttpResponse:
    return _show_new(request, SupplierForm(initial={"lead_days": 7}))


@desk(_manage, method="POST")
def create(request: HttpRequest) -> HttpResponse:
    form = SupplierForm(request.POST)
    if not form.is_valid():
        return _show_new(request, form)
    try:
        supplier = operations.create_supplier(supplier=form.terms(), created_by=get_actor(request).name)
    except BadInput as fault:
        form.refuse(fault)
        return _show_new(request, form)
    messages.success(request, _("{supplier} is there. Add what they offer.").format(supplier=supplier.name))
    return redirect("setup:supplier", supplier.id)


@desk(_manage)
def show(request: HttpRequest, supplier_id: int) -> HttpResponse:
    """The supplier's offers, with the terms beside them."""
    supplier = queries.get_supplier_of_id(supplier_id=supplier_id)
    state = lists.read_state(request=request, spec=_OFFERS)
    found = queries.list_offer_page(
        supplier_id=supplier_id,
        is_active=_IS_ACTIVE[state.tab],
        search=state.search,
        after_sku=_after(state),
        size=lists.PAGE_SIZE + 1,
    )
    page = found[: lists.PAGE_SIZE]
    listed = lists.make_page(
        request=request,
        spec=_OFFERS,
        state=state,
        rows=[_offer_row(row, state) for row in page],
        next_after=(page[-1].sku,) if len(found) > lists.PAGE_SIZE else None,
    )
    context = {
        "supplier": supplier,
        "list": listed,
        "weekdays": _weekdays(supplier.order_weekdays),
        "delivers": _weekdays(supplier.delivery_weekdays),
        "next_order": _next_order(supplier),
        "ahead": queries.count_buying_from(supplier_id=supplier_id),
    }
    return render(request, "setup/supplier.html", context)


@desk(_manage)
def edit(request: HttpRequest, supplier_id: int) -> HttpResponse:
    return _show_terms(request, queries.get_supplier_of_id(supplier_id=supplier_id), None)


@desk(_manage, method="POST")
def change(request: HttpRequest, supplier_id: int) -> HttpResponse:
    supplier = queries.get_supplier_of_id(supplier_id=supplier_id)
    form = SupplierTermsForm(request.POST)
    if not form.is_valid():
        return _show_terms(request, supplier, form)
    try:
        operations.change_supplier(
            supplier_id=supplier_id,
            terms=form.terms(),
            is_active=form.cleaned_data["is_active"],
            seen=form.cleaned_data["seen"],
            changed_by=get_actor(request).name,
        )
    except Conflict as fault:
        return _show_terms(request, queries.get_supplier_of_id(supplier_id=supplier_id), None, fault)
    except BadInput as fault:
        form.refuse(fault)
        return _show_terms(request, supplier, form)
    messages.success(request, _("The terms of {supplier} are saved.").format(supplier=form.cleaned_data["name"]))
    return redirect("setup:supplier", supplier_id)


@desk(_manage)
def add_offer(request: HttpRequest, supplier_id: int) -> HttpResponse:
    supplier = queries.get_supplier_of_id(supplier_id=supplier_id)
    form = OfferForm(
        initial={"pack_units": 1, "minimum_units": 1, "sku": request.GET.get("sku", "").replace("\x00", "")[:200]},
        currency=supplier.currency,
    )
    return _show_new_offer(request, supplier, form)


@desk(_manage, method="POST")
def create_offer(request: HttpRequest, supplier_id: int) -> HttpResponse:
    supplier = queries.get_supplier_of_id(supplier_id=supplier_id)
    form = OfferForm(request.POST, currency=supplier.currency)
    if not form.is_valid():
        return _show_new_offer(request, supplier, form)
    try:
        offer = operations.create_offer(
            offer=form.terms(supplier_code=supplier.code), created_by=get_actor(request).name
        )
    except BadInput as fault:
        form.refuse(fault)
        return _show_new_offer(request, supplier, form)
    messages.success(
        request, _("{product} is offered by {supplier} now.").format(product=offer.product_name, supplier=supplier.name)
    )
    return redirect("setup:supplier", supplier_id)


@desk(_manage)
def show_offer(request: HttpRequest, supplier_id: int, offer_id: int) -> HttpResponse:
    return _show_offer(request, queries.get_offer(supplier_id=supplier_id, offer_id=offer_id), None)


@desk(_manage, method="POST")
def change_offer(request: HttpRequest, supplier_id: int, offer_id: int) -> HttpResponse:
    offer = queries.get_offer(supplier_id=supplier_id, offer_id=offer_id)
    form = OfferTermsForm(request.POST, currency=offer.currency)
    if not form.is_valid():
        return _show_offer(request, offer, form)
    try:
        operations.change_offer(
            supplier_id=supplier_id,
            offer_id=offer_id,
            offer=form.terms(supplier_code=offer.supplier_code),
            is_active=form.cleaned_data["is_active"],
            seen=form.cleaned_data["seen"],
            changed_by=get_actor(request).name,
        )
    except Conflict as fault:
        now = queries.get_offer(supplier_id=supplier_id, offer_id=offer_id)
        return _show_offer(request, now, None, fault)
    except BadInput as fault:
        form.refuse(fault)
        return _show_offer(request, offer, form)
    messages.success(request, _("The offer of {product} is saved.").format(product=offer.product_name))
    return redirect("setup:supplier", supplier_id)


def _after(state: lists.ListState) -> str:
    if state.after is None:
        return ""
    if len(state.after) != 1 or not isinstance(state.after[0], str) or "\x00" in state.after[0]:
        raise lists.BadCursor
    return state.after[0]


def _weekdays(days: Sequence[int]) -> str:
    names = dict(WEEKDAYS)
    return listed(names[day] for day in days if day in names) or _("any day")


def _next_order(row: SupplierRow) -> tuple[OrderDay, dt.date]:
    """The next day to order on as of now, and when goods ordered then would arrive."""
    moment = clock.current_moment()
    today = restock.shop_date(moment=moment)
    calendar = row.calendar(today=today)
    opens = next_order_day(calendar=calendar, day=today, time=restock.shop_time(moment=moment))
    return opens, arrival_date(calendar=calendar, order_date=opens.date, lead_days=row.lead_days)


def _supplier_row(row: SupplierRow, state: lists.ListState) -> lists.Row:
    cells = {
        "name": lists.Cell(row.name),
        "code": lists.Cell(row.code),
        "email": lists.Cell(row.email or _("none: send the file yourself")),
        "lead_days": lists.Cell(str(row.lead_days), "number"),
        "weekdays": lists.Cell(_weekdays(row.order_weekdays)),
        "minimum": lists.Cell(
            format_money(row.minimum_value_minor, currency=row.currency) if row.minimum_value_minor else "–", "number"
        ),
        "offers": lists.Cell(format_units(row.offers_count), "number"),
        "language": lists.Cell("繁體中文" if row.language == "zh-hant" else "English"),
        "state": lists.Cell(state_mark("in_use" if row.is_active else "stopped")),
    }
    return lists.Row(
        key=str(row.id),
        url=reverse("setup:supplier", args=[row.id]),
        cells=[cells[column.key] for column in state.columns],
    )


def _offer_row(row: OfferRow, state: lists.ListState) -> lists.Row:
    cells = {
        "product": lists.Cell(row.product_name),
        "sku": lists.Cell(row.sku),
        "cost": lists.Cell(format_money(row.unit_cost_minor, currency=row.currency), "number"),
        "pack": lists.Cell(unit_words(units=row.pack_units, unit=row.order_unit, held=row.order_unit_units), "number"),
        "minimum": lists.Cell(format_units(row.minimum_units), "number"),
        "cover": lists.Cell("–" if row.maximum_cover_days is None else str(row.maximum_cover_days), "number"),
        "lead_days": lists.Cell("–" if row.lead_days is None else str(row.lead_days), "number"),
        "supplier_sku": lists.Cell(row.supplier_sku),
        "state": lists.Cell(state_mark("in_use" if row.is_active else "stopped")),
    }
    return lists.Row(
        key=str(row.id),
        url=reverse("setup:offer", args=[row.supplier_id, row.id]),
        cells=[cells[column.key] for column in state.columns],
    )


def _show_new(request: HttpRequest, form: SupplierForm) -> HttpResponse:
    return show_form(
        request=request,
        form=form,
        title=_("Add a supplier"),
        eyebrow=_("Suppliers"),
        back="setup:suppliers",
        action="setup:create_supplier",
        button=_("Add the supplier"),
    )


def _show_terms(
    request: HttpRequest, row: SupplierRow, form: SupplierTermsForm | None, fault: Conflict | None = None
) -> HttpResponse:
    if form is None:
        form = SupplierTermsForm(initial=supplier_values(row=row, seen=queries.supplier_fingerprint(row=row)))
    return show_form(
        request=request,
        form=form,
        title=_("Terms of {supplier}").format(supplier=row.name),
        eyebrow=row.name,
        back_url=reverse("setup:supplier", args=[row.id]),
        action_url=reverse("setup:change_supplier", args=[row.id]),
        button=_("Save the terms"),
        fault=fault,
    )


def _show_new_offer(request: HttpRequest, supplier: SupplierRow, form: OfferForm) -> HttpResponse:
    return show_form(
        request=request,
        form=form,
        title=_("Add an offer"),
        eyebrow=supplier.name,
        back_url=reverse("setup:supplier", args=[supplier.id]),
        action_url=reverse("setup:create_offer", args=[supplier.id]),
        button=_("Add the offer"),
    )


def _show_offer(
    request: HttpRequest, row: OfferRow, form: OfferTermsForm | None, fault: Conflict | None = None
) -> HttpResponse:
    if form is None:
        form = OfferTermsForm(initial=offer_values(row=row), currency=row.currency)
    return show_form(
        request=request,
        form=form,
        title=row.product_name,
        state=f"{row.sku} · {row.supplier_code}",
        eyebrow=row.supplier_code,
        back_url=reverse("setup:supplier", args=[row.supplier_id]),
        action_url=reverse("setup:change_offer", args=[row.supplier_id, row.id]),
        button=_("Save the offer"),
        fault=fault,
    )
