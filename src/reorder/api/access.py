"""The only way from a request to somebody who may act: a bearer token, counted and allowed, before anything is read.

Every operation is declared through `reads` or `writes`, which name its ability; single objects are checked by the read
models and flows with the same actor.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from ninja import Router, Schema
from ninja.errors import ValidationError
from ninja.security import HttpBearer

from reorder.api.idempotency import remember
from reorder.api.problems import TooManyRequests
from reorder.domain.staff import bearers as tokens
from reorder.domain.staff import operations as staff
from reorder.domain.staff.queries import TokenRow
from reorder.domain.staff.rules import SCOPE_ABILITIES, Ability, Actor
from reorder.domain.storage import count_up
from reorder.kernel import clock

_MINUTE: Final = 60
_NOTED_EVERY: Final = dt.timedelta(minutes=1)
View = Callable[..., Any]


class ApiRequest(HttpRequest):
    """A request that has come through `Bearer`."""

    auth: Actor
    reference: str


@dataclass(frozen=True, slots=True)
class Written:
    """What a write answers: a status of success and a body."""

    status: int
    body: Schema
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rate:
    """What a token may do in this minute, what is left of it, and in how many seconds the next one begins."""

    limit: int
    left: int
    seconds: int


class Bearer(HttpBearer):
    """Lets tokens with one ability in, as many times a minute as they may."""

    def __init__(self, *, ability: Ability) -> None:
        super().__init__()
        self.ability = ability

    @property
    def scopes(self) -> list[str]:
        """The scopes that bring this ability; any one of them is enough."""
        return sorted(scope for scope, abilities in SCOPE_ABILITIES.items() if self.ability in abilities)

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        moment = clock.current_moment()
        found = tokens.find_token_actor(secret=token.strip(), moment=moment)
        if found is None:
            return None
        actor, row = found
        _count(request=request, token=row, moment=moment)
        if row.last_used_at is None or row.last_used_at < moment - _NOTED_EVERY:
            staff.mark_token_used(token_id=row.id, moment=moment)
        actor.require(self.ability)
        return actor


def _count(*, request: HttpRequest, token: TokenRow, moment: dt.datetime) -> None:
    """Count a request of this token in this minute; raises TooManyRequests. Refused ones count too."""
    limit = token.requests_per_minute or settings.REORDER.api_requests_per_minute
    minute, second = divmod(int(moment.timestamp()), _MINUTE)
    ends_at = dt.datetime.fromtimestamp((minute + 1) * _MINUTE, tz=dt.UTC)
    count = count_up(key=f"api:{token.id}:{minute}", expires_at=ends_at)
    request.rate = Rate(limit=limit, left=max(limit - count, 0), seconds=_MINUTE - second)  # type: ignore[attr-defined]
    if count > limit:
        raise TooManyRequests(limit=limit, seconds=_MINUTE - second)


def tell_rate(*, request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """Say on the answer what the token has left of this minute; nothing where no token was counted."""
    rate: Rate | None = getattr(request, "rate", None)
    if rate is not None:
        answer["RateLimit-Limit"] = str(rate.limit)
        answer["RateLimit-Remaining"] = str(rate.left)
        answer["RateLimit-Reset"] = str(rate.seconds)
    return answer


def reads(
    router: Router, path: str, *, ability: Ability, answer: Any, summary: str, extra: dict[str, Any] | None = None
) -> Callable[[View], View]:
    """A GET operation: shows, and changes nothing."""

    def declare(view: View) -> View:
        @wraps(view)
        def shown(request: ApiRequest, **values: Any) -> HttpResponseBase:
            _refuse_unknown_parameters(request=request, operation=shown)
            body: Schema | HttpResponseBase = view(request, **values)
            return body if isinstance(body, HttpResponseBase) else _rendered(status=200, body=body)

        router.get(path, auth=Bearer(ability=ability), response={200: answer}, summary=summary, openapi_extra=extra)(
            shown
        )
        return view

    return declare


def _refuse_unknown_parameters(*, request: HttpRequest, operation: Any) -> None:
    """A filter that is misspelt must not show everything; raises ValidationError."""
    models = operation._ninja_operation.models  # noqa: SLF001 - where ninja keeps what it read off the function
    known = {name for model in models if model.__ninja_param_source__ == "query" for name in _names_of(model)}
    unknown = sorted(set(request.GET) - known)
    if unknown:
        faults = [{"type": "extra_forbidden", "loc": ("query", name[:100])} for name in unknown]
        raise ValidationError(faults)


def _names_of(model: Any) -> list[str]:
    return list(model.__ninja_flatten_map__)


def _body_of(request: HttpRequest) -> bytes:
    return request.body


def _nothing(_request: HttpRequest) -> None:
    """Nothing was laid aside."""


def writes(
    router: Router,
    path: str,
    *,
    ability: Ability,
    answers: Mapping[int, Any],
    summary: str,
    method: str = "POST",
    digest: Callable[[HttpRequest], bytes] = _body_of,
    cleanup: Callable[[HttpRequest], None] = _nothing,
    extra: dict[str, Any] | None = None,
) -> Callable[[View], View]:
    """An operation that acts, once for each Idempotency-Key.

    The view takes `idempotency_key` and returns `Written`; what it does commits together with its answer. `digest`
    gives the fingerprint of a body that is too large to be held, `cleanup` runs at the end, whatever happened.
    """

    def declare(view: View) -> View:
        done = _remembering(view=view, digest=digest, cleanup=cleanup)
        router.api_operation(
            [method],
            path,
            auth=Bearer(ability=ability),
            response=dict(answers),
            summary=summary,
            openapi_extra=extra,
        )(done)
        return view

    return declare


def _remembering(
    *, view: View, digest: Callable[[HttpRequest], bytes], cleanup: Callable[[HttpRequest], None]
) -> Callable[..., HttpResponse]:
    """The view, done once for each key, with its answer stored beside what it did."""

    @wraps(view)
    def done(request: ApiRequest, **values: Any) -> HttpResponse:
        def act() -> HttpResponse:
            written: Written = view(request, **values)
            answer = _rendered(status=written.status, body=written.body)
            for name, value in written.headers.items():
                answer[name] = value
            return answer

        _refuse_unknown_parameters(request=request, operation=done)
        try:
            return remember(
                request=request,
                token_id=int(request.auth.token_id or 0),
                key=values["idempotency_key"],
                digest=digest(request),
                act=act,
            )
        finally:
            cleanup(request)

    return done


def _rendered(*, status: int, body: Schema) -> HttpResponse:
    answer = HttpResponse(body.model_dump_json(), status=status, content_type="application/json")
    answer["Cache-Control"] = "no-store"
    return answer
