"""Why is on hand 47? The history of a product's stock at a place, and taking a move back."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.inventory.queries import PlaceRow, list_places
from reorder.domain.staff.rules import Ability, Actor
from reorder.flows import stock_changes
from reorder.insights import product_page, stock_history
from reorder.insights.stock_history import Cursor, HistoryLine, Tab
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import ReorderError, explain_error
from reorder.kernel.formatting import format_units
from reorder.web import exports
from reorder.web.access import desk, get_actor
from reorder.web.lists import BadCursor, decode_cursor, encode_cursor
from reorder.web.products.moves import say_location
from reorder.web.templatetags.reorder import word

_TABS: Final = (
    ("on_hand", gettext_lazy("What changed on hand")),
    ("promises", gettext_lazy("What was promised")),
    ("all", gettext_lazy("Every move")),
)
_LONGEST_REASON: Final = 300
_FINGERPRINT: Final = 64
_LARGEST: Final = 2**63
_SIGNS: Final = {1: "+", 0: "", -1: "−"}


@dataclass(frozen=True, slots=True)
class SaidLine:
    """One move as the page shows it; the cause has an address where there is a page about it."""

    line: HistoryLine
    source: str
    target: str
    cause: str
    cause_url: str
    said_units: str


@desk(Ability.VIEW_PRODUCTS)
def show(request: HttpRequest, product_id: int) -> HttpResponse:
    """What stands there now by lot, and every move with what stood there after it."""
    actor, product = get_actor(request), product_page.get_product(product_id=product_id)
    places = [place for place in list_places() if actor.may_at(place.code)]
    place, tab = _place(request, places), _tab(request)
    context = {"product": product, "tab": "supply", "places": places, "place": place, "shown": tab}
    if place is not None:
        after = _read_cursor(request)
        page = stock_history.list_history(product_id=product_id, place_code=place.code, tab=tab, after=after)
        lots = stock_history.list_lots_now(product_id=product_id, place_code=place.code)
        at = {"place": place.code, "tab": tab}
        context |= {
            "lines": [_say(line, actor) for line in page.lines],
            "lots": lots,
            "on_hand": sum((one.on_hand for one in lots), Decimal(0)),
            "allocated": sum((one.allocated for one in lots), Decimal(0)),
            "held": sum((one.held for one in lots), Decimal(0)),
            "free": sum((one.free for one in lots), Decimal(0)),
            "tabs": [(key, label, urlencode({"place": place.code, "tab": key})) for key, label in _TABS],
            "query": urlencode(at),
            "next_query": urlencode(at | {"after": _cursor_text(page.after)}) if page.after else "",
            "is_first": after is None,
        }
    return render(request, "products/stock.html", context)


@desk(Ability.VIEW_PRODUCTS)
def export(request: HttpRequest, product_id: int) -> HttpResponseBase:
    """The whole history as a file."""
    actor, product = get_actor(request), product_page.get_product(product_id=product_id)
    place = _place(request, [one for one in list_places() if actor.may_at(one.code)])
    heads = [
        _("When"), _("Move"), _("Units"), _("From"), _("Goes to"), _("Lot"), _("Expires"), _("Cause"), _("Cause key"),
        _("On hand after"), _("Allocated after"),
    ]  # fmt: skip
    rows = _rows(product_id=product.id, place=place, tab=_tab(request))
    return exports.table_response(request=request, name=f"stock-{product.sku}", heads=heads, rows=rows)


@desk(Ability.EDIT_STOCK, method="POST")
def undo(request: HttpRequest, product_id: int) -> HttpResponse:
    """Take a move back by its counter-move."""
    page = f"{reverse('products:stock', args=[product_id])}?{urlencode({'place': request.POST.get('place', '')[:200]})}"
    reason = " ".join(request.POST.get("reason", "").replace("\x00", "").split())[:_LONGEST_REASON]
    move = request.POST.get("move", "")
    if not reason:
        messages.warning(request, _("Say why the move is taken back: it stands in the ledger for ever."))
        return redirect(page)
    try:
        done = stock_changes.undo_move(
            move_id=int(move) if move.isdecimal() and len(move) < 19 else 0,
            reason=reason,
            actor=get_actor(request),
            moment=current_moment(),
        )
    except ReorderError as fault:
        messages.warning(request, explain_error(error=fault, translate=_))
    else:
        messages.success(
            request,
            _("The move is taken back: {units} units of {sku}.").format(units=done.units.normalize(), sku=done.sku),
        )
    return redirect(page)


def _rows(*, product_id: int, place: PlaceRow | None, tab: Tab) -> Iterator[list[object]]:
    if place is None:
        return
    for line in stock_history.iterate_history(product_id=product_id, place_code=place.code, tab=tab):
        yield [
            line.happened_at, word(line.kind), line.units, say_location(line.source), say_location(line.target),
            line.lot, line.expires_date, word(line.cause_kind), line.cause_key, line.on_hand, line.allocated,
        ]  # fmt: skip


def _short_key(key: str) -> str:
    """The key of a file or a count is a long fingerprint: its beginning tells it apart."""
    return key[:8] if len(key) == _FINGERPRINT and not key.strip("0123456789abcdef") else key


def _say(line: HistoryLine, actor: Actor) -> SaidLine:
    url = ""
    change = line.on_hand_change or line.allocated_change
    sign = (change > 0) - (change < 0)
    if line.cause_kind == "order" and line.cause_key.isdecimal() and actor.may(Ability.VIEW_ORDERS):
        url = reverse("orders:order", args=[int(line.cause_key)])
    elif line.cause_kind == "purchase_order" and actor.may(Ability.VIEW_BUYING):
        url = reverse("buying:order", args=[line.cause_key])
    return SaidLine(
        line=line,
        source=say_location(line.source),
        target=say_location(line.target),
        cause=f"{word(line.cause_kind)} {_short_key(line.cause_key)}".strip(),
        cause_url=url,
        said_units=f"{_SIGNS[sign]}{format_units(line.units)}",
    )


def _place(request: HttpRequest, places: list[PlaceRow]) -> PlaceRow | None:
    wanted = request.GET.get("place", "")
    return next((place for place in places if place.code == wanted), places[0] if places else None)


def _tab(request: HttpRequest) -> Tab:
    asked = request.GET.get("tab", "")
    return cast("Tab", asked) if asked in {key for key, _label in _TABS} else "on_hand"


def _cursor_text(cursor: Cursor) -> str:
    return encode_cursor([cursor.id, str(cursor.on_hand), str(cursor.allocated)])


def _read_cursor(request: HttpRequest) -> Cursor | None:
    if not request.GET.get("after"):
        return None
    match decode_cursor(request.GET["after"]):
        case (int(number), str(on_hand), str(allocated)) if abs(number) < _LARGEST:
            try:
                return Cursor(number, Decimal(on_hand), Decimal(allocated))
            except InvalidOperation:
                raise BadCursor from None
        case _:
            raise BadCursor
