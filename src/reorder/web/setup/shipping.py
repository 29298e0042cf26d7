"""Shipping: carrier services, zones by postcode, and rates, as files that people can keep in a spreadsheet."""

from collections.abc import Callable, Sequence
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.shipping import files, operations, queries, taiwan
from reorder.domain.shipping.errors import UnknownService
from reorder.domain.shipping.queries import ZoneRow
from reorder.domain.shipping.rules import RateRow, ServiceRow
from reorder.domain.staff.rules import Ability
from reorder.flows import shipping_setup
from reorder.kernel.errors import BadInput, ReorderError, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.setup.pages import show_form
from reorder.web.setup.shipping_forms import ServiceForm

_manage = Ability.MANAGE_PLACES
_MOST_BYTES: Final = 8_000_000
_WAYS_SHOWN: Final = 200


@desk(_manage)
def index(request: HttpRequest) -> HttpResponse:
    return _draw(request)


@desk(_manage, method="POST")
def load_example(request: HttpRequest) -> HttpResponse:
    """The shipped table of Taiwan, into a shop that has nothing yet."""
    try:
        shipping_setup.load_example(decided_by=get_actor(request).name)
    except BadInput as fault:
        return _draw(request, fault=fault)
    messages.success(request, _("The example is loaded. Replace its prices with those of your contract."))
    return redirect("setup:shipping")


@desk(_manage)
def add(request: HttpRequest) -> HttpResponse:
    return _show_new(request, ServiceForm(initial={"temperatures": ["ambient"], "delivery_days": 1}))


@desk(_manage, method="POST")
def create(request: HttpRequest) -> HttpResponse:
    form = ServiceForm(request.POST)
    if form.is_valid() and any(row.code == form.cleaned_data["code"] for row in queries.list_services()):
        form.add_error("code", _("There is a service with this code already."))
    if not _is_saved(request, form):
        return _show_new(request, form)
    return redirect("setup:shipping")


@desk(_manage)
def show(request: HttpRequest, service_code: str) -> HttpResponse:
    return _show_service(request, _get_service(service_code), None)


@desk(_manage, method="POST")
def change(request: HttpRequest, service_code: str) -> HttpResponse:
    row = _get_service(service_code)
    form = ServiceForm({**request.POST.dict(), **_lists(request), "code": row.code})
    if not _is_saved(request, form):
        return _show_service(request, row, form)
    return redirect("setup:shipping")


@desk(_manage, method="POST")
def remove(request: HttpRequest, service_code: str) -> HttpResponse:
    operations.remove_service(code=service_code, decided_by=get_actor(request).name)
    messages.success(request, _("The service is forgotten, with its rates."))
    return redirect("setup:shipping")


@desk(_manage)
def download_rates(request: HttpRequest) -> HttpResponse:
    return _as_file(files.write_rates(rates=queries.list_rates()), "shipping-rates.csv")


@desk(_manage)
def download_zones(request: HttpRequest) -> HttpResponse:
    names = {zone.code: zone.name for zone in queries.list_zones()}
    return _as_file(files.write_zones(prefixes=queries.list_prefixes(), names=names), "shipping-zones.csv")


@desk(_manage, method="POST")
def upload_rates(request: HttpRequest) -> HttpResponse:
    """A file of rates, all or none: it takes the place of those of its services."""
    return _take(request, _save_rates)


@desk(_manage, method="POST")
def upload_zones(request: HttpRequest) -> HttpResponse:
    """A file of zones, all or none: it takes the place of the whole table."""
    return _take(request, _save_zones)


def _save_rates(content: bytes, decided_by: str) -> str:
    rates = files.read_rates(
        content=content,
        services=[row.code for row in queries.list_services()],
        zones=[zone.code for zone in queries.list_zones()],
        currency=settings.REORDER.currency,
    )
    count = operations.replace_rates(rates=rates, decided_by=decided_by)
    return ngettext("{count} rate is saved.", "{count} rates are saved.", count).format(count=f"{count:,}")


def _save_zones(content: bytes, decided_by: str) -> str:
    prefixes, names = files.read_zones(content=content)
    count = operations.replace_zones(prefixes=prefixes, names=names, decided_by=decided_by)
    said = ngettext("{count} beginning of postcodes is saved.", "{count} beginnings of postcodes are saved.", count)
    return said.format(count=f"{count:,}")


