"""The place that a page of the warehouse is about: one that the person may see, kept in the address."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.http import urlencode

from reorder.domain.inventory.errors import UnknownPlace
from reorder.domain.inventory.queries import PlaceRow, list_places
from reorder.domain.staff.rules import Ability, Actor
from reorder.web.access import get_actor

# Whoever works on the floor may put away and fill; the plan itself is for those who manage places.
SEES = (Ability.VIEW_STOCK,)
WORKS = (Ability.FULFIL_ORDERS, Ability.RECEIVE_GOODS, Ability.EDIT_STOCK)
PLANS = Ability.MANAGE_PLACES


@dataclass(frozen=True, slots=True)
class ChosenPlace:
    """The places to choose from, and the chosen one."""

    place: PlaceRow
    places: Sequence[PlaceRow]

    @property
    def query(self) -> str:
        """The chosen place as a part of an address."""
        return urlencode({"place": self.place.code})


def list_own_places(*, actor: Actor) -> list[PlaceRow]:
    """Places of ours, not suppliers', that this person may see and work at."""
    return [one for one in list_places() if one.kind != "supplier" and actor.may_at(one.code)]


def choose_place(request: HttpRequest) -> ChosenPlace | None:
    """The place that the address or the form names, else the first; None where there is none to be seen.

    Raises UnknownPlace for one that is not there, or not for this person.
    """
    places = list_own_places(actor=get_actor(request))
    asked = (request.POST.get("place") or request.GET.get("place") or "").replace("\x00", "")[:200]
    if not asked:
        return ChosenPlace(places[0], places) if places else None
    for one in places:
        if one.code == asked:
            return ChosenPlace(one, places)
    raise UnknownPlace(place=asked)


def require_place(request: HttpRequest) -> ChosenPlace:
    """The chosen place. Raises UnknownPlace where there is none."""
    chosen = choose_place(request)
    if chosen is None:
        raise UnknownPlace(place="-")
    return chosen
