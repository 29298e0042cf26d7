"""As root the server runs as a service user, and no folder but the home itself is opened for it."""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from reorder.config.embedded_postgres import EmbeddedPostgres, PostgresHomeUnusable, ServiceUserMissing
from reorder.config.embedded_postgres.programs import copy_install, find_programs
from tests.ports.embedded_postgres.conftest import SMALL, ask, server_pid

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_server_runs_as_the_service_user_and_root_can_use_it(parent: Path) -> None:
    database = EmbeddedPostgres(home=parent / "shop", service_user="nobody", settings=SMALL)

    database.ensure_started()

    nobody_uid = pwd.getpwnam("nobody").pw_uid
    assert Path(f"/proc/{server_pid(database)}").stat().st_uid == nobody_uid
    assert (parent / "shop" / "postgres").stat().st_uid == nobody_uid
    assert ask(database, "SELECT 1") == 1


def test_only_the_home_folders_own_mode_is_opened(parent: Path) -> None:
    street = parent / "street"
    street.mkdir()
    street.chmod(0o711)
    home = street / "shop"
    home.mkdir()
    home.chmod(0o700)
    (home / "secret.key").write_text("tea")
    (home / "secret.key").chmod(0o600)

    EmbeddedPostgres(home=home, settings=SMALL).ensure_started()

    assert (_mode(street), _mode(home), _mode(home / "secret.key")) == (0o711, 0o711, 0o600)
    assert _mode(home / "postgres") == 0o700


def test_a_closed_parent_folder_stays_closed_and_is_named(parent: Path) -> None:
    closed = parent / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(PostgresHomeUnusable, match="cannot enter one of its parent folders"):
        EmbeddedPostgres(home=closed / "shop", settings=SMALL).ensure_started()

    assert _mode(closed) == 0o700


def test_programs_that_the_service_user_may_not_read_are_copied_for_it(parent: Path) -> None:
    closed = parent / "root venv"
    closed.mkdir(mode=0o700)
    copy_install(programs=find_programs(binaries=None), target=closed)
    programs = closed / "embedded_postgres" / "pginstall" / "bin"
    database = EmbeddedPostgres(home=parent / "shop", binaries=programs, settings=SMALL)

    database.ensure_started()

    program = Path(f"/proc/{server_pid(database)}/exe").readlink()
    assert program.is_relative_to(parent / "shop" / "postgres")
    assert ask(database, "SELECT 1") == 1
    assert _mode(closed) == 0o700


def test_an_unknown_service_user_is_named(parent: Path) -> None:
    with pytest.raises(ServiceUserMissing, match="no user oolong"):
        EmbeddedPostgres(home=parent / "shop", service_user="oolong").ensure_started()


def test_a_plain_user_has_a_server_beside_that_of_root_and_root_can_join_it(
    parent: Path, start_in_process: Callable[..., subprocess.Popen[str]]
) -> None:
    EmbeddedPostgres(home=parent / "root shop", settings=SMALL).ensure_started()
    home = parent / "nobody's shop"
    home.mkdir(mode=0o700)
    shutil.chown(home, "nobody", "nogroup")

    first = start_in_process(home=home, user="nobody").communicate(timeout=60)

    assert first == ("started\n", "")
    assert EmbeddedPostgres(home=home).ensure_started() is False
    assert EmbeddedPostgres(home=home).stop() is True
    assert EmbeddedPostgres(home=parent / "root shop").is_running()


def test_a_plain_user_is_told_that_the_database_belongs_to_another(
    parent: Path, start_in_process: Callable[..., subprocess.Popen[str]]
) -> None:
    EmbeddedPostgres(home=parent / "shop", settings=SMALL).ensure_started()

    _, said = start_in_process(home=parent / "shop", user="nobody").communicate(timeout=60)

    assert "it belongs to user number" in said


def test_a_socket_folder_that_a_stranger_made_first_is_refused(parent: Path) -> None:
    database = EmbeddedPostgres(home=parent / "shop", settings=SMALL)
    trap = database.status().socket_folder
    trap.mkdir()
    shutil.chown(trap, "daemon")

    with pytest.raises(PostgresHomeUnusable, match="it belongs to user number"):
        database.ensure_started()

    trap.rmdir()
