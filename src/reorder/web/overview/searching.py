"""The search on top of every page."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from reorder.insights.searching import Found, search_everything
from reorder.kernel.clock import current_date
from reorder.web.access import desk, get_actor
from reorder.web.customers.listing import name_of, segment_mark


@desk()
def search(request: HttpRequest) -> HttpResponse:
    """What was found of each kind; something named exactly is opened at once."""
    text = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:200]
    found = search_everything(
        actor=get_actor(request), text=text, today=current_date(time_zone=settings.REORDER.time_zone)
    )
    if found.exact_count == 1:
        return redirect(_exact_url(found))
    context = {
        "text": text,
        "found": found,
        "customers": [
            {
                "url": reverse("customers:customer", args=[one.line.id]),
                "name": name_of(name=one.line.name, key=one.line.key, is_erased=one.line.is_erased),
                "key": one.line.key,
                "segment": segment_mark(one.line.segment),
            }
            for one in found.customers
        ],
    }
    return render(request, "overview/search.html", context)


def _exact_url(found: Found) -> str:
    if found.exact_customer_id is not None:
        return reverse("customers:customer", args=[found.exact_customer_id])
    if found.exact_product_id is not None:
        return reverse("products:detail", args=[found.exact_product_id])
    if found.exact_purchase_number is not None:
        return reverse("buying:order", args=[found.exact_purchase_number])
    return reverse("orders:order", args=[found.orders[0].id])
