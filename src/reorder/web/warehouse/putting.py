"""Putting away at the desk: what stands in no bin, where it should go and why, and bins that hold too much."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.catalog.queries import list_names, list_skus
from reorder.domain.warehouse.bin_stock import list_excess, list_in_bins, list_loose
from reorder.domain.warehouse.putting_away import PutAway, put_away, suggest_bins, suggest_for_many
from reorder.insights import product_page, warehouse_floor
from reorder.insights.warehouse_floor import LooseLine
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput
from reorder.kernel.formatting import format_units
from reorder.kernel.ids import idempotency_key
from reorder.web import exports, lists
from reorder.web.access import desk, get_actor
from reorder.web.lists import Cell, Column, ListSpec, Row
from reorder.web.setup.forms import SetupForm
from reorder.web.templatetags.reorder import day
from reorder.web.warehouse.place import SEES, WORKS, choose_place, require_place

SPEC: Final = ListSpec(
    page="warehouse-put-away",
    columns=(
        Column("product", gettext_lazy("Product")),
        Column("sku", gettext_lazy("SKU")),
        Column("units", gettext_lazy("Units"), "number"),
        Column("lot", gettext_lazy("Lot")),
        Column("expires", gettext_lazy("Expires"), "date"),
        Column("owner", gettext_lazy("Owner"), is_default=False),
    ),
    tabs=(),
    search_label=gettext_lazy("Product number or name"),
    filters=("place",),
)
_UNPROCESSABLE: Final = 422
_MOST_EXPORTED: Final = 1000


class PutForm(SetupForm):
    """Units of a lot that were put into a bin; `key` makes a form sent twice count once."""

    bin_code = forms.CharField(label=gettext_lazy("Bin"), max_length=40)
    units = forms.DecimalField(label=gettext_lazy("Units"), min_value=Decimal(0), max_digits=12, decimal_places=3)
    lot = forms.CharField(max_length=120, required=False, widget=forms.HiddenInput, strip=False)
    owner = forms.CharField(max_length=120, widget=forms.HiddenInput)
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)


@desk(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """What waits to be put away at a place."""
    chosen = choose_place(request)
    if chosen is None:
        return render(request, "warehouse/put_away.html", {"chosen": None, "tab": "put_away"})
    state = lists.read_state(request=request, spec=SPEC)
    match state.after:
        case None:
            after = None
        case (str(sku), str(owner), str(lot)):
            after = (sku, owner, lot)
        case _:
            raise lists.BadCursor
    found = warehouse_floor.list_loose_page(
        place_code=chosen.place.code, search=state.search, after=after, limit=lists.PAGE_SIZE + 1
    )
    shown, has_more = found[: lists.PAGE_SIZE], len(found) > lists.PAGE_SIZE
    page = lists.make_page(
        request=request,
        spec=SPEC,
        state=state,
        rows=[_row(one, keys=[column.key for column in state.columns], query=chosen.query) for one in shown],
        next_after=[shown[-1].sku, shown[-1].owner, shown[-1].lot] if has_more else None,
        export_url=f"{reverse('warehouse:put_away_export')}?{chosen.query}",
    )
    context = {"chosen": chosen, "tab": "put_away", "list": page, "may_work": _may_work(request)}
    return render(request, "warehouse/put_away.html", context)


@desk(*SEES)
def export(request: HttpRequest) -> HttpResponseBase:
    """The put-away list with the suggested bins, for whoever walks with paper; up to 1,000 lots."""
    chosen = require_place(request)
    heads = [_("SKU"), _("Product"), _("Lot"), _("Expires"), _("Units"), _("Bin"), _("Why")]
    rows = _list_rows(place_code=chosen.place.code)
    return exports.table_response(request=request, name=f"put-away-{chosen.place.code}", heads=heads, rows=rows)


@desk(*SEES)
def show(request: HttpRequest, product_id: int) -> HttpResponse:
    """Where each lot of a product should go, and why."""
    return _draw(request, product_id=product_id)


@desk(*WORKS, method="POST")
def put(request: HttpRequest, product_id: int) -> HttpResponse:
    """Goods that somebody put into a bin."""
    chosen, form, actor = require_place(request), PutForm(request.POST), get_actor(request)
    if not form.is_valid():
        return _draw(request, product_id=product_id, refused=form)
    given = form.cleaned_data
    bin_code = "".join(given["bin_code"].split()).upper()
    try:
        put_away(
            put=PutAway(
                key=idempotency_key("desk_put_away", given["key"]),
                place_code=chosen.place.code,
                product_id=product_page.get_product(product_id=product_id).id,
                units=given["units"],
                bin_code=bin_code,
                actor=actor.name,
                happened_at=current_moment(),
                owner=given["owner"],
                lot=given["lot"],
            )
        )
    except BadInput as fault:
        form.refuse(fault)
        return _draw(request, product_id=product_id, refused=form)
    said = _("{units} units are in bin {bin}.").format(units=format_units(given["units"]), bin=bin_code)
    messages.success(request, said)
    if list_loose(place_code=chosen.place.code, product_ids=[product_id]):
        return redirect(f"{reverse('warehouse:put_away_product', args=[product_id])}?{chosen.query}")
    return redirect(f"{reverse('warehouse:put_away')}?{chosen.query}")


@desk(*SEES)
def differences(request: HttpRequest) -> HttpResponse:
    """Goods of which bins hold more than the place has, with the bins to look at."""
    chosen = choose_place(request)
    lines: list[dict[str, Any]] = []
    if chosen is not None:
        excess = list_excess(place_code=chosen.place.code)[: lists.PAGE_SIZE]
        ids = sorted({one.product_id for one in excess})
        skus = list_skus(product_ids=ids)
        there = list_in_bins(place_code=chosen.place.code, product_ids=ids)
        lines = [
            {
                "goods": one,
                "sku": skus.get(one.product_id, ""),
                "bins": [
                    held
                    for held in there
                    if (held.product_id, held.owner, held.lot) == (one.product_id, one.owner, one.lot)
                ],
            }
            for one in excess
        ]
    return render(request, "warehouse/differences.html", {"chosen": chosen, "tab": "put_away", "lines": lines})


def _draw(request: HttpRequest, *, product_id: int, refused: PutForm | None = None) -> HttpResponse:
    chosen, product = require_place(request), product_page.get_product(product_id=product_id)
    suggested = suggest_bins(place_code=chosen.place.code, product_id=product.id)
    groups = [
        {
            "goods": one.goods,
            "left": one.plan.left_units,
            "lines": [
                (line, _(line.reason), _form(one.goods.owner, one.goods.lot, bin_code=line.bin_code, units=line.units))
                for line in one.plan.suggestions
            ],
            "other": _form(one.goods.owner, one.goods.lot, bin_code="", units=one.plan.left_units or one.goods.units),
        }
        for one in suggested
    ]
    context = {
        "chosen": chosen, "tab": "put_away", "product": product, "groups": groups, "refused": refused,
        "may_work": _may_work(request),
    }  # fmt: skip
    return render(request, "warehouse/put_away_product.html", context, status=_UNPROCESSABLE if refused else 200)


def _form(owner: str, lot: str, *, bin_code: str, units: Decimal) -> PutForm:
    key = idempotency_key("put", owner, lot, bin_code, current_moment().isoformat())
    initial = {"owner": owner, "lot": lot, "bin_code": bin_code, "units": units.normalize(), "key": key}
    return PutForm(initial=initial, auto_id=f"id_{key[:8]}_%s")


def _list_rows(*, place_code: str) -> Iterator[list[object]]:
    loose = list_loose(place_code=place_code)[:_MOST_EXPORTED]
    names = list_names(product_ids=[one.product_id for one in loose])
    for one in suggest_for_many(place_code=place_code, loose=loose):
        goods = one.goods
        about = [goods.sku, names.get(goods.product_id, ""), goods.lot, goods.expires_date]
        for to in one.plan.suggestions:
            yield [*about, to.units, to.bin_code, _(to.reason)]
        if one.plan.left_units > 0:
            yield [*about, one.plan.left_units, "", _("no bin with room is known")]


def _row(one: LooseLine, *, keys: list[str], query: str) -> Row:
    cells = {
        "product": Cell(one.name),
        "sku": Cell(one.sku),
        "units": Cell(format_units(one.units), "number"),
        "lot": Cell(one.lot or "–"),
        "expires": Cell(day(one.expires_date), "date"),
        "owner": Cell(_("the shop") if one.owner == "self" else one.owner),
    }
    url = f"{reverse('warehouse:put_away_product', args=[one.product_id])}?{query}"
    return Row(key=str(one.product_id), url=url, cells=[cells[key] for key in keys])


def _may_work(request: HttpRequest) -> bool:
    actor = get_actor(request)
    return any(actor.may(one) for one in WORKS)
