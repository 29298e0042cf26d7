"""The guarded client against real servers on this machine: what it asks, refuses, cuts off, and whom it believes."""

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from time import monotonic, sleep
from typing import ClassVar

import pytest

from reorder.config.certificate import make_certificate
from reorder.connectors.base import outgoing
from reorder.connectors.base.outgoing import (
    OutgoingFailed,
    OutgoingLimits,
    OutgoingRefused,
    OutgoingTooLarge,
    OutgoingTooSlow,
    fetch,
    is_allowed,
)

LOOPBACK = ["127.0.0.0/8"]


class Peer(BaseHTTPRequestHandler):
    seen: ClassVar[list[tuple[str, str, dict[str, str], bytes]]] = []

    def do_GET(self) -> None:
        self._remember()
        if self.path.startswith("/to/"):
            self.send_response(int(self.path.split("/")[2]))
            self.send_header("Location", self.path.split("/", 3)[3])
            self.end_headers()
            return
        if self.path == "/drip-body":
            self.send_response(200)
            self.end_headers()
            self._drip()
            return
        if self.path == "/drip-head":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            self._drip()
            return
        size = int(self.path.removeprefix("/size/")) if self.path.startswith("/size/") else 5
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello" if size == 5 else b"x" * size)

    do_POST = do_GET  # noqa: N815

    def _remember(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        Peer.seen.append((self.command, self.path, headers, self.rfile.read(length)))

    def _drip(self) -> None:
        for _ in range(200):
            try:
                self.wfile.write(b"X-Slow: yes\r\n")
                self.wfile.flush()
            except OSError:
                return
            sleep(0.05)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        pass


@contextmanager
def running(*, context: ssl.SSLContext | None = None) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def port() -> Iterator[int]:
    Peer.seen.clear()
    with running() as number:
        yield number


def test_an_allowed_address_is_asked_and_its_answer_returned(port: int) -> None:
    answer = fetch(url=f"http://127.0.0.1:{port}/hook?a=1", allowed_networks=LOOPBACK, method="post", body=b"{}")

    assert (answer.status, answer.body) == (200, b"hello")
    method, path, headers, body = Peer.seen[0]
    assert (method, path, body) == ("POST", "/hook?a=1", b"{}")
    assert headers["host"] == f"127.0.0.1:{port}"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "0.0.0.0",
        "127.1",
        "2130706433",
        "0x7f000001",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
    ],
)
def test_private_addresses_are_refused_however_they_are_written(port: int, host: str) -> None:
    with pytest.raises((OutgoingRefused, OutgoingFailed)):
        fetch(url=f"http://{host}:{port}/", allowed_networks=[])

    assert Peer.seen == []


@pytest.mark.parametrize(
    ("text", "is_free"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("10.0.0.5", False),
        ("172.16.3.1", False),
        ("192.168.1.20", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("239.255.255.250", False),
        ("255.255.255.255", False),
        ("240.0.0.1", False),
        ("fe80::1", False),
        ("fd00:ec2::254", False),
        ("ff02::1", False),
        ("::", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("::ffff:10.0.0.1", False),
    ],
)
def test_only_public_addresses_are_allowed_by_themselves(text: str, is_free: bool) -> None:
    assert is_allowed(address=ip_address(text), networks=[]) is is_free
    assert is_allowed(address=ip_address(text), networks=["0.0.0.0/0", "::/0"]) is True


def test_a_name_that_changes_its_answer_leads_to_the_checked_address_only(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: str, *args: object, **kwargs: object) -> object:
        if host == "partner.example":
            asked.append(host)
            number = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port))]
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)

    answer = fetch(url=f"http://partner.example:{port}/", allowed_networks=["127.0.0.1"])

    assert answer.body == b"hello"
    assert asked == ["partner.example"]
    assert Peer.seen[0][2]["host"] == f"partner.example:{port}"


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (n, 80)) for n in ("93.184.215.14", "10.0.0.5")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: both)

    with pytest.raises(OutgoingRefused, match="10\\.0\\.0\\.5 is a private address"):
        fetch(url="http://partner.example/", allowed_networks=[])


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest", "http://10.0.0.1/", "file:///etc/passwd", "ftp://127.0.0.1/x"]
)
def test_a_redirect_to_a_forbidden_place_is_not_followed(port: int, target: str) -> None:
    with pytest.raises(OutgoingRefused):
        fetch(url=f"http://127.0.0.1:{port}/to/302/{target}", allowed_networks=LOOPBACK)

    assert len(Peer.seen) == 1


