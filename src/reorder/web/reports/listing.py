"""The two lists of reports: stock of products at places, and promises kept; columns, rows, exports."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.staff.rules import Actor
from reorder.insights import reports
from reorder.kernel.formatting import format_units
from reorder.kernel.money import minor_digits
from reorder.web.exports import EXPORT_ROWS, every_line
from reorder.web.lists import Cell, Column, ListSpec, ListState, Row, Tab
from reorder.web.reports.words import days, money, number, share

STOCK = ListSpec(
    page="report_stock",
    columns=(
        Column("name", gettext_lazy("Product")),
        Column("place", gettext_lazy("Place")),
        Column("on_hand_units", gettext_lazy("On hand"), "number"),
        Column(
            "value_minor",
            gettext_lazy("Value"),
            "number",
            help=gettext_lazy("On hand at cost: the cheapest offer with freight and duty, else the product's cost."),
        ),
        Column("sold_90_units", gettext_lazy("Sold, 90 days"), "number"),
        Column(
            "turns",
            gettext_lazy("Turns a year"),
            "number",
            help=gettext_lazy(
                "Units sold in 90 days, made into a year, over the mean stock of those days, or since the product came."
            ),
        ),
        Column(
            "cover_days",
            gettext_lazy("Days of cover"),
            "number",
            help=gettext_lazy("On hand over the demand a day that the last night expected."),
        ),
        Column("class", gettext_lazy("Class")),
        Column(
            "oldest_days",
            gettext_lazy("Oldest, days"),
            "number",
            help=gettext_lazy("First in, first out: what stands there came last."),
        ),
        Column("young_minor", gettext_lazy("To 30 days"), "number", is_default=False),
        Column("middle_minor", gettext_lazy("31–90 days"), "number", is_default=False),
        Column("aged_minor", gettext_lazy("91–180 days"), "number", is_default=False),
        Column("old_minor", gettext_lazy("Over 180 days"), "number"),
    ),
    tabs=(
        Tab("value", gettext_lazy("By value")),
        Tab("slow", gettext_lazy("Over 180 days of cover")),
        Tab("old", gettext_lazy("Older than 180 days")),
        Tab("costless", gettext_lazy("Without cost")),
    ),
    search_label=gettext_lazy("SKU or name"),
    filters=("class",),
)
SERVICE = ListSpec(
    page="report_service",
    columns=(
        Column("name", gettext_lazy("Product")),
        Column("place", gettext_lazy("Place")),
        Column("checks_count", gettext_lazy("Weeks checked"), "number"),
        Column("promised_share", gettext_lazy("Promised"), "number"),
        Column(
            "held",
            gettext_lazy("Promise kept"),
            "number",
            help=gettext_lazy("Share of checked weeks in which demand until the next delivery stayed within it."),
        ),
        Column("short_units", gettext_lazy("Units short"), "number"),
        Column(
            "risk_minor",
            gettext_lazy("Money at risk"),
            "number",
            help=gettext_lazy("Demand beyond the reorder point, all checked weeks together, at the margin of a sale."),
        ),
    ),
    tabs=(
        Tab("risk", gettext_lazy("Money at risk")),
        Tab("below", gettext_lazy("Held less than promised")),
        Tab("above", gettext_lazy("Held more than promised")),
    ),
    search_label=gettext_lazy("SKU or name"),
)
_MONEY = {"value_minor", "young_minor", "middle_minor", "aged_minor", "old_minor", "risk_minor"}


def stock_rows(*, lines: Sequence[Mapping[str, Any]], state: ListState) -> list[Row]:
    return [
        Row(
            key=str(line["id"]),
            url=reverse("products:detail", args=[line["product_id"]]),
            cells=[_stock_cell(line, column.key) for column in state.columns],
        )
        for line in lines
    ]


def service_rows(*, lines: Sequence[Mapping[str, Any]], state: ListState) -> list[Row]:
    return [
        Row(
            key=str(line["id"]),
            url=reverse("products:detail", args=[line["product_id"]]) if line["product_id"] else "",
            cells=[_service_cell(line, column.key) for column in state.columns],
        )
        for line in lines
    ]


def stock_export_rows(*, actor: Actor, state: ListState) -> Iterator[list[object]]:
    """Every row of the tab, all columns, amounts in major units."""
    lines = every_line(
        read=lambda after: reports.list_stock_figures(
            actor=actor,
            tab=state.tab,
            search=state.search,
            klass=state.filters.get("class", ""),
            after=after,
            size=EXPORT_ROWS,
        )
    )
    for line in lines:
        yield [
            line["name"],
            line["sku"],
            line["place"],
            *(_exported(line, column.key) for column in STOCK.columns[2:]),
            line["mean_on_hand_units"],
            line["mean_days"],
            settings.REORDER.currency,
        ]


def stock_export_heads() -> list[str]:
    heads = [str(column.label) for column in STOCK.columns]
    return [heads[0], _("SKU"), *heads[1:], _("Mean stock"), _("Days of that mean"), _("Currency")]


def service_export_rows(*, actor: Actor, state: ListState) -> Iterator[list[object]]:
    lines = every_line(
        read=lambda after: reports.list_service_figures(
            actor=actor, tab=state.tab, search=state.search, after=after, size=EXPORT_ROWS
        )
    )
    for line in lines:
        yield [
            line["name"],
            line["subject"],
            line["place"],
            *(_exported(line, column.key) for column in SERVICE.columns[2:]),
            settings.REORDER.currency,
        ]


def service_export_heads() -> list[str]:
    heads = [str(column.label) for column in SERVICE.columns]
    return [heads[0], _("SKU"), *heads[1:], _("Currency")]


def _exported(line: Mapping[str, Any], key: str) -> object:
    if key == "class":
        return f"{line['abc']}{line['xyz']}"
    if key == "held":
        return round(line["held_count"] / line["checks_count"], 4)
    value = line[key]
    if key in _MONEY and value is not None:
        return value / 10 ** minor_digits(currency=settings.REORDER.currency)
    return round(value, 4) if isinstance(value, float) else value


def _stock_cell(line: Mapping[str, Any], key: str) -> Cell:
    match key:
        case "name":
            return Cell(format_html('{} <span class="row-code">{}</span>', line["name"], line["sku"]), "row-name")
        case "place":
            return Cell(line["place"])
        case "class":
            return Cell(f"{line['abc']}{line['xyz']}" or "–")
        case "turns":
            return Cell(number(line["turns"]), "number")
        case "cover_days":
            return Cell(days(line["cover_days"]), "number")
        case "oldest_days":
            return Cell("–" if line["oldest_days"] is None else format_units(line["oldest_days"]), "number")
    if key in _MONEY:
        return Cell(money(line[key]), "number")
    return Cell(format_units(line[key]), "number")


def _service_cell(line: Mapping[str, Any], key: str) -> Cell:
    match key:
        case "name":
            return Cell(format_html('{} <span class="row-code">{}</span>', line["name"], line["subject"]), "row-name")
        case "place":
            return Cell(line["place"])
        case "promised_share":
            return Cell(share(line["promised_share"]), "number")
        case "held":
            said = share(line["held_count"] / line["checks_count"])
            if line["checks_count"] < reports.FEW_CHECKS:
                return Cell(format_html('{} <span class="row-code">{}</span>', said, _("few weeks")), "number")
            return Cell(said, "number")
        case "risk_minor":
            return Cell(money(line["risk_minor"]) if line["risk_minor"] else "–", "number")
    return Cell(format_units(line[key]), "number")
