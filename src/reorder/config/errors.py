"""Errors that no view answers: a problem under /api/, a page elsewhere."""

import sys

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse

from reorder.api import problems
from reorder.web import errors as pages

_API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(_API):
        return problems.answer_suspicious(request, SuspiciousOperation(str(exception)))
    return pages.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(_API):
        return problems.answer_unknown(request)
    return pages.not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(_API):
        return problems.answer_crash(request, sys.exc_info()[1] or RuntimeError("unknown"))
    return pages.server_error(request)
