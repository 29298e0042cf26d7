"""The only way from a request to somebody who may act; every view goes through here, and a test walks them all.

`desk` wraps a view: signed in, allowed, and by the right method (GET shows, POST acts). Checks on single objects are
made by the functions of `insights.access`, with the same actor.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from reorder.domain.staff.errors import NotAllowed
from reorder.domain.staff.queries import actor_of_user
from reorder.domain.staff.rules import Ability, Actor
from reorder.web import errors

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def find_actor(request: HttpRequest) -> Actor | None:
    """The signed-in person as an actor; None for strangers."""
    if not hasattr(request, "user") or not request.user.is_authenticated:
        return None
    known = getattr(request, "_actor", None)
    if known is None:
        known = actor_of_user(user=request.user)
        request._actor = known  # type: ignore[attr-defined]  # noqa: SLF001 - kept for the request's life
    return known


def get_actor(request: HttpRequest) -> Actor:
    """The signed-in person; raises NotAllowed for strangers."""
    actor = find_actor(request)
    if actor is None:
        raise NotAllowed(actor="-", ability="sign in")
    return actor


def desk(*abilities: Ability, method: str = "GET") -> Callable[[View[P]], View[P]]:
    """A view of staff who have any of `abilities` (everybody signed in when none is named), by one method.

    GET includes HEAD and must change nothing; what acts takes POST. The names are kept on the view for the test that
    walks every address as every role.
    """

    def wrap(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            actor = find_actor(request)
            if actor is None:
                return _to_sign_in(request)
            if abilities and not any(actor.may(ability) for ability in abilities):
                raise NotAllowed(actor=actor.name, ability=abilities[0].value.replace("_", " "))
            allowed = ["GET", "HEAD"] if method == "GET" else [method]
            if request.method not in allowed:
                return _wrong_method(request, allowed=allowed)
            return view(request, *args, **kwargs)

        guarded.desk_abilities = abilities  # type: ignore[attr-defined]
        guarded.desk_method = method  # type: ignore[attr-defined]
        return cast("View[P]", guarded)

    return wrap


def _wrong_method(request: HttpRequest, *, allowed: list[str]) -> HttpResponseBase:
    """Said on a page: people come here by reloading, or going back to, the answer of a form."""
    sentence = _("Nothing can be shown at this address: it takes what a form sends. Go back to the page with the form.")
    answer = errors.say(request=request, status=405, sentence=sentence, code="method")
    answer["Allow"] = ", ".join(allowed)
    return answer


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    if getattr(request, "htmx", None):
        answer = HttpResponse(status=401)
        answer["HX-Refresh"] = "true"
        return answer
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
