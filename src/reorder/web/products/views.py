"""The desk Products: the list, and one product's outlook, supply and buyers."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.domain.catalog import queries as catalog
from reorder.domain.inventory import queries as inventory
from reorder.domain.planning import queries as planning
from reorder.domain.staff.rules import Ability
from reorder.insights import product_page, product_supply, warehouse_floor
from reorder.insights.products import UnknownProduct, list_products
from reorder.insights.recommendations import list_companions
from reorder.kernel.formatting import format_amount, format_units
from reorder.web import exports
from reorder.web.access import desk, get_actor
from reorder.web.lists import make_page, read_state
from reorder.web.products import listing
from reorder.web.products.moves import say_moves
from reorder.web.products.outlook import make_outlook
from reorder.web.reports.returned import shown_rate


@desk(Ability.VIEW_PRODUCTS)
def index(request: HttpRequest) -> HttpResponse:
    """What needs somebody first on top."""
    actor = get_actor(request)
    state = read_state(request=request, spec=listing.make_spec(counted=None))
    asked = listing.read_asked(state=state, actor=actor)
    found = list_products(asked=asked, after=state.after)
    spec = listing.make_spec(counted=found.counted)
    counted = found.counted
    page = make_page(
        request=request,
        spec=spec,
        state=state,
        rows=listing.make_rows(lines=found.lines, columns=state.columns),
        next_after=found.after,
        totals=listing.make_totals(found=found, columns=state.columns),
        export_url=state.address(after=None).replace(state.url, reverse("products:export"), 1),
    )
    said = _("Run out soon: {soon}. Out of stock: {out}. Money at risk: {amount}.").format(
        soon=format_units(counted.soon_count),
        out=format_units(counted.out_count),
        amount=format_amount(counted.risk, currency=settings.REORDER.currency),
    )
    places = [place for place in inventory.list_places() if actor.may_at(place.code)]
    context = {
        "list": page,
        "said": said,
        "places": places,
        "place": state.filters.get("place", ""),
        "category": asked.category,
        "category_off": state.address(category=None),
        "is_empty": not (found.lines or state.search or state.filters or state.after or state.tab != "all"),
        "has_night": planning.find_latest_run(kind="night", state="succeeded") is not None,
    }
    return render(request, "products/index.html", context)


@desk(Ability.VIEW_PRODUCTS)
def export(request: HttpRequest) -> HttpResponseBase:
    """The whole list as a file, every column."""
    state = read_state(request=request, spec=listing.make_spec(counted=None))
    asked = listing.read_asked(state=state, actor=get_actor(request))
    return exports.table_response(
        request=request, name="products", heads=listing.export_heads(), rows=listing.export_rows(asked=asked)
    )


@desk(Ability.VIEW_PRODUCTS)
def by_sku(request: HttpRequest) -> HttpResponse:
    """The page of the product that a SKU names: what other desks link to when they know no more."""
    sku = request.GET.get("sku", "").replace("\x00", "")[:200]
    known = catalog.list_products_by_sku(skus=[sku]).get(sku)
    if known is None:
        raise UnknownProduct(sku=sku)
    return redirect("products:detail", product_id=known.id)


@desk(Ability.VIEW_PRODUCTS)
def side(request: HttpRequest, product_id: int) -> HttpResponse:
    """The essentials beside the list."""
    product = product_page.get_product(product_id=product_id)
    spots = product_page.list_spots(product=product, places=get_actor(request).place_codes)
    return render(request, "products/side.html", {"product": product, "spots": spots})


@desk(Ability.VIEW_PRODUCTS)
def detail(request: HttpRequest, product_id: int) -> HttpResponse:
    """How long it lasts, what is expected, by which methods, and how its safety stock comes about."""
    product = product_page.get_product(product_id=product_id)
    outlook = make_outlook(
        product=product,
        actor=get_actor(request),
        place=request.GET.get("place", "").replace("\x00", "")[:200],
        by="day" if request.GET.get("by") == "day" else "week",
        language=str(request.LANGUAGE_CODE),
    )
    companions = list_companions(actor=get_actor(request), sku=product.sku)
    context = {"product": product, "outlook": outlook, "companions": companions, "tab": "outlook"}
    context["returned"] = shown_rate(product_id=product.id)
    return render(request, "products/detail.html", context)


@desk(Ability.VIEW_PRODUCTS)
def supply(request: HttpRequest, product_id: int) -> HttpResponse:
    """Who delivers it, how fast really, what is on the way, and how stock moved."""
    actor = get_actor(request)
    product = product_page.get_product(product_id=product_id)
    places = actor.place_codes
    moves = say_moves(lines=product_supply.list_moves(product=product, places=places))
    bins = warehouse_floor.list_bins_of_product(product_id=product.id, places=sorted(places))
    context = {"product": product, "tab": "supply", "moves": moves, "bins": bins}
    if actor.may(Ability.VIEW_BUYING):
        context |= {
            "may_buy": True,
            "offers": product_supply.list_offers(product=product, places=places),
            "orders": product_supply.list_open_orders(product=product, places=places),
            "proposals": product_supply.list_proposals(product=product, places=places),
        }
    return render(request, "products/supply.html", context)


@desk(Ability.VIEW_CUSTOMERS)
def buyers(request: HttpRequest, product_id: int) -> HttpResponse:
    """Who is likely to buy it soon."""
    product = product_page.get_product(product_id=product_id)
    found = product_supply.list_buyers(actor=get_actor(request), product=product)
    expected = sum(line.within_7_days * line.expected_units for line in found)
    context = {"product": product, "tab": "buyers", "buyers": found, "expected": expected}
    return render(request, "products/buyers.html", context)