def _take(request: HttpRequest, save: Callable[[bytes, str], str]) -> HttpResponse:
    given = request.FILES.get("file")
    try:
        if given is None or (given.size or 0) > _MOST_BYTES:
            raise files.no_file(is_missing=given is None)
        said = save(given.read(), get_actor(request).name)
    except BadInput as fault:
        return _draw(request, fault=fault)
    messages.success(request, said)
    return redirect("setup:shipping")


def _get_service(code: str) -> ServiceRow:
    found = next((row for row in queries.list_services() if row.code == code), None)
    if found is None:
        raise UnknownService(service=code)
    return found


def _lists(request: HttpRequest) -> dict[str, list[str]]:
    """Fields with several values, which a plain dictionary would lose."""
    return {"temperatures": request.POST.getlist("temperatures")}


def _is_saved(request: HttpRequest, form: ServiceForm) -> bool:
    if not form.is_valid():
        return False
    try:
        operations.save_service(service=form.service(), decided_by=get_actor(request).name)
    except BadInput as fault:
        form.refuse(fault)
        return False
    messages.success(request, _("Saved. Orders that come in from now on follow."))
    return True


def _show_new(request: HttpRequest, form: ServiceForm) -> HttpResponse:
    return show_form(
        request=request,
        form=form,
        title=_("Add a service"),
        eyebrow=_("Carriers and zones"),
        back="setup:shipping",
        action="setup:create_service",
        button=_("Add the service"),
    )


def _show_service(request: HttpRequest, row: ServiceRow, form: ServiceForm | None) -> HttpResponse:
    form = form or ServiceForm(initial=ServiceForm.values(row))
    form.fields["code"].disabled = True
    weights, ways = _ways([rate for rate in queries.list_rates() if rate.service == row.code])
    return show_form(
        request=request,
        form=form,
        template="setup/shipping_service.html",
        service=row,
        currency=settings.REORDER.currency,
        weights=weights,
        ways=ways[:_WAYS_SHOWN],
        more_count=max(len(ways) - _WAYS_SHOWN, 0),
    )


def _ways(rates: Sequence[RateRow]) -> tuple[list[int], list[tuple[str, str, list[int | None]]]]:
    """Rates as a table: the weights that are its columns, and (from, to, a price for each weight or None)."""
    names = {zone.code: zone.name for zone in queries.list_zones()}
    weights = sorted({rate.up_to_grams for rate in rates})
    prices: dict[tuple[str, str], dict[int, int]] = {}
    for rate in rates:
        prices.setdefault((rate.from_zone, rate.to_zone), {})[rate.up_to_grams] = rate.price_minor
    return weights, [
        (names[start], names[end], [steps.get(grams) for grams in weights]) for (start, end), steps in prices.items()
    ]


def _draw(request: HttpRequest, fault: ReorderError | None = None) -> HttpResponse:
    counts = queries.count_rates()
    context = {
        "services": [(row, counts.get(row.code, 0)) for row in queries.list_services()],
        "zones": [(zone, _beginnings(zone)) for zone in queries.list_zones()],
        "rates_count": sum(counts.values()),
        "refusal": explain_error(error=fault, translate=_) if fault else "",
        "may_load_example": settings.REORDER.currency == taiwan.CURRENCY,
        "rate_columns": ", ".join(files.RATE_COLUMNS),
        "zone_columns": ", ".join(files.ZONE_COLUMNS),
        "rates_url": reverse("setup:download_shipping_rates"),
        "zones_url": reverse("setup:download_zones"),
    }
    return render(request, "setup/shipping.html", context, status=status_of(fault) if fault else 200)


def _beginnings(zone: ZoneRow) -> list[tuple[str, str]]:
    """(country, its beginnings of postcodes in a row; empty: the whole country) of a zone."""
    starts: dict[str, list[str]] = {}
    for country, start in zone.prefixes:
        starts.setdefault(country, []).append(start)
    return [(country, ", ".join(f"{one}…" for one in given if one)) for country, given in starts.items()]


def _as_file(text: str, name: str) -> HttpResponse:
    # The mark tells spreadsheets that it is UTF-8.
    answer = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
