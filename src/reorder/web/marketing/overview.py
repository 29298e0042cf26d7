"""The overview of the desk Marketing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from reorder.domain.staff.rules import Ability
from reorder.web.access import desk


@desk(Ability.VIEW_MARKETING)
def index(request: HttpRequest) -> HttpResponse:
    """What marketing does now, and what waits for a decision."""
    return render(request, "marketing/index.html", {"tab": "overview"})
