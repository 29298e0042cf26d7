"""Which product a new one sells like."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.flows.demand_plan import choosing
from reorder.insights.product_page import get_product
from reorder.kernel.errors import BadInput, explain_error
from reorder.web.access import desk, get_actor


@desk(Ability.EDIT_PRODUCTS, method="POST")
def like(request: HttpRequest, product_id: int) -> HttpResponse:
    """Say what it sells like; an empty SKU takes the word back."""
    product = get_product(product_id=product_id)
    wanted = request.POST.get("like_sku", "").replace("\x00", "").strip()[:200]
    try:
        choosing.choose_like(sku=product.sku, like_sku=wanted or None, decided_by=get_actor(request).name)
    except BadInput as error:
        messages.warning(request, explain_error(error=error, translate=_))
    else:
        messages.success(request, _("Saved; the next night knows it."))
    return redirect(f"{reverse('products:detail', args=[product.id])}#facts")
