"""Backup and restore of the whole database with PostgreSQL's own tools.

A restore builds a new database beside the present one and swaps the names at the end, so that a broken file or a kill
leaves the present one as it was.
"""

import os
import subprocess
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from reorder.config.embedded_postgres.programs import find_programs
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, ReorderError


class BackupFileExists(BadInput):
    code = "backup.file_exists"
    template = "{file} exists already; name another file."


class NotABackup(BadInput):
    code = "backup.not_a_backup"
    template = "{file} is not a backup that can be restored: {cause}"


class RestoreNotConfirmed(BadInput):
    code = "backup.not_confirmed"
    template = "The database holds data ({orders} orders). Say --yes to put the backup in its place."


class BackupFailed(ReorderError):
    code = "backup.failed"
    template = "{tool} failed: {cause}"


def write_backup(*, file: Path) -> int:
    """Dump the database to `file` (pg_dump custom format, mode 0600); returns its size in bytes.

    Written beside and renamed, so that a file of this name is always whole. Raises BackupFileExists, BackupFailed.
    """
    if file.exists():
        raise BackupFileExists(file=file)
    unfinished = file.with_name(file.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))
    with unfinished.open("wb") as stream:
        _run_tool(name="pg_dump", arguments=["--format=custom", _address(_database())], stdout=stream)
    unfinished.rename(file)
    return file.stat().st_size


def restore_backup(*, file: Path, replace: bool) -> str:
    """Restore `file` into a new database and swap it in; returns the name under which the former one is kept.

    Raises NotABackup, RestoreNotConfirmed (data present and `replace` is False), BackupFailed.
    """
    if not file.is_file():
        raise NotABackup(file=file, cause="there is no such file")
    _require_archive(file=file)
    if not replace:
        _require_empty()
    name = _database()
    fresh, kept = f"{name}_restoring", f"{name}_before_{clock.current_moment():%Y%m%d%H%M%S}"
    connection.close()
    with psycopg.connect(_address("postgres"), password=_password(), autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(fresh)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(fresh)))
        with file.open("rb") as stream:
            arguments = ["--no-owner", "--exit-on-error", f"--dbname={_address(fresh)}"]
            _run_tool(name="pg_restore", arguments=arguments, stdin=stream)
        _swap(server=server, name=name, fresh=fresh, kept=kept)
    return kept


def _swap(*, server: "psycopg.Connection[tuple[object, ...]]", name: str, fresh: str, kept: str) -> None:
    """Rename both databases in one transaction; nobody may be connected to them meanwhile."""
    with server.transaction():
        server.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = ANY(%s) AND pid <> pg_backend_pid()""",
            [[name, fresh]],
        )
        for old, new in ((name, kept), (fresh, name)):
            server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new)))


def _require_archive(*, file: Path) -> None:
    try:
        with file.open("rb") as stream:
            _run_tool(name="pg_restore", arguments=["--list"], stdin=stream, stdout=subprocess.DEVNULL)
    except BackupFailed as cause:
        raise NotABackup(file=file, cause=cause.parameters["cause"]) from cause


def _require_empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM orders_order")
        row = cursor.fetchone()
    if row and row[0]:
        raise RestoreNotConfirmed(orders=row[0])


def _run_tool(*, name: str, arguments: list[str], stdin: object = None, stdout: object = None) -> None:
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs, our own arguments
        [str(find_programs(binaries=settings.EMBEDDED.binaries).path_of(program=name)), *arguments],
        stdin=stdin,  # type: ignore[call-overload]
        stdout=stdout,
        stderr=subprocess.PIPE,
        # In the environment, where other users cannot read it, unlike the command line.
        env={**os.environ, "PGPASSWORD": _password() or ""},
        check=False,
    )
    if done.returncode:
        raise BackupFailed(tool=name, cause=done.stderr.decode(errors="replace").strip()[-500:])


def _database() -> str:
    return str(connection.settings_dict["NAME"])


def _address(database: str) -> str:
    """Connection string, without the password, of a database on the same server."""
    given = dict(connection.get_connection_params())
    wanted = {name: given.get(name) for name in ("host", "port", "user")}
    return psycopg.conninfo.make_conninfo("", dbname=database, **{k: v for k, v in wanted.items() if v})


def _password() -> str | None:
    return connection.get_connection_params().get("password")
