"""Report pages: stock, classes, service, forecast accuracy; as pages, as files, and the summary as PDF."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reorder.domain.catalog import queries as catalog
from reorder.domain.inventory import queries as inventory
from reorder.domain.staff.rules import Ability
from reorder.insights import reports
from reorder.web.access import desk, get_actor
from reorder.web.exports import table_response
from reorder.web.lists import PAGE_SIZE, make_page, read_state
from reorder.web.reports import listing, page
from reorder.web.reports.words import XYZ


@desk(Ability.VIEW_BUYING)
def stock(request: HttpRequest) -> HttpResponse:
    """Stock value, turns, cover and ages: sums, and every product at every place."""
    actor = get_actor(request)
    state = read_state(request=request, spec=listing.STOCK)
    found = reports.find_stock_report(actor=actor)
    context: dict[str, object] = {"here": "stock", "report": found, "may_judge": _may_judge(request)}
    if found and found.whole:
        places = {place.code: place.name for place in inventory.list_every_place()}
        lines, after = reports.list_stock_figures(
            actor=actor,
            tab=state.tab,
            search=state.search,
            klass=state.filters.get("class", ""),
            after=state.after,
            size=PAGE_SIZE,
        )
        context |= {
            "figures": page.stock_figures(whole=found.whole),
            "ages": page.age_chart(whole=found.whole),
            "trend": page.trend_chart(trend=found.trend, language=str(request.LANGUAGE_CODE)),
            "places": page.sum_lines(sums=found.places, names=places),
            "categories": page.sum_lines(sums=found.categories[:12], names=dict(catalog.list_categories())),
            "klass": state.filters.get("class", ""),
            "klass_off": state.address(**{"class": None}),
            "list": make_page(
                request=request,
                spec=listing.STOCK,
                state=state,
                rows=listing.stock_rows(lines=lines, state=state),
                next_after=after,
                export_url=state.address(after=None).replace(state.url, reverse("reports:stock_export"), 1),
            ),
        }
    return render(request, "reports/stock.html", context)


@desk(Ability.VIEW_BUYING)
def stock_export(request: HttpRequest) -> HttpResponseBase:
    """The whole list as a file."""
    state = read_state(request=request, spec=listing.STOCK)
    return table_response(
        request=request,
        name="stock-report",
        heads=listing.stock_export_heads(),
        rows=listing.stock_export_rows(actor=get_actor(request), state=state),
    )


@desk(Ability.VIEW_BUYING)
def classes(request: HttpRequest) -> HttpResponse:
    """The ABC–XYZ matrix."""
    actor = get_actor(request)
    found = reports.find_stock_report(actor=actor)
    context = {
        "here": "classes",
        "may_judge": _may_judge(request),
        "report": found,
        "is_limited": bool(actor.place_codes),
        "rows": page.matrix(report=found) if found and found.classes else [],
        "columns": list(XYZ.values()),
    }
    return render(request, "reports/classes.html", context)


@desk(Ability.VIEW_BUYING)
def service(request: HttpRequest) -> HttpResponse:
    """Whether reorder points held what they promised, and what it cost where they did not."""
    actor = get_actor(request)
    state = read_state(request=request, spec=listing.SERVICE)
    whole = reports.sum_service(actor=actor)
    context: dict[str, object] = {"here": "service", "whole": whole, "may_judge": _may_judge(request)}
    if whole.checks:
        lines, after = reports.list_service_figures(
            actor=actor, tab=state.tab, search=state.search, after=state.after, size=PAGE_SIZE
        )
        weeks = reports.list_service_weeks(actor=actor)
        context |= {
            "figures": page.service_figures(whole=whole),
            "chart": page.service_chart(weeks=weeks, whole=whole, language=str(request.LANGUAGE_CODE)),
            "list": make_page(
                request=request,
                spec=listing.SERVICE,
                state=state,
                rows=listing.service_rows(lines=lines, state=state),
                next_after=after,
                export_url=state.address(after=None).replace(state.url, reverse("reports:service_export"), 1),
            ),
        }
    return render(request, "reports/service.html", context)


@desk(Ability.VIEW_BUYING)
def service_export(request: HttpRequest) -> HttpResponseBase:
    """The whole list as a file."""
    state = read_state(request=request, spec=listing.SERVICE)
    return table_response(
        request=request,
        name="service-report",
        heads=listing.service_export_heads(),
        rows=listing.service_export_rows(actor=get_actor(request), state=state),
    )


@desk(Ability.VIEW_BUYING, Ability.VIEW_DEMAND)
def accuracy(request: HttpRequest) -> HttpResponse:
    """How each method forecast, by demand class."""
    found = reports.find_stock_report(actor=get_actor(request))
    lines = page.accuracy_lines(report=found) if found else []
    return render(
        request,
        "reports/accuracy.html",
        {"here": "accuracy", "report": found, "lines": lines, "may_judge": _may_judge(request)},
    )


@desk(Ability.VIEW_BUYING, Ability.VIEW_DEMAND)
def accuracy_export(request: HttpRequest) -> HttpResponseBase:
    """The same as a file, in numbers."""
    found = reports.find_stock_report(actor=get_actor(request))
    heads = [_("Demand class"), _("Method"), _("Series"), _("Used by"), _("RMSSE"), _("Bias")]

    def rows() -> Iterator[list[object]]:
        for row in found.accuracy if found else []:
            yield [row["demand_class"], row["method"], row["series"], row["chosen"], row["rmsse"], row["bias"]]

    return table_response(request=request, name="forecast-accuracy", heads=heads, rows=rows())


@desk(Ability.VIEW_BUYING)
def pdf(request: HttpRequest) -> HttpResponse:
    """The summary of stock, service and accuracy on paper."""
    from reorder.web.reports.paper import summary_pdf

    content, name = summary_pdf(actor=get_actor(request), language=get_language() or "en")
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return answer


def _may_judge(request: HttpRequest) -> bool:
    """Whether the page of prediction quality is theirs to open."""
    actor = get_actor(request)
    return actor.may(Ability.VIEW_CUSTOMERS) or actor.may(Ability.VIEW_DEMAND)
