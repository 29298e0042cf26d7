"""What a customer keeps here: name, language, addresses; and where one signs out."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from reorder.domain.customers.privacy import ANSWER_WITHIN, list_requests_of
from reorder.domain.customers.saved_addresses import SavedRow, list_saved_addresses
from reorder.domain.messaging.of_customer import get_reach
from reorder.domain.messaging.operations import unsubscribe_token
from reorder.flows import portal, privacy
from reorder.flows.channel_setup import browser_key
from reorder.web.middleware import LANGUAGES
from reorder.web.portal.forms import AddressForm, initial_of
from reorder.web.portal.gate import Visit, shop, show


@shop("GET", for_customers=True)
def me(request: HttpRequest, visit: Visit) -> HttpResponse:
    points = get_reach(customer_id=visit.me).contact_points
    context = {
        "name": visit.session.name if visit.session else "",
        "mailboxes": [point.address for point in points if point.channel == "email"],
        "saved": list_saved_addresses(customer_id=visit.me),
        "push_key": browser_key(),
        "mark": unsubscribe_token(customer_id=visit.me),
        "asked": {one.kind for one in list_requests_of(customer_id=visit.me) if one.state == "open"},
    }
    return show(request, visit, "portal/me.html", context)


@shop("POST", for_customers=True)
def change(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Name and language, also of mails."""
    language = LANGUAGES.get(request.POST.get("language", ""), visit.language)
    portal.change_own_facts(customer_id=visit.me, name=request.POST.get("name", ""), language=language)
    return _saved()


@shop("POST", for_customers=True)
def ask_data(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask for a copy of one's data, or to be erased; the shop answers within its days."""
    kind = request.POST.get("kind", "")
    if kind not in ANSWER_WITHIN:
        raise Http404
    privacy.take_request(
        kind=kind,
        customer_id=visit.me,
        how_known="signed in",
        decided_by=f"customer:{visit.me}",
        moment=visit.moment,
    )
    return redirect(reverse("shop:me") + "?said=asked")


@shop("GET", "POST", for_customers=True)
def add_address(request: HttpRequest, visit: Visit) -> HttpResponse:
    return _address(request, visit, replaces=None)


@shop("GET", "POST", for_customers=True)
def edit_address(request: HttpRequest, visit: Visit, saved_id: int) -> HttpResponse:
    """Another address instead of this one; orders keep where they went."""
    found = [one for one in list_saved_addresses(customer_id=visit.me) if one.id == saved_id]
    if not found:
        raise Http404
    return _address(request, visit, replaces=found[0])


@shop("POST", for_customers=True)
def drop_address(request: HttpRequest, visit: Visit, saved_id: int) -> HttpResponse:
    portal.drop_own_address(customer_id=visit.me, saved_id=saved_id)
    return _saved()


def _address(request: HttpRequest, visit: Visit, *, replaces: SavedRow | None) -> HttpResponse:
    initial = initial_of(replaces.address) if replaces else {"name": visit.session.name if visit.session else ""}
    form = AddressForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        portal.keep_own_address(
            customer_id=visit.me,
            address=form.address,
            replaces=replaces.id if replaces else None,
            moment=visit.moment,
        )
        return _saved()
    status = 422 if form.is_bound else 200
    return show(request, visit, "portal/address.html", {"form": form, "replaces": replaces}, status=status)


def _saved() -> HttpResponse:
    return redirect(reverse("shop:me") + "?said=saved")
