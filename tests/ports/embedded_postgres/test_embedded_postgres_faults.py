"""Real faults on real processes: each of these has been seen to lose data, hang, or hurt a stranger somewhere."""

import fcntl
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from reorder.config.embedded_postgres import EmbeddedPostgres, PostgresOccupied, server
from tests.ports.embedded_postgres.conftest import ask, is_alive, server_pid

StartInProcess = Callable[..., subprocess.Popen[str]]


@pytest.fixture(params=["sleep", "postgres"])
def stranger(request: pytest.FixtureRequest, parent: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Somebody else's program, once even one called postgres; of the same user as the server when we are not root."""
    program = parent / request.param
    shutil.copy("/usr/bin/sleep", program)
    process = subprocess.Popen([program, "600"], cwd=parent)
    yield process
    process.kill()
    process.wait()


def test_six_processes_that_start_at_once_share_one_server(
    database: EmbeddedPostgres, start_in_process: StartInProcess
) -> None:
    for _ in ("first start", "restart"):
        processes = [start_in_process(home=database.home) for _ in range(6)]

        answers = [process.communicate(timeout=60) for process in processes]

        assert sorted(answers) == [("joined\n", "")] * 5 + [("started\n", "")]
        assert ask(database, "SELECT 1") == 1
        database.stop()


def test_the_server_outlives_a_killed_starter(database: EmbeddedPostgres, start_in_process: StartInProcess) -> None:
    starter = start_in_process(home=database.home, stay_seconds=600)
    assert starter.stdout is not None
    assert starter.stdout.readline() == "started\n"
    pid = server_pid(database)

    starter.kill()
    starter.wait()

    assert database.ensure_started() is False
    assert server_pid(database) == pid
    assert database.stop() is True
    assert not is_alive(pid)


def test_no_acknowledged_row_is_lost_when_the_server_is_killed_under_writes(database: EmbeddedPostgres) -> None:
    database.ensure_started()
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE sale (number bigint PRIMARY KEY)")
    acknowledged: list[int] = []

    for round_number in range(5):
        writers = [
            threading.Thread(target=_sell_until_killed, args=(database, first, acknowledged))
            for first in (round_number * 1_000_000, round_number * 1_000_000 + 500_000)
        ]
        goal = len(acknowledged) + 150
        for writer in writers:
            writer.start()
        while len(acknowledged) < goal:
            time.sleep(0.005)
        os.kill(server_pid(database), signal.SIGKILL)
        for writer in writers:
            writer.join()

        assert database.ensure_started() is True

        with psycopg.connect(database.url) as connection:
            kept = [number for (number,) in connection.execute("SELECT number FROM sale")]
        assert set(acknowledged) <= set(kept)
        assert len(kept) <= len(acknowledged) + len(writers) * (round_number + 1)


def test_a_query_that_computes_on_after_its_server_was_killed_does_not_block_the_next_start(
    database: EmbeddedPostgres,
) -> None:
    database.ensure_started()
    busy = psycopg.connect(database.url)
    backend_pid = busy.info.backend_pid
    query = threading.Thread(
        target=_run_until_killed,
        args=(busy, "SELECT count(*) FROM generate_series(1, 1000000) AS a, generate_series(1, 1000000) AS b"),
    )
    query.start()
    while ask(database, f"SELECT state FROM pg_stat_activity WHERE pid = {backend_pid}") != "active":
        time.sleep(0.01)
    os.kill(server_pid(database), signal.SIGKILL)
    assert is_alive(backend_pid)

    assert database.ensure_started() is True

    assert not is_alive(backend_pid)
    query.join()
    busy.close()


@pytest.mark.parametrize("victims", ["the starter", "the starter and initdb"])
@pytest.mark.parametrize("wait_seconds", [0.0, 0.15, 0.4])
def test_a_kill_while_the_database_is_being_made_leaves_a_clean_start(
    database: EmbeddedPostgres, start_in_process: StartInProcess, victims: str, wait_seconds: float
) -> None:
    starter = start_in_process(home=database.home, stay_seconds=600)
    while not list(database.home.glob("postgres/data.init-*")):
        time.sleep(0.002)
    time.sleep(wait_seconds)

    if victims == "the starter":
        starter.kill()
    else:
        os.killpg(starter.pid, signal.SIGKILL)
    starter.wait()

    database.ensure_started()
    assert ask(database, "SELECT current_database()") == "reorder"
    assert (database.home / "postgres" / "data" / "PG_VERSION").read_text() == "18\n"


def test_a_stranger_with_the_number_of_a_stale_pid_file_lives(
    database: EmbeddedPostgres, stranger: subprocess.Popen[bytes]
) -> None:
    database.ensure_started()
    status = database.status()
    pid_file = status.data_folder / "postmaster.pid"
    socket_lock = status.socket_folder / ".s.PGSQL.5432.lock"
    pid_lines, lock_lines = pid_file.read_text().split("\n", 1)[1], socket_lock.read_text().split("\n", 1)[1]
    database.stop()
    status.socket_folder.mkdir(mode=0o700)
    pid_file.write_text(f"{stranger.pid}\n{pid_lines}")
    socket_lock.write_text(f"{stranger.pid}\n{lock_lines}")

    assert database.is_running() is False
    assert database.stop() is False
    pid_file.write_text(f"{stranger.pid}\n{pid_lines}")
    status.socket_folder.mkdir(mode=0o700, exist_ok=True)
    socket_lock.write_text(f"{stranger.pid}\n{lock_lines}")
    assert database.ensure_started() is True
    assert database.stop() is True
    assert stranger.poll() is None


@pytest.mark.parametrize("text", ["", "12", "\0\0\0\n\0", "99999999999999999999\n/nowhere\n"])
def test_a_damaged_pid_file_does_not_stop_a_start(database: EmbeddedPostgres, text: str) -> None:
    database.ensure_started()
    database.stop()
    (database.status().data_folder / "postmaster.pid").write_text(text)

    assert database.ensure_started() is True
    assert ask(database, "SELECT 1") == 1


def test_a_living_server_whose_pid_file_was_damaged_is_replaced_not_doubled(database: EmbeddedPostgres) -> None:
    database.ensure_started()
    first_pid = server_pid(database)
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE tea AS SELECT 'Oolong' AS name")
    (database.status().data_folder / "postmaster.pid").write_text("")

    assert database.ensure_started() is True

    assert not is_alive(first_pid)
    assert ask(database, "SELECT name FROM tea") == "Oolong"


def test_the_server_of_a_deleted_folder_makes_way_for_a_new_one(database: EmbeddedPostgres) -> None:
    database.ensure_started()
    orphan_pid = server_pid(database)
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE tea AS SELECT 'Oolong' AS name")
    shutil.rmtree(database.home)

    assert database.ensure_started() is True

    assert not is_alive(orphan_pid)
    assert ask(database, "SELECT to_regclass('tea')") is None


def test_the_server_of_a_deleted_folder_can_be_stopped(database: EmbeddedPostgres) -> None:
    database.ensure_started()
    orphan_pid = server_pid(database)
    shutil.rmtree(database.home)

    assert database.stop() is True
    assert not is_alive(orphan_pid)


def test_another_server_at_our_socket_is_left_alone_and_named(database: EmbeddedPostgres, parent: Path) -> None:
    database.ensure_started()
    pid = server_pid(database)
    database.home.rename(parent / "moved shop")

    with pytest.raises(PostgresOccupied, match=f"server {pid} of {parent}/moved shop/postgres/data uses its socket"):
        database.ensure_started()

    assert is_alive(pid)
    (parent / "shop").rename(parent / "empty shop")
    (parent / "moved shop").rename(parent / "shop")


def test_a_server_that_only_its_lock_betrays_is_not_doubled(
    database: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A server in another container shares our files and the kernel's locks, but not our process numbers.
    monkeypatch.setattr(server, "_RESTART_SECONDS", 0.5)
    database.ensure_started()
    database.stop()
    with (database.home / "postgres" / "server.lock").open("r+") as elsewhere:
        fcntl.flock(elsewhere, fcntl.LOCK_EX)
        with pytest.raises(PostgresOccupied, match="another container"):
            database.ensure_started()

    assert database.ensure_started() is True


def test_a_socket_removed_from_the_temporary_folder_comes_back(database: EmbeddedPostgres) -> None:
    database.ensure_started()
    shutil.rmtree(database.status().socket_folder)

    assert database.ensure_started() is True
    assert ask(database, "SELECT 1") == 1


def _sell_until_killed(database: EmbeddedPostgres, first: int, acknowledged: list[int]) -> None:
    try:
        with psycopg.connect(database.url, autocommit=True) as connection:
            for number in range(first, first + 500_000):
                connection.execute("INSERT INTO sale VALUES (%s)", [number])
                acknowledged.append(number)
    except psycopg.OperationalError:
        return


def _run_until_killed(connection: psycopg.Connection, query: str) -> None:
    with pytest.raises(psycopg.OperationalError):
        connection.execute(query)  # type: ignore[call-overload]
