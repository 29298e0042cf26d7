"""Whatever does not succeed is a problem: what, where, how to mend, in the reader's language, without the value."""

import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from reorder.api import urls
from tests.factories.api import Caller, call_as, make_secret
from tests.factories.catalog import make_product
from tests.surface.api.test_orders import an_order

pytestmark = pytest.mark.django_db


def test_a_problem_says_everything() -> None:
    answer = call_as().get("/orders/123456")
    assert answer.status == 404
    assert answer.body == {
        "type": "urn:reorder:problem:orders.unknown_order",
        "title": "Not found",
        "status": 404,
        "detail": "There is no order 123456.",
        "code": "orders.unknown_order",
        "reference": answer.headers["X-Request-Id"],
        "errors": [],
    }


def test_faults_name_their_fields_and_never_their_values() -> None:
    order = an_order(
        external_id=" ",
        currency="XXQ",
        ordered_at="2026-11-20T10:00:00",
        customer={"email": "secret-at-nowhere", "age": 3},
        lines=[{"sku": "A", "units": 0}, {"sku": "B", "units": "1.2345", "unit_price": -1}],
    )
    answer = call_as().post("/orders", order)
    assert (answer.status, answer.code) == (422, "api.invalid")
    assert [(fault["field"], fault["message"]) for fault in answer.body["errors"]] == [
        ("body.external_id", "This text has characters, or a form, that cannot be taken here."),
        ("body.ordered_at", "Write a moment with its offset, like 2026-11-23T09:30:00+08:00."),
        ("body.currency", "This is not a currency code (ISO 4217), such as TWD or USD."),
        ("body.customer.email", "This text has characters, or a form, that cannot be taken here."),
        ("body.customer.age", "There is no such field; look for a slip of the pen."),
        ("body.lines.0.units", "More than 0 is expected."),
        ("body.lines.1.units", "At most 3 decimals."),
        ("body.lines.1.unit_price", "0 or more is expected."),
    ]
    assert "secret-at-nowhere" not in json.dumps(answer.body)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "api.invalid"),
        (b"{", "api.bad_json"),
        (b"\xff\xfe", "api.bad_json"),
        (b'{"a": NaN}', "api.bad_json"),
        (b'{"a": 1, "a": 2}', "api.bad_json"),
        (b"[" * 100_000, "api.bad_json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "api.bad_json"),
        (b"[]", "api.invalid"),
        (b"null", "api.invalid"),
        (b'{"external_id": "a\\u0000b"}', "api.invalid"),
        (b'{"external_id": "\\ud800"}', "api.invalid"),
    ],
)
def test_a_body_that_cannot_be_read_is_no_fault_of_ours(raw: bytes, code: str) -> None:
    answer = call_as().send("POST", "/orders", raw=raw)
    assert answer.code == code
    assert answer.status == (400 if code == "api.bad_json" else 422)


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "garbage"},
        {"cursor": "Z2FyYmFnZQ"},
        {"cursor": "WyJwcm9kdWN0cyIsImEiXQ"},
        {"cursor": "WyJvcmRlcnMiLCIyMDI2LTExLTIwVDAwOjAwOjAwKzAwOjAwIiw5OTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ"},
        {"cursor": "é"},
        {"cursor": "W" * 2000},
        {"limit": 0},
        {"limit": 201},
        {"limit": "9" * 30},
        {"limit": "ten"},
        {"customer_id": 10**20},
        {"customer_id": -1},
        {"external_id": "a\x00b"},
        {"ordered_from": "0001-01-01T00:00:00+14:00"},
        {"ordered_from": "yesterday"},
        {"costumer_id": 1},
        {"": "x"},
    ],
)
def test_garbage_in_the_query_is_refused(query: dict[str, Any]) -> None:
    answer = call_as().get("/orders", **query)
    assert (answer.status, answer.code) in {(422, "api.invalid"), (422, "api.bad_cursor")}


def test_the_wrong_media_type_and_method_and_address_are_problems() -> None:
    caller = call_as()
    wrong = caller.send("POST", "/orders", raw=b"a=b", content_type="application/x-www-form-urlencoded")
    assert (wrong.status, wrong.code) == (415, "api.unsupported_media_type")
    method = caller.send("DELETE", "/orders")
    assert (method.status, method.code, method.headers["Allow"]) == (405, "api.wrong_method", "GET, HEAD, POST")
    for path in ("/nowhere", "/orders/abc", "/orders/1/", "", "/"):
        unknown = caller.get(path)
        assert (unknown.status, unknown.code) == (404, "api.unknown_address")
    assert Client().post("/api/").status_code == 404
    assert Client().get("/api/v2/orders").json()["code"] == "api.unknown_address"


def test_a_body_over_the_limit_is_refused(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = call_as().post("/orders", an_order(postcode="1" * 2000))
    assert (answer.status, answer.code) == (413, "api.too_large")


def test_a_write_without_a_key_or_with_a_bad_one_is_refused() -> None:
    make_product()
    caller = call_as()
    for key in (None, "a" * 256, "with space"):
        answer = caller.send("POST", "/orders", body=an_order(), key=key)
        assert (answer.status, answer.body["errors"][0]["field"]) == (422, "header.Idempotency-Key")


def test_problems_speak_the_language_of_the_reader() -> None:
    answer = Caller(secret=make_secret(), language="zh-TW,zh;q=0.9").get("/orders/5")
    assert answer.headers["Content-Language"] == "zh-hant"
    assert answer.status == 404


def test_a_database_that_is_away_is_said_and_may_be_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_anything: object) -> None:
        raise OperationalError("connection refused to 10.0.0.5")

    caller = call_as()
    monkeypatch.setattr("reorder.api.orders.api_orders.list_orders", away)
    answer = caller.get("/orders")
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "api.unavailable", "2")
    assert "10.0.0.5" not in json.dumps(answer.body)
    monkeypatch.setattr("reorder.api.access.tokens.find_token_actor", away)
    assert caller.get("/orders").status == 503


def test_a_fault_of_ours_tells_the_log_and_not_the_client(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**_anything: object) -> None:
        raise KeyError("a private detail")

    monkeypatch.setattr("reorder.api.orders.api_orders.list_orders", broken)
    answer = call_as().get("/orders")
    assert (answer.status, answer.code) == (500, "api.broken")
    assert "private" not in json.dumps(answer.body)
    assert answer.body["reference"] in caplog.text
    assert "a private detail" in caplog.text


def test_head_is_get_without_a_body() -> None:
    answer = call_as().send("HEAD", "/orders", key=None)
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 0


def test_the_description_is_public_and_the_committed_one() -> None:
    from pathlib import Path

    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    committed = (Path(__file__).resolve().parents[3] / "docs/reference/openapi.json").read_text()
    assert committed == urls.openapi_text(), "run: python tools/write_openapi.py"


def test_a_host_that_is_not_ours_gets_a_problem_too() -> None:
    answer = Client().get("/api/v1/orders", headers={"Host": "evil.example"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
