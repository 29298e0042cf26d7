"""The server's life: found by its process, started until it stays, waited for until it is *our* cluster, stopped."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping

from reorder.config.embedded_postgres import cluster
from reorder.config.embedded_postgres.errors import PostgresDidNotStart, PostgresDidNotStop, PostgresOccupied
from reorder.config.embedded_postgres.locks import is_locked, open_lock, try_lock
from reorder.config.embedded_postgres.places import PORT, Places
from reorder.config.embedded_postgres.processes import (
    ServerProcess,
    find_server_process,
    list_server_processes,
    read_pid,
    send_signal,
    wait_until,
)
from reorder.config.embedded_postgres.programs import Programs, clean_environment

_READY_SECONDS = 120.0  # crash recovery after a busy day
_FAST_STOP_SECONDS = 120.0  # the last checkpoint of a busy day
_HARD_STOP_SECONDS = 15.0
_RESTART_SECONDS = 20.0
_SOCKET_SECONDS = 5.0  # from the pid file to the socket takes milliseconds
_LOG_MAXIMUM_BYTES = 8_000_000
# Early ends that pass by themselves: what a killed server left behind is being given back by the kernel.
_PASSING_FAULTS = ("lock file", "shared memory block", "Address already in use")


def find_server(*, places: Places) -> ServerProcess | None:
    """The living main process of this cluster, proved by its program and its working folder."""
    pid = read_pid(file=places.pid_file)
    process = None if pid is None else find_server_process(pid=pid, account=places.account)
    return process if process is not None and process.folder == str(places.data) else None


def join_server(*, places: Places) -> bool:
    """Wait for the server that already runs; False when there is none that can be reached."""
    running = find_server(places=places)
    if running is None:
        return False

    def has_settled() -> bool:
        return _has_socket(places=places) or _is_gone(server=running, places=places)

    wait_until(done=has_settled, seconds=_SOCKET_SECONDS)
    if read_pid(file=places.socket_lock) != running.pid:
        # Its home folder was moved, or a cleaner of /tmp removed its socket: nobody can reach it any more.
        stop_server(places=places, server=running)
        return False
    return wait_ready(places=places)


def stop_any(*, places: Places) -> bool:
    """Stop the server, or what is left of one; True when something ran."""
    running = find_server(places=places)
    if running is not None:
        stop_server(places=places, server=running)
        return True
    left_over = list_server_processes(folder=places.data, account=places.account)
    if left_over:
        end_hard(places=places, processes=left_over)
        return True
    return end_orphan(places=places)


def clear_the_way(*, places: Places) -> None:
    """End what would block a start: backends of a killed server, the server of a deleted folder, stale lock files.

    Raises PostgresOccupied when a healthy server of another folder, or one that we cannot see, is in the way.
    """
    left_over = list_server_processes(folder=places.data, account=places.account)
    if left_over:
        end_hard(places=places, processes=left_over)
    end_orphan(places=places)
    for stale in (places.socket_lock, places.socket, places.pid_file):
        stale.unlink(missing_ok=True)


def end_orphan(*, places: Places) -> bool:
    """Stop the server that holds our socket although its data folder was deleted; True when there was one."""
    pid = read_pid(file=places.socket_lock)
    holder = None if pid is None else find_server_process(pid=pid, account=places.account)
    if holder is None:
        return False
    if not holder.is_orphan:
        if not _is_answered(places=places):
            return False  # the number in a stale lock file now belongs to another installation's server
        raise PostgresOccupied(folder=places.data, reason=f"server {holder.pid} of {holder.folder} uses its socket")
    end_hard(places=places, processes=[holder])
    return True


def start_server(*, places: Places, programs: Programs, extra: Mapping[str, str]) -> None:
    """Start and wait until ready; starts again while leftovers of a killed server block the first tries."""
    cluster.write_settings(places=places, extra=extra)
    _rotate_log(places=places)
    deadline = time.monotonic() + _RESTART_SECONDS
    while True:
        log_offset = places.log.stat().st_size if places.log.exists() else 0
        _launch(places=places, programs=programs)
        if wait_ready(places=places):
            return
        said = _log_tail(places=places, offset=log_offset)
        if time.monotonic() > deadline or not any(fault in said for fault in _PASSING_FAULTS):
            raise _did_not_start(places=places, reason="the server ended early", log_tail=said)
        time.sleep(0.2)


def wait_ready(*, places: Places) -> bool:
    """Wait until the cluster answers; False when the server ended early, PostgresDidNotStart when time is over."""
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        reason = _ask(places=places)
        if reason is None:
            return True
        if find_server(places=places) is None and not is_locked(file=places.server_lock):
            return False
        if time.monotonic() > deadline:
            waited = f"no answer in {int(_READY_SECONDS)} s, last: {reason}"
            raise _did_not_start(places=places, reason=waited, log_tail=_log_tail(places=places, offset=0))
        time.sleep(0.05)


def stop_server(*, places: Places, server: ServerProcess) -> None:
    """Stop the fast way (open transactions roll back); raises PostgresDidNotStop when nothing helps."""
    send_signal(processes=[server], number=signal.SIGINT)
    if not wait_until(done=lambda: _is_gone(server=server, places=places), seconds=_FAST_STOP_SECONDS):
        end_hard(places=places, processes=[server])


def end_hard(*, places: Places, processes: list[ServerProcess]) -> None:
    """Stop without a checkpoint (the next start recovers), and kill what does not obey."""

    def is_over() -> bool:
        return all(_is_gone(server=process, places=places) for process in processes)

    for number in (signal.SIGQUIT, signal.SIGKILL):
        send_signal(processes=[one for one in processes if not _is_gone(server=one, places=places)], number=number)
        if wait_until(done=is_over, seconds=_HARD_STOP_SECONDS):
            return
    waited_seconds = int(2 * _HARD_STOP_SECONDS)
    raise PostgresDidNotStop(pid=processes[0].pid, folder=places.data, waited_seconds=waited_seconds, log=places.log)


def _has_socket(*, places: Places) -> bool:
    # The fifth line of the pid file names the socket's folder, once there is a socket.
    try:
        lines = places.pid_file.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 5 and bool(lines[4].strip())


def _is_gone(*, server: ServerProcess, places: Places) -> bool:
    return find_server_process(pid=server.pid, account=places.account) is None


def _is_answered(*, places: Places) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(places.socket))
        except OSError:
            return False
        return True


def _launch(*, places: Places, programs: Programs) -> None:
    account = places.account
    lock = open_lock(file=places.server_lock, account=account)
    log = os.open(places.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        if account.is_other:
            os.fchown(log, account.uid, account.gid)
        # The server inherits this lock and holds it while any of its processes lives.
        if not wait_until(done=lambda: try_lock(descriptor=lock), seconds=_RESTART_SECONDS):
            reason = "a server holds its lock that cannot be seen from here, perhaps in another container"
            raise PostgresOccupied(folder=places.data, reason=reason)
        # Through a shell that ends at once: the server is nobody's child here, so it outlives us and leaves no zombie.
        subprocess.run(  # noqa: S603 - fixed script, paths travel as arguments
            ["/bin/sh", "-c", '"$@" &', "sh", programs.path_of(program="postgres"), "-D", places.data],
            user=account.uid if account.is_other else None,
            group=account.gid if account.is_other else None,
            extra_groups=[] if account.is_other else None,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(lock,),
            cwd=places.data,
            env=clean_environment(),
            umask=0o077,
            start_new_session=True,
            check=True,
        )
    finally:
        os.close(log)
        os.close(lock)


def _ask(*, places: Places) -> str | None:
    """Why the cluster is not ready yet, or None; makes the database if a restore was killed before it did."""
    import psycopg

    try:
        connection = psycopg.connect(
            host=str(places.socket_folder),
            port=PORT,
            user=cluster.ROLE,
            dbname="postgres",
            connect_timeout=5,
            autocommit=True,
        )
    except psycopg.OperationalError as fault:
        return str(fault)
    with connection:
        try:
            row = connection.execute(
                "SELECT current_setting('data_directory'), system_identifier FROM pg_control_system()"
            ).fetchone()
        except psycopg.Error as fault:
            return str(fault)
        if row != (str(places.data), cluster.read_system_identifier(places=places)):
            raise PostgresOccupied(folder=places.data, reason=f"its socket is answered by another cluster: {row}")
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", [cluster.DATABASE]).fetchone() is None:
            connection.execute(f"CREATE DATABASE {cluster.DATABASE}")
    return None


def _rotate_log(*, places: Places) -> None:
    if places.log.exists() and places.log.stat().st_size > _LOG_MAXIMUM_BYTES:
        places.log.replace(places.log.with_suffix(".log.1"))


def _log_tail(*, places: Places, offset: int) -> str:
    if not places.log.exists():
        return ""
    with places.log.open("rb") as stream:
        stream.seek(max(offset, places.log.stat().st_size - 3000))
        return stream.read().decode("utf-8", errors="replace")


def _did_not_start(*, places: Places, reason: str, log_tail: str) -> PostgresDidNotStart:
    return PostgresDidNotStart(folder=places.data, reason=reason, log=places.log, log_tail=log_tail)
