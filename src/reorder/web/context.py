"""What every page's frame needs: who is signed in, where the rail leads, how the person wants to see it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from reorder.insights.alerts import list_alerts
from reorder.insights.demonstration import TERMS, is_demonstration
from reorder.kernel import clock
from reorder.web.access import find_actor
from reorder.web.navigation import rail_for


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of the frame; cheap, because it runs for every page."""
    actor = find_actor(request)
    return {
        "actor": actor,
        "rail": rail_for(actor=actor, path=request.path) if actor and not _is_part(request) else [],
        "shop_name": settings.REORDER.shop_name,
        "currency": settings.REORDER.currency,
        "alerts": list_alerts(actor=actor, moment=clock.current_moment()) if actor and not _is_part(request) else [],
        "demo_terms": _(TERMS) if actor and not _is_part(request) and is_demonstration() else "",
        "reference": getattr(request, "reference", ""),
    }


def _is_part(request: HttpRequest) -> bool:
    """A fragment has no frame, so nothing of it is needed."""
    return bool(getattr(request, "htmx", None))
