"""What every page's frame needs: who is signed in, where the rail leads, how the person wants to see it."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from reorder.insights.alerts import Around, look_around
from reorder.insights.demonstration import TERMS, is_demonstration
from reorder.insights.inbox import kinds_of
from reorder.kernel import clock
from reorder.web.access import find_actor
from reorder.web.navigation import desk_counts, rail_for


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of the frame; cheap, because it runs for every page."""
    actor = find_actor(request)
    # A fragment has no frame, so nothing of it is needed.
    framed = None if getattr(request, "htmx", None) else actor
    around = around_of(request) if framed else None
    counts = desk_counts(around) if around else {}
    return {
        "actor": actor,
        "here": here_of(request),
        "rail": rail_for(actor=framed, path=request.path, counts=counts) if framed else [],
        "shop_name": settings.REORDER.shop_name,
        "currency": settings.REORDER.currency,
        "may_see_alerts": bool(framed and kinds_of(actor=framed)),
        "alerts": around.alerts if around else [],
        "demo_terms": _(TERMS) if framed and is_demonstration() else "",
        "reference": getattr(request, "reference", ""),
    }


def around_of(request: HttpRequest) -> Around | None:
    """What waits for the person, asked once a request; None for strangers."""
    actor = find_actor(request)
    if actor is None:
        return None
    known = getattr(request, "_around", None)
    if known is None:
        known = look_around(actor=actor, moment=clock.current_moment())
        request._around = known  # type: ignore[attr-defined]  # noqa: SLF001 - kept for the request's life
    return known


def here_of(request: HttpRequest) -> str:
    """Where to come back to: this page, or, where a form's answer is shown, the page that the form was on."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    came_from = urlsplit(request.headers.get("Referer", ""))
    is_ours = came_from.netloc == request.get_host() and came_from.path.startswith("/")
    return urlunsplit(("", "", came_from.path, came_from.query, "")) if is_ours else "/"
