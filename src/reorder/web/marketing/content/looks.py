"""How messages look, what is shown of products, and where one-tap carts lead."""

import csv
import io
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.domain.marketing import cart_ways, content_library
from reorder.domain.marketing.cart_ways import SHAPES, Target
from reorder.domain.marketing.content_errors import BadContent
from reorder.domain.marketing.content_library import Look
from reorder.domain.staff.rules import Ability
from reorder.insights.message_values import find_postal_address
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of

_see, _edit = Ability.VIEW_MARKETING, Ability.EDIT_MARKETING
_MOST_BYTES: Final = 4_000_000
_REFUSED_SHOWN: Final = 10


@desk(_see)
def index(request: HttpRequest) -> HttpResponse:
    return _show(request)


@desk(_edit, method="POST")
def change(request: HttpRequest) -> HttpResponse:
    """Logo, colour and site."""
    look = Look(**{name: request.POST.get(name, "").strip()[:2_000] for name in ("logo_url", "accent", "site_url")})
    try:
        content_library.set_look(look=look, changed_by=get_actor(request).name, moment=clock.current_moment())
    except BadInput as fault:
        return _show(request, fault=fault, look=look)
    messages.success(request, _("Messages look like this from now on."))
    return redirect("content:look")


@desk(_edit, method="POST")
def take_products(request: HttpRequest) -> HttpResponse:
    """A file of pages and pictures of products."""
    try:
        rows = _read(request, ("sku", "page_url", "picture_url"))
    except BadInput as fault:
        return _show(request, fault=fault)
    cards = [(sku, page, picture) for sku, page, picture in rows]
    refused = content_library.put_product_cards(cards=cards, moment=clock.current_moment())
    _say(request, len(rows) - len(refused), refused)
    return redirect("content:look")


@desk(_edit, method="POST")
def change_cart(request: HttpRequest) -> HttpResponse:
    """Where carts lead: to ours, or to that of another shop."""
    post = request.POST
    target = Target(
        url_template=post.get("url_template", "").strip()[:2_000],
        line_pattern=post.get("line_pattern", "").strip()[:100],
        separator=post.get("separator", ",")[:8],
        is_active=bool(post.get("is_active")),
    )
    try:
        cart_ways.set_target(target=target, changed_by=get_actor(request).name, moment=clock.current_moment())
    except BadInput as fault:
        return _show(request, fault=fault, target=target)
    messages.success(request, _("Carts lead there from now on.") if target.is_active else _("Carts lead to our own."))
    return redirect("content:look")


@desk(_edit, method="POST")
def take_variants(request: HttpRequest) -> HttpResponse:
    """A file of the numbers under which the other shop knows products."""
    try:
        rows = _read(request, ("sku", "variant"))
    except BadInput as fault:
        return _show(request, fault=fault)
    refused = cart_ways.put_variants(rows=[(sku, variant) for sku, variant in rows])
    _say(request, len(rows) - len(refused), refused)
    return redirect("content:look")


def _read(request: HttpRequest, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    given = request.FILES.get("file")
    if given is None or (given.size or 0) > _MOST_BYTES:
        raise BadContent(what="the file", reason="it has more than 4 MB, or none was chosen", value="")
    try:
        reader = csv.DictReader(io.StringIO(given.read().decode("utf-8-sig")))
        names = {name.strip().lower(): name for name in reader.fieldnames or ()}
        if missing := [name for name in columns if name not in names]:
            raise BadContent(what="the file", reason="a column is missing", value=", ".join(missing))
        return [tuple((row[names[name]] or "").strip() for name in columns) for row in reader]
    except (UnicodeDecodeError, csv.Error) as cause:
        raise BadContent(what="the file", reason="it is not text in UTF-8", value="") from cause


def _say(request: HttpRequest, count: int, refused: list[tuple[str, str]]) -> None:
    if count:
        messages.success(request, _("{count} products are known now.").format(count=count))
    for sku, reason in refused[:_REFUSED_SHOWN]:
        messages.warning(request, f"{sku}: {_(reason)}")


def _show(
    request: HttpRequest, *, fault: BadInput | None = None, look: Look | None = None, target: Target | None = None
) -> HttpResponse:
    url, pattern, separator = SHAPES["shopify"]
    context = {
        "tab": "content",
        "part": "look",
        "look": look or content_library.get_look(),
        "target": target or cart_ways.find_any_target(),
        "example": {"url": url, "pattern": pattern, "separator": separator},
        "cards_count": content_library.count_product_cards(),
        "variants_count": cart_ways.count_variants(),
        "postal_address": find_postal_address(),
        "may_edit": get_actor(request).may(_edit),
        "refusal": explain_error(error=fault, translate=_) if fault else "",
    }
    return render(request, "marketing/content/look.html", context, status=status_of(fault) if fault else 200)
