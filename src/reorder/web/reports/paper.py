"""The summary of reports on paper."""

from django.conf import settings
from django.utils.translation import gettext as _

from reorder.domain.catalog import queries as catalog
from reorder.domain.inventory import queries as inventory
from reorder.domain.staff.rules import Actor
from reorder.flows.documents.report import PaperTable, report_pdf
from reorder.insights import reports
from reorder.kernel import clock
from reorder.kernel.errors import NotFound
from reorder.kernel.formatting import format_day, format_units
from reorder.web.reports import page
from reorder.web.reports.words import ABC, days, money, share

_LINES = 20


class NoReport(NotFound):
    code = "reports.none"
    template = "There is no report yet: the first night makes one."


def summary_pdf(*, actor: Actor, language: str) -> tuple[bytes, str]:
    """Stock, classes, service and accuracy as A4, and the name of the file. Raises NoReport."""
    found = reports.find_stock_report(actor=actor)
    if found is None or found.whole is None:
        raise NoReport
    service = reports.sum_service(actor=actor)
    figures = page.stock_figures(whole=found.whole)
    if service.checks:
        figures += page.service_figures(whole=service)
    moment = clock.current_moment()
    content = report_pdf(
        title=_("Stock report"),
        said=_("As of the night of {day}.").format(day=format_day(found.as_of_date, language=language)),
        shop_name=settings.REORDER.shop_name,
        figures=figures,
        tables=_tables(actor=actor, found=found),
        language=language,
        moment=moment,
    )
    return content, f"stock-report-{found.as_of_date.isoformat()}.pdf"


def _tables(*, actor: Actor, found: reports.StockReport) -> list[PaperTable]:
    sums = [_("Value"), _("Share"), _("Turns a year"), _("Days of cover"), _("Over 180 days")]
    places = {place.code: place.name for place in inventory.list_every_place()}
    categories = dict(catalog.list_categories())
    parts = (
        (_("By place"), _("Place"), found.places, places),
        (_("By category, the most valuable first"), _("Category"), found.categories[:12], categories),
    )
    tables = [
        PaperTable(
            title=title,
            heads=[head, *sums],
            rows=[
                [line.name, line.value, line.part, line.turns, line.cover, line.old]
                for line in page.sum_lines(sums=lines, names=names)
            ],
        )
        for title, head, lines, names in parts
    ]
    return [*tables, _classes(found), _valuable(actor), _risky(actor), _accuracy(found)]


def _classes(found: reports.StockReport) -> PaperTable:
    rows = [
        [name, *(f"{cell.klass}: {cell.products} · {cell.value}" if cell else "–" for cell in cells)]
        for name, cells in page.matrix(report=found)
    ]
    return PaperTable(
        title=_("ABC–XYZ classes"),
        note=_("Products at places and their stock value."),
        heads=["", "X", "Y", "Z"],
        rows=rows if found.classes and len(rows) == len(ABC) else [],
    )


def _valuable(actor: Actor) -> PaperTable:
    lines, _after = reports.list_stock_figures(actor=actor, tab="value", after=None, size=_LINES)
    return PaperTable(
        title=_("The most valuable stock"),
        heads=[_("Product"), _("Place"), _("On hand"), _("Value"), _("Days of cover")],
        rows=[
            [
                f"{line['name']} ({line['sku']})",
                line["place"],
                format_units(line["on_hand_units"]),
                money(line["value_minor"]),
                days(line["cover_days"]),
            ]
            for line in lines
        ],
    )


def _risky(actor: Actor) -> PaperTable:
    lines, _after = reports.list_service_figures(actor=actor, tab="risk", after=None, size=_LINES)
    return PaperTable(
        title=_("Where reorder points did not hold"),
        heads=[_("Product"), _("Place"), _("Promised"), _("Promise kept"), _("Money at risk")],
        rows=[
            [
                f"{line['name']} ({line['subject']})",
                line["place"],
                share(line["promised_share"]),
                share(line["held_count"] / line["checks_count"]),
                money(line["risk_minor"]),
            ]
            for line in lines
            if line["risk_minor"]
        ],
    )


def _accuracy(found: reports.StockReport) -> PaperTable:
    return PaperTable(
        title=_("Forecast accuracy"),
        note=_("RMSSE: the error over that of repeating yesterday; below 1 is better."),
        heads=[_("Demand class"), _("Method"), _("Series"), _("RMSSE"), _("Bias")],
        rows=[
            [line.klass, line.method, line.series, line.rmsse, line.bias] for line in page.accuracy_lines(report=found)
        ],
    )
