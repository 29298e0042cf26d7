"""`reorder serve`: pages, and the worker beside them when asked; the embedded database is watched and brought back."""

import errno
import signal
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from django.utils.translation import gettext as _

from reorder.cli.language import explain_error, translated
from reorder.cli.screen import error_console, say
from reorder.cli.serve_crew import Crew, Role
from reorder.cli.start import application_in_use
from reorder.kernel.errors import BadInput, ReorderError

if TYPE_CHECKING:
    from pathlib import Path

    from reorder.config.database_users import DatabaseUse
    from reorder.config.environment import Environment

_LOOK_SECONDS = 0.25
_READY_SECONDS = 180.0  # a small machine that is busy with something else
_CLAIM_SECONDS = 3.0
_DATABASE_PAUSE_SECONDS = 5.0


class AddressTaken(BadInput):
    code = "serve.address_taken"
    template = (
        "{address} is in use by another program, perhaps another reorder serve. End that one, or choose another "
        "address, for example: REORDER_BIND={other}"
    )


class AddressUnusable(BadInput):
    code = "serve.address_unusable"
    template = "The server cannot listen on {address}: {reason}. Set REORDER_BIND to an address of this machine."


class CertificateUnusable(BadInput):
    code = "serve.certificate_unusable"
    template = (
        "The certificate {cert} with key {key} cannot be used: {reason}. Make both anew with: reorder certificate"
    )


class PagesNotReady(ReorderError):
    code = "serve.pages_not_ready"
    template = "The web server did not answer within {seconds} s. The cause may stand above."


def serve(
    *,
    with_worker: Annotated[
        bool, typer.Option("--with-worker", help="Run the worker too: one command for all.")
    ] = False,
) -> None:
    """Serve the web pages and the API. Stop with Ctrl-C."""
    roles = [Role.PAGES, Role.WORKER] if with_worker else [Role.PAGES]
    with serving() as stop, application_in_use() as use:
        run_crew(roles=roles, use=use, stop=stop, greet=_greet)
    say(_("Stopped."))


