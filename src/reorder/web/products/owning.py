"""Whose goods a product is: ours, or those of a shop that we store for."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from reorder.domain.catalog.queries import owners_of
from reorder.domain.inventory.owners import list_owners
from reorder.domain.inventory.rules import OWN_GOODS
from reorder.domain.staff.rules import Ability
from reorder.flows.owners import set_owner
from reorder.insights import product_page
from reorder.kernel.errors import BadInput, explain_error
from reorder.web.access import desk, get_actor


def owner_choices(*, product_id: int) -> dict[str, Any]:
    """The owner of a product, and those it could have."""
    chosen = owners_of(product_ids=[product_id]).get(product_id, OWN_GOODS)
    known = [(one.code, f"{one.name} ({one.code})") for one in list_owners() if one.is_active or one.code == chosen]
    return {"goods_owner": chosen, "owners": [(OWN_GOODS, _("Our own goods")), *known]}


@desk(Ability.EDIT_PRODUCTS, method="POST")
def save_owner(request: HttpRequest, product_id: int) -> HttpResponse:
    """Give the product to an owner; what is wrong is said on the page."""
    product = product_page.get_product(product_id=product_id)
    owner = request.POST.get("owner", "").replace("\x00", "")[:40]
    try:
        set_owner(product_id=product.id, sku=product.sku, owner=owner, decided_by=get_actor(request).name)
    except BadInput as fault:
        messages.error(request, explain_error(error=fault, translate=_))
    else:
        messages.success(request, _("The owner is saved."))
    return redirect("products:keeping", product_id)
