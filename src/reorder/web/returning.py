"""Where a form's answer leads: back to the page that the form stood on, and never to another site."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme


def way_back(*, request: HttpRequest, usual: str = "/") -> str:
    """The address in the form's `next`, if it is a page of ours that can be looked at; else `usual`."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return usual
    try:
        view = resolve(urlsplit(target).path).func
    except (Resolver404, ValueError):
        return usual
    # A form with faults is shown at the address that takes it, and that address shows nothing by itself.
    return target if getattr(view, "desk_method", "GET") == "GET" else usual
