"""Every answer that is no success is a problem (RFC 9457): what happened, in the reader's language, and how to mend it.

A problem never repeats a value that was sent: answers are logged by clients, and values may be personal or secret.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

from reorder.api.validation import explain_fault, field_of
from reorder.domain.inventory.errors import NotEnoughStock
from reorder.domain.staff.errors import NotAllowed
from reorder.kernel.errors import BadInput, Busy, Conflict, NotFound, ReorderError, explain_error

log = logging.getLogger(__name__)
MEDIA_TYPE: Final = "application/problem+json"
_RETRY_SECONDS: Final = 2


class BadJson(BadInput):
    code = "api.bad_json"
    template = "The body is not JSON that can be read: {reason}."


class BrokenJson(BadJson):
    """No JSON, from one place on."""

    template = "The body is not JSON that can be read: line {line}, column {column}."


class UnsupportedMediaType(BadInput):
    code = "api.unsupported_media_type"
    template = "The body must be sent as {expected}; set the header Content-Type."


class TooLarge(BadInput):
    code = "api.too_large"
    template = "The body is larger than {limit:,} bytes; send it in parts."


class TooManyRequests(ReorderError):
    """The token has used up its requests of this minute."""

    code = "api.too_many_requests"
    template = "This token may make {limit} requests a minute; wait {seconds} seconds."


class MigrationsMissing(ReorderError):
    """The tables of this version are not all there yet."""

    code = "api.migrations_missing"
    template = "The database has not been brought to this version yet."


_STATUS: Final[tuple[tuple[type[Exception], int], ...]] = (
    (BadJson, 400),
    (NotAllowed, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Busy, 409),
    (NotEnoughStock, 409),
    (TooLarge, 413),
    (UnsupportedMediaType, 415),
    (TooManyRequests, 429),
    (MigrationsMissing, 503),
    (BadInput, 422),
)


class FieldFault(Schema):
    """One field that cannot be taken, without its value."""

    field: str = Field(description="Where it stands, for example body.lines.0.units.")
    code: str
    message: str = Field(description="In the language of Accept-Language.")


class Problem(Schema):
    """Why a request did not succeed (RFC 9457)."""

    type: str = Field(description="urn:reorder:problem: and the code.")
    title: str
    status: int
    detail: str = Field(description="What happened and how to mend it, in the language of Accept-Language.")
    code: str = Field(description="Stable, for machines; docs/reference/api.md lists them.")
    reference: str = Field(description="Quote it when you ask for help; it stands in the log and the audit trail.")
    errors: list[FieldFault] = Field(default_factory=list, description="The single fields, where there are any.")


def answer_problem(
    request: HttpRequest,
    *,
    status: int,
    code: str,
    detail: str,
    errors: Sequence[FieldFault] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The one way in which a problem is written."""
    problem = Problem(
        type=f"urn:reorder:problem:{code}",
        title=title_of(status=status),
        status=status,
        detail=detail,
        code=code,
        reference=str(getattr(request, "reference", "")),
        errors=list(errors),
    )
    answer = HttpResponse(problem.model_dump_json(), status=status, content_type=MEDIA_TYPE)
    for name, value in (headers or {}).items():
        answer[name] = value
    return answer


def title_of(*, status: int) -> str:
    """What a status means, in a few words."""
    titles = {
        400: _("The request cannot be understood"),
        401: _("A token is needed"),
        403: _("Not allowed"),
        404: _("Not found"),
        405: _("Method not allowed"),
        409: _("Conflict"),
        413: _("Too large"),
        415: _("Unsupported media type"),
        422: _("The request cannot be taken"),
        429: _("Too many requests"),
        503: _("Not available for the moment"),
    }
    return titles.get(status, _("Something broke on our side"))


def answer_error(request: HttpRequest, error: ReorderError) -> HttpResponse:
    """The problem of an error of ours."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    if status >= 500:
        log.error("%s: %s (%s)", getattr(request, "reference", ""), error, error.code)
    headers = {"Retry-After": str(_RETRY_SECONDS)} if isinstance(error, Busy | MigrationsMissing) else {}
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.parameters["seconds"])
    return answer_problem(
        request,
        status=status,
        code=error.code,
        detail=explain_error(error=error, translate=_),
        errors=getattr(error, "faults", ()),
        headers=headers,
    )


def answer_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Fields, parameters and headers that do not fit their schema."""
    faults = [
        FieldFault(field=field_of(fault=fault), code=str(fault["type"]), message=explain_fault(fault=fault))
        for fault in error.errors[:100]
    ]
    return answer_problem(
        request,
        status=422,
        code="api.invalid",
        detail=_("{count} fields cannot be taken; see errors.").format(count=len(error.errors)),
        errors=faults,
    )


def answer_stranger(request: HttpRequest, _error: AuthenticationError | None = None) -> HttpResponse:
    """No token, or one that is unknown, revoked or past its day; which of them is not told."""
    challenge = 'Bearer realm="reorder"'
    if request.headers.get("Authorization"):
        challenge += ', error="invalid_token"'
    return answer_problem(
        request,
        status=401,
        code="api.no_valid_token",
        detail=_("Send a valid token in the header: Authorization: Bearer …"),
        headers={"WWW-Authenticate": challenge},
    )


def answer_suspicious(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    """What Django refuses before we see it: a body over the limit, a host that is not ours."""
    if isinstance(error, RequestDataTooBig):
        from django.conf import settings

        return answer_error(request, TooLarge(limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
    return answer_malformed(request, error)


def answer_malformed(request: HttpRequest, _error: Exception) -> HttpResponse:
    """A form that is none."""
    return answer_problem(request, status=400, code="api.bad_request", detail=_("The request could not be understood."))


def answer_unparsed(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Ninja hides what our parser said behind an error of its own."""
    cause = error.__cause__
    if isinstance(cause, ReorderError):
        return answer_error(request, cause)
    if isinstance(cause, SuspiciousOperation):
        return answer_suspicious(request, cause)
    return answer_malformed(request, error)


def answer_unavailable(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The database is away, or gave up on this transaction; the same request again may succeed."""
    log.error("%s: %s", getattr(request, "reference", ""), error)
    return answer_problem(
        request,
        status=503,
        code="api.unavailable",
        detail=_("The database does not answer. Nothing is half done; try again in a moment."),
        headers={"Retry-After": str(_RETRY_SECONDS)},
    )


def answer_crash(request: HttpRequest, error: BaseException) -> HttpResponse:
    """A fault of ours: the cause goes to the log, the reference to the client."""
    if isinstance(error, OperationalError | InterfaceError):
        return answer_unavailable(request, error)
    log.error("%s: unexpected", getattr(request, "reference", ""), exc_info=error)
    return answer_problem(
        request,
        status=500,
        code="api.broken",
        detail=_("Something broke on our side. Nothing is half done."),
    )


def answer_unknown(request: HttpRequest, **_anything: Any) -> HttpResponse:
    """An address under /api/ that does not exist."""
    return answer_problem(
        request,
        status=404,
        code="api.unknown_address",
        detail=_("There is no such address. See /api/v1/openapi.json"),
    )


def answer_wrong_method(request: HttpRequest, *, allowed: str) -> HttpResponse:
    """An address that exists, by a method that it does not have."""
    return answer_problem(
        request,
        status=405,
        code="api.wrong_method",
        detail=_("This address takes {methods}.").format(methods=allowed),
        headers={"Allow": allowed},
    )
