"""Requests to addresses that a user or a partner gave us: webhooks, feeds, push endpoints.

A name is resolved once, all its addresses are checked, and the connection goes to a checked one, so that a name which
changes its answer meanwhile leads nowhere else. Redirects are followed by the same rules. Time and size are bounded as
a whole, not piece by piece. Proxy variables of the environment are not heeded: a proxy would resolve names anew.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import httpx

from reorder.kernel.errors import BadInput, ReorderError

_PORTS_OF_SCHEMES = {"http": 80, "https": 443}
_REDIRECTS = {301, 302, 303, 307, 308}
# Never sent to another host than the one they were meant for.
_PRIVATE_HEADERS = {"authorization", "cookie", "proxy-authorization"}
_MOST_ADDRESSES = 3
# Addresses that translate to others: what is inside counts.
_NAT64 = ip_network("64:ff9b::/96")

Address = IPv4Address | IPv6Address


class OutgoingRefused(BadInput):
    """The address may not be asked; `reason` says why."""

    code = "outgoing.refused"
    template = "{url} is not asked: {reason}."


class OutgoingPrivate(OutgoingRefused):
    code = "outgoing.private"
    template = (
        "{url} is not asked: {address} is a private address. If it is yours, name its network in "
        "REORDER_OUTGOING_NETWORKS."
    )


class OutgoingFailed(ReorderError):
    """The other side did not answer as it should; the same later may succeed."""

    code = "outgoing.failed"
    template = "{url} did not answer: {cause}."


class OutgoingTooLarge(ReorderError):
    """`status` tells what it had answered before."""

    code = "outgoing.too_large"
    template = "{url} answered with more than {maximum_bytes} bytes."


class OutgoingTooSlow(ReorderError):
    code = "outgoing.too_slow"
    template = "{url} took longer than {seconds} s."


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingLimits:
    """Bounds of one request with all its redirects; with 0 of them a redirect is an answer like any other."""

    seconds: float = 10.0
    connect_seconds: float = 5.0
    maximum_bytes: int = 5_000_000
    redirects: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingAnswer:
    """What came back, whatever its status."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class _Deadline:
    """Shuts the connection when time is over, also one that drips a byte now and then."""

    seconds: float
    ends_at: float
    streams: list[Any] = field(default_factory=list)
    is_over: bool = False

    def watch(self, name: str, info: Mapping[str, Any]) -> None:
        """httpx tells of every connection it makes."""
        if name in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            self.streams.append(info["return_value"])

    def cut(self) -> None:
        self.is_over = True
        for stream in self.streams:
            connection = stream.get_extra_info("socket")
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except (OSError, AttributeError):
                continue

    @property
    def has_passed(self) -> bool:
        return self.is_over or time.monotonic() >= self.ends_at

    @property
    def left_seconds(self) -> float:
        return max(self.ends_at - time.monotonic(), 0.001)


def fetch(
    *,
    url: str,
    allowed_networks: Sequence[str],
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    limits: OutgoingLimits | None = None,
    tls: ssl.SSLContext | None = None,
) -> OutgoingAnswer:
    """Ask `url` and return the answer with its body.

    `allowed_networks` (`settings.REORDER.outgoing_networks`) are the private networks that may be reached; public
    addresses always may. Raises OutgoingRefused, OutgoingFailed, OutgoingTooLarge, OutgoingTooSlow.
    """
    bounds = limits or OutgoingLimits()
    with _deadline(seconds=bounds.seconds) as deadline, _client(tls=tls) as client:
        request = _Request(method=method.upper(), url=url, headers=dict(headers or {}), body=body)
        for _hop in range(bounds.redirects + 1):
            answer = _ask(client=client, request=request, networks=allowed_networks, limits=bounds, deadline=deadline)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not target or not bounds.redirects:
                return answer
            request = request.redirected(status=answer.status, target=target)
    raise OutgoingRefused(url=url, reason="it redirects too often")


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    headers: dict[str, str]
    body: bytes

    def redirected(self, *, status: int, target: str) -> "_Request":
        """As browsers do: 303, and a redirected POST, become GET; secrets stay with the host they were meant for."""
        try:
            there = httpx.URL(self.url).join(target)
        except httpx.InvalidURL as fault:
            raise OutgoingRefused(url=self.url, reason="it redirects to something that is no address") from fault
        here = httpx.URL(self.url)
        is_same = (here.scheme, here.host, here.port) == (there.scheme, there.host, there.port)
        kept = {n: v for n, v in self.headers.items() if is_same or n.lower() not in _PRIVATE_HEADERS}
        becomes_get = status == 303 or (status in {301, 302} and self.method == "POST")
        return _Request("GET" if becomes_get else self.method, str(there), kept, b"" if becomes_get else self.body)


def require_address(*, url: str) -> httpx.URL:
    """The address taken apart; raises OutgoingRefused for one that could never be asked."""
    return _checked_url(url)


@contextmanager
def _deadline(*, seconds: float) -> Iterator[_Deadline]:
    deadline = _Deadline(seconds=seconds, ends_at=time.monotonic() + seconds)
    timer = threading.Timer(seconds, deadline.cut)
    timer.daemon = True
    timer.start()
    try:
        yield deadline
    finally:
        timer.cancel()


def _client(*, tls: ssl.SSLContext | None) -> httpx.Client:
    return httpx.Client(follow_redirects=False, trust_env=False, verify=tls or ssl.create_default_context())


