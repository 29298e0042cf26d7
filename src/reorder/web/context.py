"""What every page's frame needs: who is signed in, where the rail leads, how the person wants to see it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from reorder.web.access import find_actor
from reorder.web.navigation import rail_for


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of the frame; cheap, because it runs for every page."""
    actor = find_actor(request)
    return {
        "actor": actor,
        "rail": rail_for(actor=actor, path=request.path) if actor else [],
        "shop_name": settings.REORDER.shop_name,
        "currency": settings.REORDER.currency,
        "reference": getattr(request, "reference", ""),
    }
