"""Addresses under /api/; what is none of them is a problem too, not a page."""

import json
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, include, path, re_path
from django.urls.resolvers import URLResolver
from django.views.decorators.csrf import csrf_exempt

from reorder.api.access import tell_rate
from reorder.api.problems import answer_unknown, answer_wrong_method
from reorder.api.v1 import api, openapi

View = Callable[..., HttpResponseBase]


@cache
def openapi_text() -> str:
    """The description as it is committed in docs/reference/openapi.json."""
    return json.dumps(openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def show_openapi(request: HttpRequest) -> HttpResponse:
    """Open to everybody: it holds no secret, and a client reads it before it has a token."""
    if request.method not in {"GET", "HEAD"}:
        return answer_wrong_method(request, allowed="GET, HEAD")
    return HttpResponse(openapi_text(), content_type="application/json")


def _as_resource(view: View) -> View:
    """HEAD is GET without a body, and a method that is not there is a problem."""

    @wraps(view)
    def resource(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_head = request.method == "HEAD"
        if is_head:
            request.method = "GET"
        answer = tell_rate(request=request, answer=view(request, *args, **kwargs))
        if answer.status_code == 405:
            return answer_wrong_method(request, allowed=_with_head(answer["Allow"]))
        return _without_body(answer) if is_head else answer

    return resource


def _without_body(answer: HttpResponseBase) -> HttpResponseBase:
    """The same head; a file that was to be streamed stays unread."""
    if isinstance(answer, HttpResponse):
        answer["Content-Length"] = str(len(answer.content))
        answer.content = b""
    elif isinstance(answer, StreamingHttpResponse):
        answer.streaming_content = []
    return answer


def _with_head(allowed: str) -> str:
    methods = {name.strip() for name in allowed.split(",")}
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))


def _operations() -> list[URLPattern | URLResolver]:
    found = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"]
    for pattern in found:
        pattern.callback = _as_resource(pattern.callback)
    return list(found)


urlpatterns = [
    path("v1/openapi.json", show_openapi, name="openapi"),
    path("v1/", include((_operations(), "api"), namespace="v1")),
    re_path(r"", csrf_exempt(answer_unknown), name="api-unknown"),
]
