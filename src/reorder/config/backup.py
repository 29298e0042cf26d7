"""Backup and restore of the whole database with PostgreSQL's own tools.

A restore builds a new database beside the present one and swaps the names at the end, so that a broken file or a kill
leaves the present one as it was. The file ends with its own checksum: pg_restore does not notice every changed byte.
"""

import datetime as dt
import hashlib
import io
import os
import subprocess
from pathlib import Path
from typing import BinaryIO

import psycopg
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from reorder.config.embedded_postgres.programs import find_programs
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, ReorderError

_Server = psycopg.Connection[tuple[object, ...]]
_SWAP_ATTEMPTS = 5
_BLOCK_BYTES = 1 << 20
_SEAL = b"\nreorder-backup sha256 "
_SEAL_BYTES = len(_SEAL) + 64 + 1


class BackupFileExists(BadInput):
    code = "backup.file_exists"
    template = "{file} exists already; name another file."


class BackupNotWritable(BadInput):
    code = "backup.not_writable"
    template = "{file} cannot be written: {cause}. Name a file in a folder that exists and may be written to."


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

    Written beside and renamed, so that a file of this name is always whole. Raises BackupFileExists,
    BackupNotWritable, BackupFailed.
    """
    if file.exists():
        raise BackupFileExists(file=file)
    unfinished = file.with_name(file.name + ".unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_CREAT | os.O_RDWR | os.O_EXCL, 0o600)
    except OSError as cause:
        raise BackupNotWritable(file=file, cause=cause.strerror) from cause
    with os.fdopen(descriptor, "w+b") as stream:
        _run_tool(name="pg_dump", arguments=["--format=custom", _address(_database())], stdout=stream)
        stream.write(_seal(_digest(stream)))
        stream.flush()
        os.fsync(stream.fileno())
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
    moment = clock.current_moment()
    kept = f"{name}_before_{moment:%Y%m%d%H%M%S}"
    connection.close()
    try:
        _restore(file=file, name=name, kept=kept, moment=moment)
    except psycopg.Error as cause:
        raise BackupFailed(tool="restore", cause=str(cause).strip()) from cause
    return kept


def _restore(*, file: Path, name: str, kept: str, moment: dt.datetime) -> None:
    fresh = f"{name}_restoring"
    with psycopg.connect(_address("postgres"), password=_password(), autocommit=True) as server:
        _drop(server=server, name=fresh)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(fresh)))
        try:
            with file.open("rb") as stream:
                arguments = ["--no-owner", "--exit-on-error", f"--dbname={_address(fresh)}"]
                _run_tool(name="pg_restore", arguments=arguments, stdin=stream)
            _require_known_tables(file=file, database=fresh)
            _park_doubtful_mail(database=fresh, moment=moment)
            _swap(server=server, name=name, fresh=fresh, kept=kept)
        except ReorderError:
            _drop(server=server, name=fresh)
            raise


def _require_known_tables(*, file: Path, database: str) -> None:
    """Raise NotABackup for one of a later version, whose tables this one would misread."""
    known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    with psycopg.connect(_address(database), password=_password()) as restored:
        applied = restored.execute("SELECT app, name FROM django_migrations").fetchall()
    ours = {app for app, _ in known}
    if any(app in ours and (app, name) not in known for app, name in applied):
        raise NotABackup(file=file, cause="a later version of Reorder wrote it; bring this one up to date first")


def _park_doubtful_mail(*, database: str, moment: dt.datetime) -> None:
    """Nobody knows which mail went out after the backup was made: what may have is parked, not sent again."""
    with psycopg.connect(_address(database), password=_password()) as restored:
        restored.execute(
            """UPDATE messaging_outboxmessage SET state = 'unknown', outcome_code = 'outbox.unknown.restored'
               WHERE state IN ('planned', 'sending') AND send_after <= %s""",
            [moment],
        )


def _drop(*, server: _Server, name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _swap(*, server: _Server, name: str, fresh: str, kept: str) -> None:
    """Rename both databases in one transaction, when nobody is connected to them."""
    for _ in range(_SWAP_ATTEMPTS):
        try:
            with server.transaction():
                server.execute(
                    """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                       WHERE datname = ANY(%s) AND pid <> pg_backend_pid()""",
                    [[name, fresh]],
                )
                for old, new in ((name, kept), (fresh, name)):
                    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                    server.execute(rename.format(sql.Identifier(old), sql.Identifier(new)))
                return
        except psycopg.errors.ObjectInUse as cause:
            # A worker came back at once; it is sent away again.
            fault = cause
    raise BackupFailed(tool="restore", cause=f"somebody stays connected; stop the worker ({fault})")


def _require_archive(*, file: Path) -> None:
    """Raise NotABackup unless the file is whole, as its seal says, and pg_restore knows what is in it."""
    with file.open("rb") as stream:
        length = max(stream.seek(0, io.SEEK_END) - _SEAL_BYTES, 0)
        stream.seek(length)
        seal = stream.read()
        if not seal.startswith(_SEAL):
            raise NotABackup(file=file, cause="its end is missing, or it was not written by reorder backup")
        if seal != _seal(_digest(stream, length=length)):
            raise NotABackup(file=file, cause="its content has changed since it was written")
        stream.seek(0)
        try:
            _run_tool(name="pg_restore", arguments=["--list"], stdin=stream, stdout=subprocess.DEVNULL)
        except BackupFailed as cause:
            raise NotABackup(file=file, cause=cause.parameters["cause"]) from cause


def _digest(stream: BinaryIO, *, length: int | None = None) -> str:
    """SHA-256 of the first `length` bytes, of all when None; leaves the stream behind them."""
    digest = hashlib.sha256()
    left = length if length is not None else stream.seek(0, io.SEEK_END)
    stream.seek(0)
    while left and (block := stream.read(min(left, _BLOCK_BYTES))):
        digest.update(block)
        left -= len(block)
    return digest.hexdigest()


def _seal(digest: str) -> bytes:
    return _SEAL + digest.encode("ascii") + b"\n"


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
    given = connection.get_connection_params()
    options = {name: text for name, text in connection.settings_dict["OPTIONS"].items() if isinstance(text, str)}
    wanted = {name: given.get(name) for name in ("host", "port", "user")} | options
    return psycopg.conninfo.make_conninfo("", dbname=database, **{k: v for k, v in wanted.items() if v})


def _password() -> str | None:
    return connection.get_connection_params().get("password")
