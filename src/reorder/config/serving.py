"""The web server: granian's processes over `config.wsgi`, bound where the settings say, with TLS when they name it."""

import os
from functools import partial
from typing import Any

from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from reorder.config.environment import Environment
from reorder.config.processes import follow_parent

# Each holds one connection to the database; more of them do not answer faster on few cores (benchmarks/web.py).
_THREADS_A_PROCESS = 4
# Connections, not requests: browsers keep several open. What comes beyond waits in the kernel's queue.
_CONNECTIONS_A_PROCESS = 256
_QUEUE = 1024
# A head that trickles in, or a connection that says nothing, is closed.
_HEAD_MILLISECONDS = 20_000
# A page takes milliseconds; what still runs after this is cut off, and its transaction rolls back.
_STOP_SECONDS = 10


def bound_address(*, options: Environment) -> tuple[str, int]:
    """Host and port that the server listens on."""
    host, _, port = options.bind.rpartition(":")
    return host.strip("[]"), int(port)


def page_address(*, options: Environment) -> str:
    """The address that people open: the public one, else the bound one."""
    if options.public_url:
        return options.public_url
    host, port = bound_address(options=options)
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - recognised, not bound
        host = options.allowed_hosts[0].lstrip(".") if options.allowed_hosts else "localhost"
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if options.tls_cert else 'http'}://{shown}:{port}"


def run_server(*, options: Environment) -> None:
    """Serve pages until SIGTERM or SIGINT; a process that dies is replaced."""
    host, port = bound_address(options=options)
    server = Server(
        target="reorder.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=options.web_workers,
        blocking_threads=_THREADS_A_PROCESS,
        # An idle thread that ended would take its connection to the database with it.
        blocking_threads_idle_timeout=600,
        http=HTTPModes.auto,
        http1_settings=HTTP1Settings(header_read_timeout=_HEAD_MILLISECONDS),
        backlog=_QUEUE,
        backpressure=_CONNECTIONS_A_PROCESS,
        log_level=LogLevels.warning,
        ssl_cert=options.tls_cert,
        ssl_key=options.tls_key,
        ssl_protocol_min=SSLProtocols.tls12,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
    )
    server.serve(target_loader=partial(_load_application, os.getpid()), wrap_loader=False)


def _load_application(parent_pid: int) -> Any:
    """Runs in each process of the server, which must not outlive the one that replaces the dead."""
    follow_parent(parent_pid=parent_pid)
    from reorder.config.wsgi import application

    return application