def _ask(
    *,
    client: httpx.Client,
    request: _Request,
    networks: Sequence[str],
    limits: OutgoingLimits,
    deadline: _Deadline,
) -> OutgoingAnswer:
    url = _checked_url(request.url)
    try:
        answer = _send(client=client, url=url, request=request, networks=networks, limits=limits, deadline=deadline)
        try:
            received = _read(answer=answer, url=request.url, limits=limits, deadline=deadline)
        finally:
            answer.close()
    except (httpx.HTTPError, OSError) as fault:
        if deadline.has_passed:
            raise OutgoingTooSlow(url=request.url, seconds=deadline.seconds) from fault
        raise OutgoingFailed(url=request.url, cause=str(fault) or type(fault).__name__) from fault
    if deadline.has_passed:
        raise OutgoingTooSlow(url=request.url, seconds=deadline.seconds)
    return OutgoingAnswer(url=request.url, status=answer.status_code, headers=dict(answer.headers), body=received)


def _send(
    *,
    client: httpx.Client,
    url: httpx.URL,
    request: _Request,
    networks: Sequence[str],
    limits: OutgoingLimits,
    deadline: _Deadline,
) -> httpx.Response:
    """Connect to the first checked address that accepts; the answer's head is there, its body not yet."""
    addresses = _checked_addresses(url=url, networks=networks)[:_MOST_ADDRESSES]
    for address in addresses:
        # The connection goes to the number; the name stays in the Host header and in what the certificate must say.
        asked = client.build_request(
            request.method,
            url.copy_with(host=str(address), userinfo=b"", fragment=None),
            headers={"accept-encoding": "identity", **request.headers, "host": url.netloc.decode("ascii")},
            content=request.body or None,
            timeout=httpx.Timeout(deadline.left_seconds, connect=min(limits.connect_seconds, deadline.left_seconds)),
            extensions={"sni_hostname": url.raw_host.decode("ascii"), "trace": deadline.watch},
        )
        try:
            return client.send(asked, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            if address == addresses[-1] or deadline.has_passed:
                raise
    raise OutgoingFailed(url=str(url), cause="its name is not known")


def _read(*, answer: httpx.Response, url: str, limits: OutgoingLimits, deadline: _Deadline) -> bytes:
    """The body as it comes over the wire: what would unpack to more than it weighs is not unpacked."""
    received = bytearray()
    for piece in answer.iter_raw():
        received += piece
        if len(received) > limits.maximum_bytes:
            raise OutgoingTooLarge(url=url, maximum_bytes=limits.maximum_bytes, status=answer.status_code)
        if deadline.has_passed:
            raise OutgoingTooSlow(url=url, seconds=deadline.seconds)
    return bytes(received)


def _checked_url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
        url.raw_host.decode("ascii")
    except (httpx.InvalidURL, TypeError, ValueError) as fault:
        raise OutgoingRefused(url=text, reason="it is no address") from fault
    if url.scheme not in _PORTS_OF_SCHEMES or not url.host:
        raise OutgoingRefused(url=text, reason="it must start with http:// or https:// and name a host")
    if url.userinfo:
        raise OutgoingRefused(url=text, reason="it carries a user name; give secrets as a header")
    return url


def _checked_addresses(*, url: httpx.URL, networks: Sequence[str]) -> list[Address]:
    """The addresses of the name; every one of them must be allowed."""
    port = url.port or _PORTS_OF_SCHEMES[url.scheme]
    try:
        found = socket.getaddrinfo(url.raw_host.decode("ascii"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise OutgoingFailed(url=str(url), cause="its name is not known") from fault
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        if not is_allowed(address=address, networks=networks):
            raise OutgoingPrivate(url=str(url), address=address)
    return list(dict.fromkeys(addresses))


def is_allowed(*, address: Address, networks: Sequence[str]) -> bool:
    """Whether requests may go there: any public address, and the named private networks."""
    inner = _inner(address)
    if any(one in ip_network(network) for network in networks for one in {address, inner}):
        return True
    return inner.is_global and not inner.is_multicast and not inner.is_reserved


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for (mapped, 6to4, NAT64), else itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def was_surely_not_sent(*, fault: OutgoingFailed) -> bool:
    """Whether a request that failed had surely not reached the other side: only then it may be made again blindly."""
    cause = fault.__cause__
    return (
        cause is None
        or isinstance(cause, (httpx.ConnectError, httpx.ConnectTimeout, UnicodeError))
        or fault.parameters.get("cause") == "its name is not known"
    )


def fetch_once(
    *,
    url: str,
    allowed_networks: Sequence[str],
    method: str,
    headers: Mapping[str, str] | None,
    body: bytes,
    limits: OutgoingLimits,
    unreached: Callable[[str], ReorderError],
    unsure: Callable[[str], ReorderError],
) -> OutgoingAnswer:
    """As `fetch`, for requests that must not be made twice: faults are told apart by whether anything was handed over.

    Raises what `unreached` makes (nothing was) or `unsure` (perhaps), from a sentence that says why.
    """
    try:
        return fetch(
            url=url, allowed_networks=allowed_networks, method=method, headers=headers, body=body, limits=limits
        )
    except OutgoingRefused as fault:
        raise unreached(str(fault)) from fault
    except OutgoingTooSlow as fault:
        raise unsure("it did not answer in time") from fault
    except OutgoingFailed as fault:
        if was_surely_not_sent(fault=fault):
            raise unreached("it could not be reached") from fault
        raise unsure("the answer did not come back whole") from fault
    except OutgoingTooLarge as fault:
        raise unsure("it answered something that we cannot read") from fault


def is_host_allowed(*, host: str, networks: Sequence[str]) -> bool:
    """Whether all addresses of a host may be reached; for libraries that open their connections themselves."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(is_allowed(address=ip_address(one[4][0]), networks=networks) for one in found)
