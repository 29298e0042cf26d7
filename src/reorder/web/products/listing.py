"""The list of products: its columns, tabs, rows, totals and export."""

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.template.defaultfilters import capfirst
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.staff.rules import Actor
from reorder.insights.products import Asked, ProductCount, ProductLine, ProductList, list_products
from reorder.kernel.formatting import format_amount, format_money, format_units
from reorder.kernel.money import minor_digits
from reorder.web.lists import Cell, Column, ListSpec, ListState, Row, Tab
from reorder.web.templatetags.reorder import word

# Words of the catalogue and of demand that this desk shows; the extractor finds them here.
WORD_TEMPLATES = (
    "active",
    "ambient",
    "chilled",
    "discontinued",
    "erratic",
    "frozen",
    "intermittent",
    "lumpy",
    "no history",
    "short",
    "smooth",
)
_EXPORT_ROWS = 5000
COLUMNS = (
    Column("name", gettext_lazy("Product")),
    Column("sku", gettext_lazy("SKU"), is_default=False),
    Column("category", gettext_lazy("Category"), is_default=False),
    Column(
        "on_hand",
        gettext_lazy("On hand"),
        "number",
        help=gettext_lazy("Units that stand in your places at this moment, by the stock ledger."),
    ),
    Column(
        "incoming",
        gettext_lazy("Incoming"),
        "number",
        help=gettext_lazy("Units of open purchase orders that have not been received yet."),
    ),
    Column(
        "cover",
        gettext_lazy("Days of cover"),
        "number",
        help=gettext_lazy(
            "On hand minus allocated and held, divided by the planned demand a day; of the place that runs out first."
        ),
    ),
    Column(
        "sold",
        gettext_lazy("Sold, 28 days"),
        "number",
        help=gettext_lazy("Units sold in the 28 days before the last night."),
    ),
    Column(
        "planned",
        gettext_lazy("Planned, 28 days"),
        "number",
        help=gettext_lazy(
            "Units of the demand plan for the next 28 days. Empty where a product is planned as a part of its category."
        ),
    ),
    Column(
        "reorder_point",
        gettext_lazy("Reorder point"),
        "number",
        is_default=False,
        help=gettext_lazy("When stock and incoming goods fall to it, it is time to buy; all places together."),
    ),
    Column("price", gettext_lazy("Price"), "number"),
    Column(
        "demand_class",
        gettext_lazy("Demand"),
        "state",
        is_default=False,
        help=gettext_lazy("How often and how evenly it sells: decides which methods may forecast it."),
    ),
    Column(
        "risk",
        gettext_lazy("At risk"),
        "number",
        help=gettext_lazy(
            "Margin that is expected to be lost before an order made at the next review would arrive, at today's stock."
        ),
    ),
)


def make_spec(*, counted: ProductCount | None) -> ListSpec:
    """The list as it is declared; tabs about stock carry their counts when they are known."""
    soon, out = (counted.soon_count, counted.out_count) if counted else (None, None)
    return ListSpec(
        page="products",
        columns=COLUMNS,
        tabs=(
            Tab("all", gettext_lazy("All")),
            Tab("soon", gettext_lazy("Runs out soon"), soon),
            Tab("out", gettext_lazy("Out of stock"), out),
            Tab("unsupplied", gettext_lazy("Without supplier")),
            Tab("category", gettext_lazy("Planned by category")),
            Tab("discontinued", gettext_lazy("Discontinued")),
        ),
        search_label=gettext_lazy("SKU, name or barcode"),
        filters=("place", "category"),
    )


def read_asked(*, state: ListState, actor: Actor) -> Asked:
    """What the address asks for, within the actor's places; a place that is not theirs is left out."""
    place = state.filters.get("place", "")
    places = frozenset({place}) if place and actor.may_at(place) else actor.place_codes
    return Asked(tab=state.tab, search=state.search, category=state.filters.get("category", ""), places=places)


def make_rows(*, lines: Sequence[ProductLine], columns: Sequence[Column]) -> list[Row]:
    return [
        Row(
            key=str(line.id),
            url=reverse("products:detail", args=[line.id]),
            side_url=reverse("products:side", args=[line.id]),
            cells=[_cell(line, column.key) for column in columns],
        )
        for line in lines
    ]


def make_totals(*, found: ProductList, columns: Sequence[Column]) -> list[Cell]:
    """Sums over the stocked products of the tab."""
    counted = found.counted
    if not counted.tab_count:
        return []
    sums = {
        "name": _("Stocked products: {count}").format(count=format_units(counted.tab_count)),
        "on_hand": format_units(counted.on_hand_units),
        "incoming": format_units(counted.incoming_units),
        "sold": format_units(counted.sold_28_units),
        "planned": format_units(counted.planned_28_units),
    }
    return [Cell(sums.get(column.key, ""), "" if column.key == "name" else "number") for column in columns]


def export_heads() -> list[str]:
    return [*(str(column.label) for column in COLUMNS), _("Currency"), _("State")]


def export_rows(*, asked: Asked) -> Iterator[list[object]]:
    """Every row of the list, all columns, amounts in major units."""
    after: tuple[object, ...] | None = None
    while True:
        found = list_products(asked=asked, after=after, limit=_EXPORT_ROWS)
        for line in found.lines:
            price = None if line.price_minor is None else line.price_minor / 10 ** minor_digits(currency=line.currency)
            yield [
                line.name,
                line.sku,
                line.category,
                line.on_hand_units,
                line.incoming_units,
                line.cover_days,
                line.sold_28_units,
                _rounded(line.planned_28_units),
                _rounded(line.reorder_point_units),
                price,
                word(line.demand_class),
                line.risk,
                line.currency,
                word(line.state),
            ]
        if found.after is None:
            return
        after = found.after


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _cell(line: ProductLine, key: str) -> Cell:
    match key:
        case "name":
            return Cell(format_html('{} <span class="row-code">{}</span>', line.name, line.sku), "row-name")
        case "sku":
            return Cell(line.sku)
        case "category":
            return Cell(line.category)
        case "price":
            price = line.price_minor
            return Cell("–" if price is None else format_money(price, currency=line.currency), "number")
        case "demand_class":
            return Cell(capfirst(word(line.demand_class)))
        case "cover":
            return _cover(line)
        case "risk":
            return Cell(format_amount(line.risk, currency=settings.REORDER.currency) if line.risk else "–", "number")
    numbers = {
        "on_hand": line.on_hand_units,
        "incoming": line.incoming_units,
        "sold": line.sold_28_units,
        "planned": line.planned_28_units,
        "reorder_point": line.reorder_point_units,
    }
    return Cell(_units(numbers[key]), "number")


def _cover(line: ProductLine) -> Cell:
    days = "–" if line.cover_days is None else format_units(line.cover_days)
    if line.is_out:
        return Cell(format_html('<span class="mark mark-bad">{}</span> {}', _("out of stock"), days), "number")
    if line.is_soon:
        return Cell(format_html('<span class="mark mark-soon">{}</span> {}', _("soon"), days), "number")
    return Cell(days, "number")


def _units(value: float | None) -> str:
    return "–" if value is None else format_units(value)
