"""Starting, using and stopping the embedded database when nothing goes wrong but the user's wishes."""

import os
import shutil
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import psycopg
import pytest

from reorder.config.embedded_postgres import (
    EmbeddedPostgres,
    PostgresDidNotStart,
    PostgresHomeUnusable,
    PostgresProgramsMissing,
    PostgresToolFailed,
    PostgresVersionDiffers,
    default_home,
)
from reorder.config.embedded_postgres.programs import copy_install, find_programs
from tests.ports.embedded_postgres.conftest import SMALL, ask, is_alive, server_pid


def test_the_first_start_starts_the_second_joins_and_stop_stops_once(database: EmbeddedPostgres) -> None:
    address_before = database.url

    assert database.ensure_started() is True
    assert database.ensure_started() is False
    assert database.is_running()
    assert database.url == address_before
    assert ask(database, "SELECT current_database() || ' of ' || current_user") == "reorder of reorder"

    assert database.stop() is True
    assert database.stop() is False
    assert not database.is_running()
    assert not database.status().socket_folder.exists()


def test_asking_about_a_home_that_does_not_exist_makes_nothing(parent: Path) -> None:
    nowhere = EmbeddedPostgres(home=parent / "nowhere")

    assert nowhere.is_running() is False
    assert nowhere.stop() is False
    assert nowhere.status().pid is None
    assert nowhere.status().version == "18.6"
    assert not (parent / "nowhere").exists()


def test_rows_and_tuning_survive_a_restart(database: EmbeddedPostgres) -> None:
    database.ensure_started()
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE tea AS SELECT 'Oolong' AS name")
        connection.execute("ALTER SYSTEM SET work_mem = '5MB'")
    database.stop()

    database.ensure_started()

    assert ask(database, "SELECT name FROM tea") == "Oolong"
    assert ask(database, "SHOW work_mem") == "5MB"
    assert ask(database, "SHOW shared_buffers") == "16MB"


def test_commits_are_durable_and_only_the_private_socket_listens(database: EmbeddedPostgres) -> None:
    database.ensure_started()

    durable = "concat_ws(' ', current_setting('fsync'), current_setting('synchronous_commit'))"
    assert ask(database, f"SELECT {durable}") == "on on"
    assert ask(database, "SHOW listen_addresses") == ""
    assert database.status().socket_folder.stat().st_mode & 0o777 == 0o700


def test_trigrams_see_chinese_and_ranges_can_exclude(database: EmbeddedPostgres) -> None:
    database.ensure_started()
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE EXTENSION btree_gist")

    assert ask(database, "SELECT similarity('凍頂烏龍茶', '凍頂烏龍') > 0.5") is True


def test_the_address_serves_adbc_too(database: EmbeddedPostgres) -> None:
    database.ensure_started()

    with adbc.connect(database.url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 41 + 1")
        assert cursor.fetchone() == (42,)


def test_a_dump_restores_what_was_lost(database: EmbeddedPostgres, parent: Path) -> None:
    database.ensure_started()
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE place AS SELECT 'Keelung warehouse' AS name")
    database.run_tool(name="pg_dump", args=["--format=custom", f"--file={parent / 'shop.dump'}"])
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("DROP TABLE place")

    database.run_tool(name="pg_restore", args=["--dbname=reorder", str(parent / "shop.dump")])

    assert database.run_tool(name="psql", args=["-At", "-c", "SELECT name FROM place"]) == "Keelung warehouse\n"


def test_a_tool_that_fails_says_why(database: EmbeddedPostgres) -> None:
    with pytest.raises(PostgresToolFailed, match='relation "tea" does not exist'):
        database.run_tool(name="psql", args=["-c", "SELECT * FROM tea"])


def test_a_dropped_database_is_made_again(database: EmbeddedPostgres) -> None:
    database.ensure_started()
    database.run_tool(name="psql", args=["--dbname=postgres", "-c", "DROP DATABASE reorder"])

    database.ensure_started()

    assert ask(database, "SELECT current_database()") == "reorder"


@pytest.mark.parametrize(
    "name",
    ['Mei\'s "tea" shop $HOME \\ %s', "烏龍茶 倉庫", "Keelung-warehouse-" + "0" * 150],
    ids=["spaces and quotes", "Chinese", "longer than a socket may be"],
)
def test_any_folder_name_will_do(parent: Path, name: str) -> None:
    database = EmbeddedPostgres(home=parent / name, settings=SMALL)

    assert database.ensure_started() is True
    assert ask(database, "SHOW data_directory") == str(parent / name / "postgres" / "data")
    assert database.stop() is True


def test_a_home_moved_while_the_server_runs_is_served_at_its_new_place(
    database: EmbeddedPostgres, parent: Path
) -> None:
    database.ensure_started()
    pid_before = server_pid(database)
    database.home.rename(parent / "new shop")
    moved = EmbeddedPostgres(home=parent / "new shop", settings=SMALL)

    assert moved.ensure_started() is True

    assert not is_alive(pid_before)
    assert ask(moved, "SELECT 1") == 1


def test_programs_of_another_folder_can_be_used(parent: Path, database: EmbeddedPostgres) -> None:
    copy_install(programs=find_programs(binaries=None), target=parent / "own install")
    folder = parent / "own install" / "embedded_postgres" / "pginstall"
    own = EmbeddedPostgres(home=database.home, binaries=folder, settings=SMALL)

    own.ensure_started()

    program = Path(f"/proc/{server_pid(own)}/exe").readlink()
    assert program == folder / "bin" / "postgres"


def test_a_folder_without_programs_is_named(parent: Path) -> None:
    with pytest.raises(PostgresProgramsMissing, match=str(parent / "empty")):
        EmbeddedPostgres(home=parent / "shop", binaries=parent / "empty").ensure_started()


def test_data_of_another_major_version_is_refused_and_left_alone(database: EmbeddedPostgres) -> None:
    database.ensure_started()
    database.stop()
    marker = database.home / "postgres" / "data" / "PG_VERSION"
    marker.write_text("17\n")

    with pytest.raises(PostgresVersionDiffers, match=r"made by PostgreSQL 17, .* are 18\.6"):
        database.ensure_started()

    marker.write_text("18\n")
    assert database.ensure_started() is True


def test_a_folder_with_something_else_in_it_is_refused(database: EmbeddedPostgres) -> None:
    database.ensure_started()
    database.stop()
    data = database.home / "postgres" / "data"
    shutil.rmtree(data)
    data.mkdir()
    (data / "letters.txt").write_text("from Mei")

    with pytest.raises(PostgresHomeUnusable, match="not a database"):
        database.ensure_started()

    assert (data / "letters.txt").read_text() == "from Mei"


def test_a_server_that_cannot_start_says_why_from_its_log(parent: Path) -> None:
    broken = EmbeddedPostgres(home=parent / "shop", settings={"shared_buffers": "plenty"})

    with pytest.raises(PostgresDidNotStart, match='invalid value for parameter "shared_buffers": "plenty"'):
        broken.ensure_started()

    assert EmbeddedPostgres(home=parent / "shop", settings=SMALL).ensure_started() is True


def test_the_home_of_root_is_the_systems_and_that_of_a_user_is_the_users() -> None:
    home = default_home()

    assert home == Path("/var/lib/reorder") if os.geteuid() == 0 else home.is_relative_to(Path.home())
