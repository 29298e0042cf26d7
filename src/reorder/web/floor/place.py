"""At which place a handheld works: chosen once, kept by the device, never one that the person may not see."""

from typing import Final

from django.http import HttpRequest, HttpResponse

from reorder.domain.inventory.queries import PlaceRow
from reorder.domain.staff.rules import Ability
from reorder.web.access import get_actor
from reorder.web.warehouse.place import list_own_places

COOKIE: Final = "reorder_floor_place"
_YEAR_SECONDS: Final = 365 * 86_400
# Whoever does any work on the floor.
FLOOR: Final = (Ability.FULFIL_ORDERS, Ability.RECEIVE_GOODS, Ability.EDIT_STOCK)


def find_floor_place(request: HttpRequest) -> PlaceRow | None:
    """The place of this handheld; the only one where there is one; None when it is still to be chosen."""
    places = list_own_places(actor=get_actor(request))
    known = request.COOKIES.get(COOKIE, "")
    chosen = next((one for one in places if one.code == known), None)
    return chosen or (places[0] if len(places) == 1 else None)


def remember_place(answer: HttpResponse, *, code: str, is_secure: bool) -> None:
    """Let the device keep its place for a year."""
    answer.set_cookie(COOKIE, code, max_age=_YEAR_SECONDS, httponly=True, samesite="Lax", secure=is_secure)
