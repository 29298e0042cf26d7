"""Bins: the list with what stands in each, and one bin with its contents, its pick faces and its moves."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.catalog.queries import list_products_by_sku
from reorder.domain.staff.rules import Ability
from reorder.domain.warehouse.floor_plans import find_plan
from reorder.domain.warehouse.floor_rules import AislePlan
from reorder.domain.warehouse.pick_faces import NewPickFace, drop_pick_face, list_pick_faces, save_pick_faces
from reorder.flows.floor_plan import bins_file, bins_to_csv
from reorder.insights import warehouse_floor
from reorder.insights.products import UnknownProduct
from reorder.insights.warehouse_floor import BinLine, BinTab
from reorder.kernel.errors import BadInput
from reorder.kernel.formatting import format_units
from reorder.web import exports, lists
from reorder.web.access import desk, get_actor
from reorder.web.lists import Cell, Column, ListSpec, Row, Tab
from reorder.web.setup.forms import SetupForm
from reorder.web.templatetags.reorder import day, word
from reorder.web.warehouse.place import PLANS, SEES, choose_place, require_place

# Purposes, temperatures and kinds of moves between bins as lists show them; the extractor finds them here.
WORD_TEMPLATES: Final = (
    "bulk", "count", "follow", "hazard", "move", "pick", "put away", "quarantine", "replenish", "returns",
)  # fmt: skip
COLUMNS: Final = (
    Column("bin", gettext_lazy("Bin")),
    Column("zone", gettext_lazy("Zone")),
    Column("goods", gettext_lazy("What stands there")),
    Column("units", gettext_lazy("Units"), "number"),
    Column("expires", gettext_lazy("First expiry"), "date"),
    Column("temperature", gettext_lazy("Temperature"), is_default=False),
    Column("size", gettext_lazy("Size, cm"), is_default=False),
    Column("limit", gettext_lazy("Most weight"), "number", is_default=False),
)
_TABS: Final = (
    Tab("all", gettext_lazy("All")),
    Tab("full", gettext_lazy("With goods")),
    Tab("empty", gettext_lazy("Empty bins")),
    Tab("faces", gettext_lazy("Pick faces")),
    Tab("closed", gettext_lazy("Out of use")),
)
SPEC: Final = ListSpec(
    page="warehouse-bins",
    columns=COLUMNS,
    tabs=_TABS,
    search_label=gettext_lazy("Bin, product number or name"),
    filters=("place", "zone", "aisle"),
)
_UNPROCESSABLE: Final = 422


class FaceForm(SetupForm):
    """A product that a bin is kept filled with."""

    sku = forms.CharField(label=gettext_lazy("Product number"), max_length=120)
    min_units = forms.DecimalField(
        label=gettext_lazy("Fill it below"), min_value=Decimal(0), max_digits=12, decimal_places=3
    )
    max_units = forms.DecimalField(
        label=gettext_lazy("Fill it up to"), min_value=Decimal(0), max_digits=12, decimal_places=3
    )


@desk(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """Bins of a place."""
    chosen = choose_place(request)
    if chosen is None:
        return render(request, "warehouse/bins.html", {"chosen": None, "tab": "bins"})
    state = lists.read_state(request=request, spec=SPEC)
    after = state.after
    if after is not None and not (len(after) == 1 and isinstance(after[0], str)):
        raise lists.BadCursor
    plan = find_plan(place_code=chosen.place.code)
    aisles = plan.aisle_codes if isinstance(plan, AislePlan) else ()
    asked = state.filters.get("aisle", "").upper()
    found = warehouse_floor.list_bins(
        places=[chosen.place.code],
        tab=cast("BinTab", state.tab),
        search=state.search,
        zone=state.filters.get("zone", ""),
        aisle=aisles.index(asked) if asked in aisles else None,
        after=str(after[0]) if after else None,
        limit=lists.PAGE_SIZE + 1,
    )
    shown, has_more = found[: lists.PAGE_SIZE], len(found) > lists.PAGE_SIZE
    page = lists.make_page(
        request=request,
        spec=SPEC,
        state=state,
        rows=[_row(one, keys=[column.key for column in state.columns]) for one in shown],
        next_after=[shown[-1].code] if has_more else None,
        export_url=f"{reverse('warehouse:bins_export')}?{chosen.query}",
    )
    context = {"chosen": chosen, "tab": "bins", "list": page, "aisles": aisles, "aisle": asked}
    return render(request, "warehouse/bins.html", context)


@desk(*SEES)
def export(request: HttpRequest) -> HttpResponseBase:
    """Every bin of a place as the file that can be imported again."""
    chosen = require_place(request)
    rows: Iterator[list[object]] = bins_to_csv(place_code=chosen.place.code)
    name = f"bins-{chosen.place.code}"
    return exports.table_response(request=request, name=name, heads=list(bins_file.COLUMNS), rows=rows)


@desk(*SEES)
def show(request: HttpRequest, bin_code: str) -> HttpResponse:
    """One bin."""
    return _draw(request, bin_code=bin_code, form=FaceForm())


@desk(PLANS, Ability.EDIT_STOCK, method="POST")
def save_face(request: HttpRequest, bin_code: str) -> HttpResponse:
    """Keep the bin filled with a product."""
    found = warehouse_floor.get_bin(actor=get_actor(request), code=bin_code)
    form = FaceForm(request.POST)
    if not form.is_valid():
        return _draw(request, bin_code=bin_code, form=form, status=_UNPROCESSABLE)
    given = form.cleaned_data
    try:
        product = list_products_by_sku(skus=[given["sku"]]).get(given["sku"])
        if product is None:
            raise UnknownProduct(sku=given["sku"])
        face = NewPickFace(found.code, product.id, given["min_units"], given["max_units"])
        save_pick_faces(place_code=found.place_code, faces=[face], decided_by=get_actor(request).name)
    except BadInput as fault:
        form.refuse(fault)
        return _draw(request, bin_code=bin_code, form=form, status=_UNPROCESSABLE)
    messages.success(request, _("Saved."))
    return redirect("warehouse:bin", found.code)


@desk(PLANS, Ability.EDIT_STOCK, method="POST")
def drop_face(request: HttpRequest, bin_code: str) -> HttpResponse:
    """Keep the bin filled with a product no longer."""
    actor = get_actor(request)
    found = warehouse_floor.get_bin(actor=actor, code=bin_code)
    number = request.POST.get("product", "")
    product_id = int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else 0
    drop_pick_face(place_code=found.place_code, bin_code=found.code, product_id=product_id, decided_by=actor.name)
    return redirect("warehouse:bin", found.code)


def _draw(request: HttpRequest, *, bin_code: str, form: FaceForm, status: int = 200) -> HttpResponse:
    actor = get_actor(request)
    found = warehouse_floor.get_bin(actor=actor, code=bin_code)
    plan = find_plan(place_code=found.place_code)
    before = lists.read_last_id(state=lists.read_state(request=request, spec=_MOVES))
    moves = warehouse_floor.list_bin_moves(code=found.code, before=before, limit=lists.PAGE_SIZE + 1)
    context = {
        "bin": found,
        "where": _where(found, aisles=plan.aisle_codes if isinstance(plan, AislePlan) else ()),
        "size": _size(found),
        "contents": warehouse_floor.list_contents(codes=[found.code]),
        "faces": list_pick_faces(bin_code=found.code),
        "may_face": actor.may(PLANS) or actor.may(Ability.EDIT_STOCK),
        "form": form,
        "moves": moves[: lists.PAGE_SIZE],
        "next_after": lists.encode_cursor([moves[lists.PAGE_SIZE - 1].id]) if len(moves) > lists.PAGE_SIZE else "",
    }
    return render(request, "warehouse/bin.html", context, status=status)


_MOVES: Final = ListSpec(page="warehouse-bin-moves", columns=(), tabs=())


def _where(found: BinLine, *, aisles: tuple[str, ...]) -> str:
    """Where the bin lies, in words."""
    if found.point:
        return _("point {point}").format(point=found.point)
    aisle = aisles[found.aisle] if found.aisle < len(aisles) else str(found.aisle + 1)
    side = _("left") if found.side == "L" else _("right")
    said = _("aisle {aisle}, {metres} m, {side}, level {level}")
    return said.format(aisle=aisle, metres=f"{found.at_mm / 1000:g}", side=side, level=found.level)


def _size(found: BinLine) -> str:
    sizes = (found.length_mm, found.width_mm, found.height_mm)
    return " × ".join("?" if one is None else f"{one / 10:g}" for one in sizes) if any(sizes) else ""


def _row(one: BinLine, *, keys: list[str]) -> Row:
    goods = one.first_name if one.products_count <= 1 else _("{count} products").format(count=one.products_count)
    cells = {
        "bin": Cell(one.code, "put-where"),
        "zone": Cell(_zone(one)),
        "goods": Cell(goods or "–"),
        "units": Cell(format_units(one.units) if one.units else "–", "number"),
        "expires": Cell(day(one.first_expires_date), "date"),
        "temperature": Cell(word(one.temperature_class)),
        "size": Cell(_size(one) or "–"),
        "limit": Cell(f"{one.max_grams / 1000:g} kg" if one.max_grams else "–", "number"),
    }
    return Row(key=one.code, url=reverse("warehouse:bin", args=[one.code]), cells=[cells[key] for key in keys])


def _zone(one: BinLine) -> str:
    mark = format_html(' <span class="mark">{}</span>', _("pick face")) if one.is_face else ""
    return format_html("{}{}", f"{one.zone} · {word(one.purpose)}", mark)