@contextmanager
def serving() -> Iterator[Event]:
    """Claim the address and turn SIGINT, SIGTERM and SIGHUP into an event, so that what was started is ended in order.

    Raises AddressTaken, AddressUnusable, CertificateUnusable before anything is started.
    """
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reorder.config.settings")
    from reorder.config import settings

    _check_certificate(options=settings.REORDER)
    stop = Event()

    def told_to_stop(number: int, frame: FrameType | None) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt  # A second Ctrl-C: no more waiting.
        stop.set()

    with claimed_address(options=settings.REORDER):
        before = {n: signal.signal(n, told_to_stop) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            yield stop
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def run_crew(
    *,
    roles: list[Role],
    use: "DatabaseUse | None",
    stop: Event,
    greet: Callable[[], None],
    after_demo: Role | None = None,
) -> None:
    """Run these children until told to stop; `greet` is called once pages are answered.

    The first role is the pages: the others begin when they answer, so that heavy work does not keep people from seeing
    them. `after_demo` starts when the demonstration is loaded. Raises PagesKeepEnding, PagesNotReady.
    """
    from django.db import connections

    from reorder.config.static_files import collect_files

    collect_files()
    # What watches needs no connection of its own, and a session left open would outlive the database it belongs to.
    connections.close_all()
    crew = Crew(told=_tell)
    watch = _DatabaseWatch(use=use)
    try:
        crew.start(roles[0])
        _wait_for_pages(crew=crew, stop=stop)
        for role in roles[1:] if not stop.is_set() else ():
            crew.start(role)
        greeting = Greeting(greet=greet, told=_tell)
        if not stop.is_set():
            greeting.utter()
        connections.close_all()
        while not stop.wait(_LOOK_SECONDS):
            watch.look()
            if not greeting.is_uttered:
                greeting.utter()
                connections.close_all()
            if Role.DEMO in crew.look() and after_demo is not None:
                crew.start(after_demo)
    finally:
        crew.stop()


def _greet() -> None:
    from django.conf import settings

    from reorder.config.serving import page_address
    from reorder.domain.staff.queries import list_users

    say(_("Reorder is at {address} (Ctrl-C stops it).").format(address=page_address(options=settings.REORDER)))
    if not list_users():
        say(_("There is no user yet. Make the first one with: reorder user add NAME --role owner"))


class Greeting:
    """What is said once pages are answered. It reads the database, which may die just then: then it is said later."""

    def __init__(self, *, greet: Callable[[], None], told: Callable[[str], None]) -> None:
        self._greet = greet
        self._told = told
        self._is_put_off = False
        self.is_uttered = False

    def utter(self) -> None:
        """Greet, or tell once why not yet."""
        from django.db import Error

        try:
            self._greet()
        except Error:
            if not self._is_put_off:
                self._told(translated("The database does not answer just now. What to do first is said when it does."))
            self._is_put_off = True
        else:
            self.is_uttered = True


class _DatabaseWatch:
    """Brings the embedded database back when it died; one that somebody stopped stays down."""

    def __init__(self, *, use: "DatabaseUse | None") -> None:
        self._use = use
        self._not_before = 0.0

    def look(self) -> None:
        if self._use is None or time.monotonic() < self._not_before or not self._use.has_crashed():
            return
        try:
            self._use.ensure_started()
        except ReorderError as cause:
            self._not_before = time.monotonic() + _DATABASE_PAUSE_SECONDS
            _tell(explain_error(cause))
            return
        _tell(translated("The database had died; it is back."))


def _tell(sentence: str) -> None:
    error_console.print(sentence, markup=False, soft_wrap=True)


def _wait_for_pages(*, crew: Crew, stop: Event) -> None:
    from reorder.config import settings
    from reorder.config.serving import bound_address

    deadline = time.monotonic() + _READY_SECONDS
    while not stop.wait(0.05):
        crew.look()
        if _answers(*bound_address(options=settings.REORDER)):
            return
        if time.monotonic() > deadline:
            raise PagesNotReady(seconds=int(_READY_SECONDS))


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((_reachable(host), port), timeout=1).close()
    except OSError:
        return False
    return True


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - recognised, not bound


@contextmanager
def claimed_address(*, options: "Environment") -> Iterator[None]:
    """Hold the address, so that no second server shares it by accident. Raises AddressTaken, AddressUnusable.

    The socket is bound and never listens: it refuses a second claim, while our own processes, which ask to share,
    may listen beside it.
    """
    from reorder.config.serving import bound_address

    host, port = bound_address(options=options)
    try:
        family, kind, _number, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        claim = socket.socket(family, kind)
    except OSError as fault:
        raise AddressUnusable(address=options.bind, reason=fault.strerror or str(fault)) from fault
    with claim:
        claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(claim, address=address, options=options)
        claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        yield


def _bind(claim: socket.socket, *, address: object, options: "Environment") -> None:
    # The processes of a server that was killed a moment ago are just ending.
    deadline = time.monotonic() + _CLAIM_SECONDS
    while True:
        try:
            claim.bind(address)  # type: ignore[arg-type]
        except OSError as fault:
            if fault.errno != errno.EADDRINUSE:
                raise AddressUnusable(address=options.bind, reason=fault.strerror or str(fault)) from fault
            if time.monotonic() > deadline:
                raise AddressTaken(address=options.bind, other=_beside(options.bind)) from fault
            time.sleep(0.1)
            continue
        return


def _beside(bind: str) -> str:
    host, _, port = bind.rpartition(":")
    return f"{host}:{int(port) + 1 if int(port) < 65535 else int(port) - 1}"


def _check_certificate(*, options: "Environment") -> None:
    if options.tls_cert is None or options.tls_key is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(options.tls_cert, options.tls_key)
    except (OSError, ssl.SSLError) as fault:
        reason = fault.strerror or str(fault)
        raise CertificateUnusable(cert=options.tls_cert, key=options.tls_key, reason=reason) from fault
    _warn_of_expiry(file=options.tls_cert)


def _warn_of_expiry(*, file: "Path") -> None:
    """Handhelds refuse a certificate that has ended: said while there is time to renew it."""
    from reorder.config.certificate import WARNED_DAYS, days_left
    from reorder.kernel import clock

    days = days_left(file=file, moment=clock.current_moment())
    if days is not None and days < WARNED_DAYS:
        ends = translated("The certificate {file} ends in {days} days. Renew it: reorder certificate --renew")
        ended = translated(
            "The certificate {file} has ended; browsers refuse it. Renew it: reorder certificate --renew"
        )
        _tell((ends if days >= 0 else ended).format(file=file, days=days))


def register(app: typer.Typer) -> None:
    app.command()(serve)
