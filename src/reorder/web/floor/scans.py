"""The JSON that a handheld's scripts speak: scans in and answers out, a fresh plan, and what a code is."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _

from reorder.flows.floor.errors import BadScan
from reorder.flows.floor.finding import look_up
from reorder.flows.floor.saying import say_answer, say_plan
from reorder.flows.floor.scanning import MOST_SCANS, refused, show_plan, take_scans
from reorder.flows.floor.values import FloorScan
from reorder.kernel import clock
from reorder.kernel.errors import ReorderError, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.floor.parsing import key_of, read_scan, read_scans
from reorder.web.floor.place import FLOOR, find_floor_place

_MOST_BYTES: Final = 400_000


@desk(*FLOOR, method="POST")
def take(request: HttpRequest) -> HttpResponse:
    """Answer scans in their order; one that cannot be read is answered too, so that it does not hold up the rest."""
    moment = clock.current_moment()
    try:
        if len(request.body) > _MOST_BYTES:
            raise BadScan(part="scans", reason="is too long")
        sent = read_scans(body=request.body)
        if len(sent) > MOST_SCANS:
            raise BadScan(part="scans", reason="are more than 50 at once")
    except BadScan as error:
        return _fault(error)
    answers: list[dict[str, Any]] = []
    readable: list[FloorScan] = []
    for raw in sent:
        try:
            readable.append(read_scan(raw=raw, moment=moment))
        except BadScan as error:
            answers.append(say_answer(answered=refused(key=key_of(raw), error=error), translate=_))
    try:
        answered = take_scans(scans=readable, actor=get_actor(request), moment=moment)
    except ReorderError as error:
        return _fault(error)
    answers += [say_answer(answered=one, translate=_) for one in answered]
    return JsonResponse({"answers": answers})


@desk(*FLOOR)
def plan(request: HttpRequest, work: str, task: str) -> HttpResponse:
    """The plan of a task as it is now."""
    place = find_floor_place(request)
    try:
        found = show_plan(work=work, task=task, place_code=place.code if place else "", actor=get_actor(request))
    except ReorderError as error:
        return _fault(error)
    return JsonResponse({"plan": say_plan(plan=found, translate=_)})


@desk(*FLOOR)
def look(request: HttpRequest) -> HttpResponse:
    """What a code is: a product with what is asked of it, or a bin."""
    place = find_floor_place(request)
    try:
        found = look_up(text=request.GET.get("code", "")[:600], place_code=place.code if place else "")
    except ReorderError as error:
        # An answer like others: nothing went wrong but the scan.
        said = explain_error(error=error, translate=_)
        return JsonResponse({"kind": "unknown", "error": error.code, "message": said})
    return JsonResponse(found)


@desk(*FLOOR)
def hello(request: HttpRequest) -> HttpResponse:
    """Whether the server is there, who is signed in, and the token that protects what is sent."""
    actor = get_actor(request)
    return JsonResponse({"user": actor.user_id, "user_name": actor.name, "token": get_token(request)})


def _fault(error: ReorderError) -> JsonResponse:
    said = explain_error(error=error, translate=_)
    return JsonResponse({"error": error.code, "message": said}, status=status_of(error))
