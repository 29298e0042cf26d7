"""Sensitive categories: what is recommended only to customers who bought it before."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.domain.catalog import categories
from reorder.domain.staff.rules import Ability
from reorder.kernel.errors import NotFound
from reorder.web.access import desk, get_actor

_FOUND = 50


@desk(Ability.EDIT_PRODUCTS)
def index(request: HttpRequest) -> HttpResponse:
    """The sensitive ones, and a search among all."""
    search = _typed(request.GET)
    found = categories.search_categories(text=search, limit=_FOUND + 1)
    context = {
        "sensitive": categories.list_sensitive_categories(),
        "search": search,
        "found": [one for one in found[:_FOUND] if not one.is_sensitive],
        "is_cut": len(found) > _FOUND,
    }
    return render(request, "setup/categories.html", context)


@desk(Ability.EDIT_PRODUCTS, method="POST")
def change(request: HttpRequest) -> HttpResponse:
    """Mark one category, or take the mark back."""
    code, is_sensitive = request.POST.get("code", "").replace("\x00", ""), request.POST.get("is_sensitive") == "yes"
    try:
        category = categories.set_sensitive(code=code, is_sensitive=is_sensitive, decided_by=get_actor(request).name)
    except NotFound:
        messages.error(request, _("There is no such category any more."))
    else:
        said = (
            _("{category} is recommended only to customers who bought from it before.")
            if is_sensitive
            else _("{category} may be recommended to everybody.")
        )
        messages.success(request, said.format(category=category.name))
    asked = QueryDict(mutable=True)
    asked["q"] = _typed(request.POST)
    return redirect(f"{reverse('setup:categories')}?{asked.urlencode()}" if asked["q"] else "setup:categories")


def _typed(given: QueryDict) -> str:
    return given.get("q", "").replace("\x00", "").strip()[:200]