def test_redirects_end_somewhere(port: int) -> None:
    path = "/end"
    for _ in range(6):
        path = f"/to/302/{path}"

    with pytest.raises(OutgoingRefused, match="redirects too often"):
        fetch(url=f"http://127.0.0.1:{port}{path}", allowed_networks=LOOPBACK)


def test_secrets_do_not_follow_a_redirect_to_another_host(port: int) -> None:
    with running() as other:
        answer = fetch(
            url=f"http://127.0.0.1:{port}/to/307/http://localhost:{other}/",
            allowed_networks=[*LOOPBACK, "::1"],
            method="POST",
            headers={"Authorization": "Bearer secret", "X-Kind": "order"},
            body=b"{}",
        )

    assert answer.status == 200
    first, second = Peer.seen
    assert first[2]["authorization"] == "Bearer secret"
    assert "authorization" not in second[2]
    assert (second[0], second[2]["x-kind"], second[3]) == ("POST", "order", b"{}")


def test_more_than_the_allowed_size_is_not_read(port: int) -> None:
    with pytest.raises(OutgoingTooLarge):
        fetch(
            url=f"http://127.0.0.1:{port}/size/2000000",
            allowed_networks=LOOPBACK,
            limits=OutgoingLimits(maximum_bytes=100_000),
        )


@pytest.mark.parametrize("path", ["/drip-body", "/drip-head"])
def test_a_server_that_drips_is_cut_off_when_time_is_over(port: int, path: str) -> None:
    begun = monotonic()

    with pytest.raises(OutgoingTooSlow):
        fetch(url=f"http://127.0.0.1:{port}{path}", allowed_networks=LOOPBACK, limits=OutgoingLimits(seconds=0.5))

    assert monotonic() - begun < 5


@pytest.mark.parametrize(
    "url", ["", "nonsense", "file:///etc/passwd", "gopher://x/", "http://", "http://u:p@example.org/", "http://a\x00b/"]
)
def test_what_is_no_web_address_is_refused_with_a_reason(url: str) -> None:
    with pytest.raises((OutgoingRefused, OutgoingFailed)):
        fetch(url=url, allowed_networks=[])


def test_a_closed_port_and_an_unknown_name_are_errors_of_ours() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        with pytest.raises(OutgoingFailed):
            fetch(url=f"http://127.0.0.1:{probe.getsockname()[1]}/", allowed_networks=LOOPBACK)
    with pytest.raises(OutgoingFailed, match="its name is not known"):
        fetch(url="http://nobody.invalid/", allowed_networks=LOOPBACK)


def test_proxies_of_the_environment_are_not_heeded(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    assert fetch(url=f"http://127.0.0.1:{port}/", allowed_networks=LOOPBACK).status == 200


def test_certificates_are_checked_against_the_name_although_a_number_is_called(tmp_path: Path) -> None:
    made = make_certificate(folder=tmp_path, names=["localhost"], moment=dt.datetime.now(tz=dt.UTC))  # noqa: TID251
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(made.cert_file, made.key_file)
    trusting = ssl.create_default_context(cafile=str(made.authority_file))
    with running(context=server_side) as port:
        networks = [*LOOPBACK, "::1"]
        assert fetch(url=f"https://localhost:{port}/", allowed_networks=networks, tls=trusting).body == b"hello"
        with pytest.raises(OutgoingFailed, match="CERTIFICATE"):
            fetch(url=f"https://127.0.0.1:{port}/", allowed_networks=networks, tls=trusting)
        with pytest.raises(OutgoingFailed, match="CERTIFICATE"):
            fetch(url=f"https://localhost:{port}/", allowed_networks=networks)


def test_the_limits_have_defaults_that_bound_everything() -> None:
    limits = outgoing.OutgoingLimits()

    assert (limits.seconds, limits.maximum_bytes, limits.redirects) == (10.0, 5_000_000, 3)


def test_without_redirects_a_redirect_is_an_answer_like_any_other(port: int) -> None:
    url = f"http://127.0.0.1:{port}/to/307/http://127.0.0.1:{port}/size/5"
    answer = fetch(url=url, allowed_networks=LOOPBACK, limits=OutgoingLimits(redirects=0))

    assert answer.status == 307
    assert len(Peer.seen) == 1


def test_an_answer_that_is_too_large_tells_its_status(port: int) -> None:
    with pytest.raises(OutgoingTooLarge) as caught:
        fetch(
            url=f"http://127.0.0.1:{port}/size/2000",
            allowed_networks=LOOPBACK,
            limits=OutgoingLimits(maximum_bytes=1000),
        )

    assert caught.value.parameters["status"] == 200
