"""Errors on screen: one page and one fragment, with the sentence in the reader's language and a reference to quote."""

import logging

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from reorder.domain.staff.errors import NotAllowed
from reorder.kernel.errors import BadInput, Busy, Conflict, NotFound, ReorderError, explain_error

log = logging.getLogger(__name__)
# Sentences of Django's forms, here so that the catalogue says them as ours.
FORM_TEMPLATES = ("This field is required.",)
_STATUS: tuple[tuple[type[ReorderError], int], ...] = (
    (NotAllowed, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Busy, 409),
    (BadInput, 422),
)


def status_of(error: ReorderError) -> int:
    """The HTTP status that fits an error of ours."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def explain(*, request: HttpRequest, error: ReorderError) -> HttpResponse:
    """The page, or the fragment for a part of a page, that says what went wrong."""
    status = status_of(error)
    if status >= 500:
        log.error("%s: %s (%s)", reference_of(request), error, error.code)
    return say(request=request, status=status, sentence=explain_error(error=error, translate=_), code=error.code)


def say(*, request: HttpRequest, status: int, sentence: str, code: str) -> HttpResponse:
    """An error as page or fragment. htmx swaps it in whatever the status (see app.js)."""
    is_fragment = bool(getattr(request, "htmx", None)) and not request.htmx.boosted  # type: ignore[attr-defined]
    template = "errors/fragment.html" if is_fragment else "errors/page.html"
    context = {"status": status, "sentence": sentence, "code": code, "reference": reference_of(request)}
    return render(request, template, context, status=status)


def reference_of(request: HttpRequest) -> str:
    """What a person quotes when asking for help; also in the log and the audit trail."""
    return str(getattr(request, "reference", ""))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return say(request=request, status=400, sentence=_("The request could not be understood."), code="bad_request")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return say(request=request, status=403, sentence=_("You may not see or do this."), code="forbidden")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return say(
        request=request,
        status=404,
        sentence=_("There is no such page. It may have moved, or the address is mistyped."),
        code="not_found",
    )


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return say(
        request=request,
        status=403,
        sentence=_("This form is too old or came from another site. Go back, reload the page and send it again."),
        code="csrf",
    )


def locked_out(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    return say(
        request=request,
        status=429,
        sentence=_("Too many wrong passwords. Wait 15 minutes, or ask an owner for a sign-in link."),
        code="locked_out",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """The last resort: must work without database and session."""
    import sys

    # Outside of the middleware that knows the person: the cookie is all there is.
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    language = chosen if chosen in dict(settings.LANGUAGES) else str(settings.LANGUAGE_CODE)
    with translation.override(language):
        if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
            sentence = _("The database does not answer. Nothing is half done; try again in a moment.")
            return _plain(request, status=503, sentence=sentence)
        return _plain(request, status=500, sentence=_("Something broke on our side. Nothing is half done."))


def _plain(request: HttpRequest, *, status: int, sentence: str) -> HttpResponse:
    from django.template.loader import render_to_string

    context = {
        "status": status,
        "sentence": sentence,
        "reference": reference_of(request),
        "language": translation.get_language(),
    }
    response = HttpResponse(render_to_string("errors/plain.html", context), status=status)
    if status == 503:
        response["Retry-After"] = "2"
    return response
