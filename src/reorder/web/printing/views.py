"""The page of labels, and the files that it makes."""

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from reorder.domain.staff.rules import Ability
from reorder.domain.warehouse.bins_of_zone import list_zones_with_bins
from reorder.flows import label_printing
from reorder.flows.label_printing import LabelFile
from reorder.kernel import clock
from reorder.kernel.errors import BadInput
from reorder.web.access import desk, get_actor
from reorder.web.printing.forms import BinsForm, GoodsForm, PalletsForm, PaperForm, TotesForm
from reorder.web.warehouse.place import ChosenPlace, choose_place, require_place

_PRINTS: Final = (Ability.RECEIVE_GOODS, Ability.FULFIL_ORDERS, Ability.EDIT_STOCK, Ability.MANAGE_PLACES)
_UNPROCESSABLE: Final = 422


@desk(*_PRINTS)
def index(request: HttpRequest) -> HttpResponse:
    """What can be printed; addresses of other pages fill the forms in."""
    return _page(request, chosen=choose_place(request))


@desk(*_PRINTS)
def bins(request: HttpRequest) -> HttpResponse:
    """Labels of bins."""
    chosen = require_place(request)
    form = BinsForm(request.GET, zones=list_zones_with_bins(place_code=chosen.place.code))
    return _print(
        request,
        chosen,
        "bins",
        form,
        lambda given: label_printing.print_bins(
            place_code=chosen.place.code,
            actor=get_actor(request),
            paper=form.paper(),
            moment=clock.current_moment(),
            zone_code=given["zone"],
            codes=form.chosen(),
            first=given["first"],
            last=given["last"],
        ),
    )


@desk(*_PRINTS)
def product(request: HttpRequest) -> HttpResponse:
    """Labels of a product."""
    form = GoodsForm(request.GET)
    return _print(
        request,
        choose_place(request),
        "goods",
        form,
        lambda given: label_printing.print_product(
            sku=given["sku"],
            lot=given["lot"],
            expires=given["expires"],
            copies=given["copies"],
            paper=form.paper(),
            moment=clock.current_moment(),
        ),
    )


@desk(*_PRINTS)
def totes(request: HttpRequest) -> HttpResponse:
    """Labels of totes."""
    form = TotesForm(request.GET)
    return _print(
        request,
        choose_place(request),
        "totes",
        form,
        lambda given: label_printing.print_totes(
            prefix=given["letters"].strip(),
            first=given["first"],
            count=given["count"],
            paper=form.paper(),
            moment=clock.current_moment(),
        ),
    )


@desk(*_PRINTS, method="POST")
def pallets(request: HttpRequest) -> HttpResponse:
    """Numbers for pallets, with their labels."""
    chosen, form = require_place(request), PalletsForm(request.POST)
    return _print(
        request,
        chosen,
        "pallets",
        form,
        lambda given: label_printing.make_pallets(
            place_code=chosen.place.code,
            actor=get_actor(request),
            paper=form.paper(),
            moment=clock.current_moment(),
            count=given["count"],
            sku=given["sku"],
            units=given["units"],
            lot=given["lot"],
            expires=given["expires"],
        ),
    )


def _print(
    request: HttpRequest,
    chosen: ChosenPlace | None,
    name: str,
    form: PaperForm,
    make: Callable[[dict[str, Any]], LabelFile],
) -> HttpResponse:
    """The file of what the form asks for; the page with the form and its faults where it cannot be made."""
    if form.is_valid():
        try:
            return _answer(make(form.cleaned_data))
        except BadInput as fault:
            form.refuse(fault)
    return _page(request, chosen=chosen, status=_UNPROCESSABLE, **{name: form})


def _page(request: HttpRequest, *, chosen: ChosenPlace | None, status: int = 200, **typed: PaperForm) -> HttpResponse:
    start = {name: request.GET[name] for name in ("sku", "lot", "expires", "zone", "codes") if request.GET.get(name)}
    context: dict[str, Any] = {
        "chosen": chosen,
        "tab": "labels",
        "bins": typed.get("bins") or _unbound_bins(chosen, start),
        "goods": typed.get("goods") or GoodsForm(initial=start, auto_id="goods_%s"),
        "totes": typed.get("totes") or TotesForm(auto_id="totes_%s"),
        "pallets": typed.get("pallets") or PalletsForm(initial=start, auto_id="pallets_%s"),
        "has_prefix": bool(settings.REORDER.gs1_company_prefix),
    }
    return render(request, "printing/index.html", context, status=status)


def _unbound_bins(chosen: ChosenPlace | None, start: dict[str, str]) -> BinsForm | None:
    if chosen is None:
        return None
    return BinsForm(initial=start, auto_id="bins_%s", zones=list_zones_with_bins(place_code=chosen.place.code))


def _answer(made: LabelFile) -> HttpResponse:
    answer = HttpResponse(made.content, content_type=made.content_type)
    is_page = made.content_type == "application/pdf"
    answer["Content-Disposition"] = (
        content_disposition_header(as_attachment=not is_page, filename=made.name) or "inline"
    )
    return answer
