"""The edge: which addresses may be bound, whose forwarded headers are believed, what cookies and answers carry."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from reorder.config.environment import BadSettings, read_environment
from reorder.config.serving import bound_address, page_address
from reorder.web.middleware import OriginMiddleware, address_of


@pytest.mark.parametrize("bind", ["127.0.0.1:8710", "127.0.0.9:1", "[::1]:8710", "localhost:65535"])
def test_loopback_needs_no_tls(bind: str) -> None:
    assert read_environment(source={"REORDER_BIND": bind}).bind == bind


@pytest.mark.parametrize("bind", ["0.0.0.0:8710", "192.168.1.20:8710", "[::]:8710", "shop.local:8710"])
def test_another_address_needs_tls_or_a_trusted_proxy(bind: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="can be reached from other machines"):
        read_environment(source={"REORDER_BIND": bind})

    (tmp_path / "cert").touch()
    (tmp_path / "key").touch()
    tls = {"REORDER_TLS_CERT": str(tmp_path / "cert"), "REORDER_TLS_KEY": str(tmp_path / "key")}
    assert read_environment(source={"REORDER_BIND": bind, **tls}).bind == bind
    assert read_environment(source={"REORDER_BIND": bind, "REORDER_TRUSTED_PROXIES": "10.0.0.2"}).bind == bind


@pytest.mark.parametrize("bind", ["8710", ":8710", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "127.0.0.1:http"])
def test_what_is_no_address_stops_the_start(bind: str) -> None:
    with pytest.raises(BadSettings, match="must be an address and a port"):
        read_environment(source={"REORDER_BIND": bind})


def test_half_a_certificate_and_a_missing_file_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="go together") as refused:
        read_environment(source={"REORDER_TLS_CERT": str(tmp_path / "nowhere.crt")})

    assert "does not exist" in str(refused.value)


@pytest.mark.parametrize(
    ("source", "address", "shown"),
    [
        ({}, ("127.0.0.1", 8710), "http://127.0.0.1:8710"),
        ({"REORDER_BIND": "[::1]:99"}, ("::1", 99), "http://[::1]:99"),
        (
            {
                "REORDER_BIND": "0.0.0.0:80",
                "REORDER_TRUSTED_PROXIES": "10.0.0.2",
                "REORDER_ALLOWED_HOSTS": "shop.local",
            },
            ("0.0.0.0", 80),
            "http://shop.local:80",
        ),
        ({"REORDER_PUBLIC_URL": "https://shop.example/"}, ("127.0.0.1", 8710), "https://shop.example"),
    ],
)
def test_the_address_that_is_printed_can_be_opened(
    source: dict[str, str], address: tuple[str, int], shown: str
) -> None:
    options = read_environment(source=source)

    assert bound_address(options=options) == address
    assert page_address(options=options) == shown


def passed(settings: Any, *, proxies: tuple[str, ...], **headers: str) -> HttpRequest:
    """A request after the first middleware."""
    settings.REORDER = SimpleNamespace(trusted_proxies=proxies)
    seen: list[HttpRequest] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    OriginMiddleware(answer)(RequestFactory().get("/", **headers))
    return seen[0]


SPOOFED = {
    "HTTP_X_FORWARDED_FOR": "1.2.3.4",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "evil.example",
    "HTTP_X_FORWARDED_PORT": "443",
}


@pytest.mark.parametrize("proxies", [(), ("10.0.0.0/8",)])
def test_forwarded_headers_of_strangers_are_dropped(settings: Any, proxies: tuple[str, ...]) -> None:
    request = passed(settings, proxies=proxies, REMOTE_ADDR="192.0.2.9", **SPOOFED)

    assert address_of(request) == "192.0.2.9"
    assert not set(SPOOFED) & set(request.META)


def test_a_trusted_proxy_is_believed_as_far_as_it_vouches(settings: Any) -> None:
    chain = "6.6.6.6, 192.0.2.77, 10.0.0.3"
    request = passed(settings, proxies=("10.0.0.0/8",), REMOTE_ADDR="10.0.0.2", HTTP_X_FORWARDED_FOR=chain)

    assert address_of(request) == "192.0.2.77", "what the client wrote further left is not believed"


def test_nonsense_in_the_chain_does_not_break_a_request(settings: Any) -> None:
    request = passed(settings, proxies=("10.0.0.0/8",), REMOTE_ADDR="10.0.0.2", HTTP_X_FORWARDED_FOR="<x>, ,'--")

    assert address_of(request) == "'--"


@pytest.mark.django_db
def test_an_unknown_host_is_refused_and_forwarded_hosts_are_never_used(client: Client) -> None:
    assert client.get("/account/login/", headers={"host": "evil.example"}).status_code == 400
    answer = client.get("/", headers={"host": "localhost", "x-forwarded-host": "evil.example"})
    assert answer.status_code == 302
    assert "evil" not in answer["Location"]


@pytest.mark.django_db
def test_strangers_get_no_hint_and_every_answer_its_headers(client: Client) -> None:
    answer = client.get("/account/login/")

    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Request-Id"]
    cookie = client.cookies["reorder_csrf"]
    assert (cookie["httponly"], cookie["samesite"], bool(cookie["secure"])) == (True, "Lax", False)


@pytest.mark.parametrize(
    "source",
    [
        {"REORDER_TRUSTED_PROXIES": "10.0.0.2"},
        {"REORDER_TLS_CERT": "/etc/hostname", "REORDER_TLS_KEY": "/etc/hostname"},
    ],
)
def test_behind_tls_cookies_are_secure_and_browsers_told_to_stay(source: dict[str, str]) -> None:
    probe = """
import json, django
django.setup()
from django.conf import settings as s
print(json.dumps([s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.LANGUAGE_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0]))
"""
    environment = {"PATH": os.environ["PATH"], "REORDER_HOME": os.environ["REORDER_HOME"]} | source
    environment["DJANGO_SETTINGS_MODULE"] = "reorder.config.settings"
    said = subprocess.run([sys.executable, "-c", probe], env=environment, capture_output=True, text=True, check=True)

    assert json.loads(said.stdout) == [True, True, True, True]
