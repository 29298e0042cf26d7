"""The list of planned subjects: columns, tabs and rows."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reorder.insights.demand_page import SubjectLine
from reorder.kernel.formatting import format_share, format_units
from reorder.web.lists import Cell, Column, ListSpec, ListState, Row, Tab

SPEC = ListSpec(
    page="demand",
    columns=(
        Column("name", _("Product or category")),
        Column("category", _("Category"), is_default=False),
        Column(
            "week_0", _("Week 1"), "number", help=_("Planned units of the seven days from the plan's first day on.")
        ),
        Column("week_1", _("Week 2"), "number"),
        Column("week_2", _("Week 3"), "number", is_default=False),
        Column("week_3", _("Week 4"), "number", is_default=False),
        Column("horizon", _("All weeks"), "number"),
        Column(
            "change",
            _("Change"),
            "number",
            help=_("Against the plan of the night before, over the weeks that both know on every day."),
        ),
        Column(
            "known", _("Known customers"), "number", help=_("Share of the baseline that predicted reorders explain.")
        ),
        Column(
            "added",
            _("Added"),
            "number",
            help=_("Commitments and adjustments: what the past cannot show."),
        ),
    ),
    tabs=(Tab("largest", _("Largest")), Tab("changes", _("Biggest changes")), Tab("adjusted", _("Adjusted"))),
    search_label=_("SKU or name"),
    filters=("category", "place", "subject", "week"),
)


def make_rows(*, lines: Sequence[SubjectLine], state: ListState) -> list[Row]:
    place = state.filters.get("place", "")
    return [
        Row(
            key=line.key,
            url=f"{reverse('demand:index')}?{urlencode({'subject': line.key} | ({'place': place} if place else {}))}",
            cells=[_cell(line, column.key) for column in state.columns],
        )
        for line in lines
    ]


def _cell(line: SubjectLine, key: str) -> Cell:
    match key:
        case "name":
            code = line.key if line.product_id is not None else gettext("whole category")
            return Cell(format_html('{} <span class="row-code">{}</span>', line.name, code), "row-name")
        case "category":
            return Cell(line.category)
        case "change":
            return Cell(_signed(line.change_units), "number")
        case "known":
            return Cell(format_share(line.known_share), "number")
        case "added":
            return Cell(_signed(line.committed_units + line.adjustment_units), "number")
        case "horizon":
            return Cell(format_units(line.horizon_units), "number")
    return Cell(format_units(line.weeks[int(key[-1])]), "number")


def _signed(units: float | None) -> str:
    if units is None:
        return "–"
    text = format_units(units)
    return f"+{text}" if units > 0 and text != "0" else text.replace("-", "−")
