"""The embedded database: a real PostgreSQL with nothing to install, kept under one home folder.

Any command that needs the database calls `ensure_started`; `stop` stops it. Starts and stops are serialised by one lock
of the kernel, and a server is known by its program and working folder, never by a number in a file.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from reorder.config.embedded_postgres import cluster, server
from reorder.config.embedded_postgres.errors import (
    PostgresBusy,
    PostgresDidNotStart,
    PostgresDidNotStop,
    PostgresHomeUnusable,
    PostgresInitFailed,
    PostgresOccupied,
    PostgresProgramsMissing,
    PostgresToolFailed,
    PostgresUnsupported,
    PostgresVersionDiffers,
    ServiceUserMissing,
)
from reorder.config.embedded_postgres.locks import hold_turn
from reorder.config.embedded_postgres.places import (
    PORT,
    Places,
    default_home,
    places_of,
    prepare_folder,
    prepare_socket_folder,
    remove_socket_folder,
)
from reorder.config.embedded_postgres.programs import find_programs, programs_for

__all__ = [
    "EmbeddedPostgres",
    "PostgresBusy",
    "PostgresDidNotStart",
    "PostgresDidNotStop",
    "PostgresHomeUnusable",
    "PostgresInitFailed",
    "PostgresOccupied",
    "PostgresProgramsMissing",
    "PostgresStatus",
    "PostgresToolFailed",
    "PostgresUnsupported",
    "PostgresVersionDiffers",
    "ServiceUserMissing",
    "default_home",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresStatus:
    """What is known about the server; `pid` is None when it does not run."""

    pid: int | None
    version: str
    data_folder: Path
    socket_folder: Path
    log_file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedPostgres:
    """One PostgreSQL cluster below `home`; `settings` (server parameters) are set whenever this object starts it."""

    home: Path
    binaries: Path | None = None
    service_user: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Address over the unix socket for psycopg, libpq and ADBC; the same whether the server runs or not."""
        host = quote(str(self._places.socket_folder), safe="")
        return f"postgresql://{cluster.ROLE}@/{cluster.DATABASE}?host={host}&port={PORT}"

    def ensure_started(self) -> bool:
        """Start the server unless it runs, and wait until it answers; True when this call started it."""
        _require_linux()
        places = self._places
        prepare_folder(places=places)
        with hold_turn(file=places.turn_lock, account=places.account):
            prepare_socket_folder(places=places)
            if server.join_server(places=places):
                return False
            self._start(places=places)
            return True

    def stop(self) -> bool:
        """Stop the server of this home, also one whose data folder was deleted; True when there was one."""
        places = self._places
        try:
            if not places.folder.exists():
                return server.end_orphan(places=places)
            with hold_turn(file=places.turn_lock, account=places.account):
                stopped = server.stop_any(places=places)
                remove_socket_folder(places=places)
                return stopped
        except PermissionError as fault:
            raise PostgresHomeUnusable(
                folder=places.home, reason="it belongs to another user; run as that user"
            ) from fault

    def is_running(self) -> bool:
        """Whether the server's main process lives; it may still be recovering."""
        return server.find_server(places=self._places) is not None

    def has_crashed(self) -> bool:
        """Whether the main process is gone although nobody stopped the server: a stop leaves no pid file behind."""
        return not self.is_running() and self._places.pid_file.exists()

    def status(self) -> PostgresStatus:
        """Process number, version and folders."""
        places = self._places
        running = server.find_server(places=places)
        return PostgresStatus(
            pid=running.pid if running else None,
            version=find_programs(binaries=self.binaries).version,
            data_folder=places.data,
            socket_folder=places.socket_folder,
            log_file=places.log,
        )

    def run_tool(self, *, name: str, args: Sequence[str]) -> str:
        """Run pg_dump, pg_restore, psql … against the database as the calling user; returns what it printed.

        The connection comes from the environment, so `args` name none. Raises PostgresToolFailed with what it said.
        """
        self.ensure_started()
        tool = find_programs(binaries=self.binaries).path_of(program=name)
        address = {
            "PGHOST": str(self._places.socket_folder),
            "PGPORT": str(PORT),
            "PGUSER": cluster.ROLE,
            "PGDATABASE": cluster.DATABASE,
            "PGCLIENTENCODING": "UTF8",
        }
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        answer = subprocess.run(  # noqa: S603 - a program of the installation, arguments travel as a list
            [tool, *args], env={**kept, **address}, capture_output=True, encoding="utf-8", errors="replace", check=False
        )
        if answer.returncode != 0:
            raise PostgresToolFailed(tool=name, exit_code=answer.returncode, output=answer.stderr[-4000:])
        return answer.stdout

    @property
    def _places(self) -> Places:
        return places_of(home=self.home, service_user=self.service_user)

    def _start(self, *, places: Places) -> None:
        found = find_programs(binaries=self.binaries)
        programs = programs_for(programs=found, account=places.account, folder=places.folder)
        server.clear_the_way(places=places)
        if not cluster.has_cluster(places=places):
            cluster.make_cluster(places=places, programs=programs)
        cluster.check_version(places=places, programs=programs)
        server.start_server(places=places, programs=programs, extra=self.settings)


def _require_linux() -> None:
    if not sys.platform.startswith("linux"):
        raise PostgresUnsupported(system=sys.platform)
