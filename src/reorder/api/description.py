"""The OpenAPI description: what ninja derives from the operations, and every answer that is no success."""

import json
from typing import Any, Final

from ninja import NinjaAPI
from ninja.openapi import get_schema
from pydantic.json_schema import models_json_schema

from reorder.api.access import Bearer
from reorder.api.problems import MEDIA_TYPE, FieldFault, Problem
from reorder.domain.staff.rules import SCOPE_ABILITIES

_ABOUT: Final = (
    "Orders, carts, payments, products, stock, customers, due dates, demand, proposals, purchase orders, runs and "
    "imports of a shop.\n\n"
    "Every request carries a bearer token with a scope that fits. Every write carries an Idempotency-Key: sent again "
    "with the same body it gets the same answer and does nothing twice. Lists are pages by cursor. Whatever does not "
    "succeed is answered by application/problem+json (RFC 9457)."
)
_RETRY: Final = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}, "required": True}
}
_RATE: Final = {
    "RateLimit-Limit": {
        "description": "Requests that the token may make a minute.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "RateLimit-Remaining": {
        "description": "What is left of them in this minute.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "RateLimit-Reset": {
        "description": "Seconds until the next minute begins.",
        "schema": {"type": "integer", "minimum": 1},
    },
}
_RATE_REFERENCES: Final = {name: {"$ref": f"#/components/headers/{name}"} for name in _RATE}
_CHALLENGE: Final = {"WWW-Authenticate": {"description": "Bearer.", "schema": {"type": "string"}, "required": True}}
# The one map of answers that are no success: status → (name, words, headers).
_PROBLEMS: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    "400": ("Malformed", "The request cannot be understood.", {}),
    "401": ("NoToken", "No token, or one that is unknown, revoked or past its day.", _CHALLENGE),
    "403": ("NotAllowed", "The token has no scope for this.", {}),
    "404": ("NotFound", "There is no such thing, or the token may not see it.", {}),
    "409": ("Conflict", "Something changed meanwhile, is still at work, or the Idempotency-Key was used otherwise.", {
        "Retry-After": {"description": "Seconds to wait, where waiting helps.", "schema": {"type": "integer"}}
    }),
    "413": ("TooLarge", "The body is too large.", {}),
    "415": ("UnsupportedMediaType", "The body has another media type than the operation takes.", {}),
    "422": ("Invalid", "Fields, parameters or headers cannot be taken; errors names them.", {}),
    "429": ("TooMany", "The token has used up its requests of this minute.", _RETRY | _RATE_REFERENCES),
    "500": ("Broken", "Something broke on our side; nothing is half done.", {}),
    "503": ("Unavailable", "The database is away; nothing is half done.", _RETRY),
}  # fmt: skip
_OF_READS: Final = ("400", "401", "403", "404", "422", "429", "500", "503")
_REPLAYED: Final = {
    "Idempotency-Replayed": {
        "description": "true: this is the stored answer to the first request with this key.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}


def describe(*, api: NinjaAPI, prefix: str) -> dict[str, Any]:
    """OpenAPI 3.1 with scopes, problems and headers on every operation."""
    found: dict[str, Any] = dict(get_schema(api=api, path_prefix=prefix.strip("/") + "/"))
    found["info"] = {"title": "Reorder", "version": api.version, "description": _ABOUT}
    found["servers"] = [{"url": "/"}]
    _, problem = models_json_schema(
        [(Problem, "serialization"), (FieldFault, "serialization")], ref_template="#/components/schemas/{model}"
    )
    found["components"]["schemas"] |= problem["$defs"]
    found["components"]["headers"] = dict(_RATE)
    found["components"]["responses"] = {name: _response(words, headers) for name, words, headers in _PROBLEMS.values()}
    scopes = ", ".join(sorted(SCOPE_ABILITIES))
    found["components"]["securitySchemes"] = {
        "Bearer": {"type": "http", "scheme": "bearer", "description": f"A token with one of the scopes: {scopes}."}
    }
    abilities = _scopes_by_operation(api=api)
    for methods in found["paths"].values():
        for method, operation in methods.items():
            _complete(operation=operation, is_write=method != "get", scopes=abilities[operation["operationId"]])
    _drop_unused(schemas=found["components"]["schemas"], text=json.dumps(found))
    return found


def _drop_unused(*, schemas: dict[str, Any], text: str) -> None:
    """Filters are described as single parameters, and as a whole nowhere."""
    for name in [name for name in schemas if f'"#/components/schemas/{name}"' not in text]:
        del schemas[name]


def _complete(*, operation: dict[str, Any], is_write: bool, scopes: list[str]) -> None:
    answers = {str(status): answer for status, answer in operation["responses"].items()}
    for answer in answers.values():
        answer["headers"] = _RATE_REFERENCES | (_REPLAYED if is_write else {})
    for status in _PROBLEMS if is_write else _OF_READS:
        answers[status] = {"$ref": f"#/components/responses/{_PROBLEMS[status][0]}"}
    operation["responses"] = dict(sorted(answers.items()))
    operation["security"] = [{"Bearer": [scope]} for scope in scopes]
    for parameter in operation["parameters"]:
        parameter["schema"] = _without_null(parameter["schema"])


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """What a parameter may be when it is given: an address has texts, and leaving one out is not sending null."""
    kept = {name: value for name, value in schema.items() if name not in {"description", "anyOf"}}
    kinds: list[dict[str, Any]] = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        return kept | kinds[0]
    return kept | ({"anyOf": kinds} if kinds else {})


def _response(words: str, headers: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": words,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    return answer | {"headers": headers} if headers else answer


def _scopes_by_operation(*, api: NinjaAPI) -> dict[str, list[str]]:
    found = {}
    for bound in api._get_bound_routers():  # noqa: SLF001 - ninja names no other way to its operations
        for path in bound.path_operations.values():
            for operation in path.operations:
                bearer = operation.auth_callbacks[0]
                if isinstance(bearer, Bearer):
                    found[api.get_openapi_operation_id(operation)] = bearer.scopes
    return found
