"""A client of the API with a token of its own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.test import Client

from reorder.domain.staff import operations
from reorder.domain.staff.rules import SCOPE_ABILITIES
from reorder.kernel import clock

_numbers = count(1)
EVERY_SCOPE = tuple(SCOPE_ABILITIES)


def make_secret(
    *,
    scopes: Sequence[str] = EVERY_SCOPE,
    places: Sequence[str] = (),
    name: str = "shop",
    requests_per_minute: int | None = None,
) -> str:
    """The secret of a new token."""
    return operations.make_token(
        name=name,
        scopes=scopes,
        created_by="tests",
        moment=clock.current_moment(),
        place_codes=places,
        requests_per_minute=requests_per_minute,
    )


@dataclass
class Answer:
    """Status, body and headers of one answer."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """The code of a problem."""
        assert self.headers["Content-Type"] == "application/problem+json"
        return str(self.body["code"])


@dataclass
class Caller:
    """Speaks to /api/v1 as one token; writes get a fresh Idempotency-Key unless one is given."""

    secret: str = ""
    language: str = "en"
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def get(self, path: str, **query: Any) -> Answer:
        return self.send("GET", path, query=query)

    def post(self, path: str, body: Any = None, *, key: str = "") -> Answer:
        return self.send("POST", path, body=body, key=key)

    def put(self, path: str, body: Any = None, *, key: str = "") -> Answer:
        return self.send("PUT", path, body=body, key=key)

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        key: str | None = "",
        query: Mapping[str, Any] | None = None,
        raw: bytes | None = None,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        sent = {"Accept-Language": self.language} | dict(headers or {})
        if self.secret:
            sent["Authorization"] = f"Bearer {self.secret}"
        if method != "GET" and key is not None:
            sent["Idempotency-Key"] = key or f"test-{next(_numbers)}"
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        answer = self.client.generic(
            method,
            f"/api/v1{path}",
            data=content,
            content_type=content_type,
            headers=sent,
            query_params=dict(query or {}) or None,
        )
        found = b"".join(answer.streaming_content) if answer.streaming else answer.content
        is_json = answer.headers.get("Content-Type", "").split(";")[0].endswith("json")
        return Answer(answer.status_code, json.loads(found) if is_json and found else found, answer.headers)


def call_as(*, scopes: Sequence[str] = EVERY_SCOPE, places: Sequence[str] = (), language: str = "en") -> Caller:
    """Somebody with a token of these scopes at these places."""
    return Caller(secret=make_secret(scopes=scopes, places=places), language=language)
