"""An import that is killed, at any moment, is carried on by the next one: nothing doubled, nothing lost."""

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest
from django.db import connection, transaction

from reorder.domain.channels.models import ImportFile
from reorder.domain.channels.operations import expire_imports, open_import
from reorder.domain.channels.queries import count_staged
from reorder.domain.inventory.queries import compare_ledger_with_levels
from reorder.domain.orders.models import Order, OrderLine
from reorder.domain.storage import AlreadyRunning
from reorder.domain.storage.reading import _uri
from reorder.flows.file_import import import_file, reading
from reorder.flows.file_import.errors import UnreadableFile
from tests.factories.importing import ORDER_HEADER, booked_lines, refused_in, write_lines, write_many_orders
from tests.factories.inventory import stock_at

pytestmark = pytest.mark.django_db(transaction=True)

# Small batches, so that a small file has many of them.
_CHILD = """
import os, sys
from pathlib import Path
os.environ["DJANGO_SETTINGS_MODULE"] = "reorder.config.settings"
import django
django.setup()
from reorder.flows.file_import import import_file, reading
reading._BLOCK_BYTES = 4096
import_file(path=Path(sys.argv[1]))
"""


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_BLOCK_BYTES", 4096)


@contextmanager
def importing(*, file: Path, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """An import in a process of its own, killed at the end of the block."""
    environment = os.environ | {"REORDER_DATABASE_URL": _uri(), "REORDER_HOME": str(home)}
    child = subprocess.Popen([sys.executable, "-c", _CHILD, str(file)], env=environment)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def wait_until(statement: str) -> None:
    end = monotonic() + 60
    while monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone()
            if row and row[0]:
                return
        sleep(0.02)
    raise AssertionError(f"never true: {statement}")


def wait_until_alone() -> None:
    """The server notices a dead client at once, but not before the client is dead."""
    wait_until("SELECT count(*) = 0 FROM pg_locks WHERE locktype = 'advisory' AND database IS NOT NULL")


def kill_while_blocked(*, table: str, file: Path, home: Path) -> None:
    """Kill an import at the moment it comes to `table`, which this test holds."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        with importing(file=file, home=home):
            wait_until(f"SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND relation = '{table}'::regclass")
    wait_until_alone()


def kill_while_staging(*, file: Path, home: Path) -> ImportFile:
    """Kill an import between two batches: the third refused row waits for a table that this test holds."""
    kill_while_blocked(table="channels_stagedrefusal", file=file, home=home)
    return ImportFile.objects.get()


def orders_with_a_bad_row_late(*, path: Path) -> Path:
    write_many_orders(path=path, orders_count=500)
    with path.open("a") as stream:
        stream.write("BAD,2026-02-30,mei,,OOLONG-150,1,100\n")
    return path


def test_an_import_killed_while_staging_goes_on_where_it_was(tmp_path: Path) -> None:
    file = orders_with_a_bad_row_late(path=tmp_path / "orders.csv")

    cut_off = kill_while_staging(file=file, home=tmp_path)

    assert cut_off.state == "staging"
    assert 0 < cut_off.last_row < 1002
    assert count_staged(import_id=cut_off.pk, kind="orders") == cut_off.rows_staged
    assert Order.objects.count() == 0

    report = import_file(path=file)

    assert ImportFile.objects.get().pk == cut_off.pk
    assert (report.rows_read, report.rows_imported, report.rows_rejected) == (1001, 1000, 1)
    assert (Order.objects.count(), OrderLine.objects.count()) == (500, 1000)


def test_an_import_killed_while_writing_orders_leaves_none_and_the_next_one_writes_all(tmp_path: Path) -> None:
    file = write_many_orders(path=tmp_path / "orders.csv", orders_count=500)

    kill_while_blocked(table="orders_orderline", file=file, home=tmp_path)

    assert ImportFile.objects.get().state == "staged"
    assert (Order.objects.count(), OrderLine.objects.count()) == (0, 0)

    report = import_file(path=file)

    assert (report.rows_read, report.rows_imported) == (1000, 1000)
    assert (Order.objects.count(), OrderLine.objects.count()) == (500, 1000)
    assert count_staged(import_id=ImportFile.objects.get().pk, kind="orders") == 0


def test_a_stock_import_killed_while_writing_counts_the_goods_once(tmp_path: Path) -> None:
    file = write_lines(path=tmp_path / "stock.csv", lines=["sku,place,on_hand", "OOLONG-150,KEELUNG,40"])

    kill_while_blocked(table="planning_dirtymark", file=file, home=tmp_path)
    import_file(path=file)

    assert stock_at(sku="OOLONG-150", place="KEELUNG") == 40
    assert compare_ledger_with_levels() == []


def test_staging_that_a_crash_of_the_database_emptied_is_filled_again(tmp_path: Path) -> None:
    file = orders_with_a_bad_row_late(path=tmp_path / "orders.csv")
    kill_while_staging(file=file, home=tmp_path)
    # What PostgreSQL does to unlogged tables when it recovers from a crash.
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE channels_stagedorders, channels_stagedrefusal")

    report = import_file(path=file)

    assert (report.rows_read, report.rows_imported, report.rows_rejected) == (1001, 1000, 1)
    assert OrderLine.objects.count() == 1000


def test_a_second_import_is_told_to_wait(tmp_path: Path) -> None:
    file = write_many_orders(path=tmp_path / "orders.csv", orders_count=5)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE orders_orderline IN ACCESS EXCLUSIVE MODE")
        with importing(file=file, home=tmp_path):
            wait_until(
                "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND relation = 'orders_orderline'::regclass"
            )
            with pytest.raises(AlreadyRunning):
                import_file(path=file)
    wait_until_alone()


def test_an_order_that_goes_on_in_the_next_batch_stays_one_order(tmp_path: Path) -> None:
    header = (
        "Name,Email,Financial Status,Currency,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku"
    )
    lines = [header, "#1,mei@example.tw,paid,TWD,2026-03-02 09:50:26 +0800,1,Oolong,380,OOLONG-0"]
    # Far more rows than one block holds, all of the first order.
    lines += [f"#1,,,,,1,Oolong number {number} of a very long order,380,OOLONG-{number}" for number in range(1, 400)]

    report = import_file(path=write_lines(path=tmp_path / "orders.csv", lines=lines))

    assert (report.rows_imported, report.rows_rejected) == (400, 0)
    assert Order.objects.count() == 1
    assert {customer for _, customer, *_ in booked_lines()} == {"mei@example.tw"}


def test_only_those_who_may_read_the_file_may_read_what_was_refused_in_it(tmp_path: Path) -> None:
    """Refused cells hold names and addresses."""
    file = write_lines(
        path=tmp_path / "orders.csv", lines=[ORDER_HEADER, "1,never,mei,mei@example.tw,OOLONG-150,1,380"]
    )
    file.chmod(0o600)

    report = import_file(path=file)

    assert report.rejected_file is not None
    assert report.rejected_file.stat().st_mode & 0o777 == 0o600


def test_a_refused_cell_is_no_formula_for_a_spreadsheet(tmp_path: Path) -> None:
    lines = [
        ORDER_HEADER,
        '1,"=HYPERLINK(""http://tea.example"")",mei,,OOLONG-150,1,380',
        "2,＝1+1,mei,,OOLONG-150,1,380",
    ]
    file = write_lines(path=tmp_path / "orders.csv", lines=lines)

    import_file(path=file)

    refused = refused_in(path=tmp_path / "orders.csv.rejected.csv")
    assert [value for _, _, value, _ in refused] == ['\'=HYPERLINK("http://tea.example")', "'＝1+1"]


def test_a_file_that_is_still_arriving_is_not_imported_by_half(tmp_path: Path) -> None:
    file = write_many_orders(path=tmp_path / "orders.csv", orders_count=2_000)

    def go_on_writing(_bytes_done: int) -> None:
        with file.open("a") as stream:
            stream.write("B-1,2026-03-02,C1,,OOLONG-150,1,100\n")

    with pytest.raises(UnreadableFile, match="it changed while it was read"):
        import_file(path=file, progress=go_on_writing)
    assert Order.objects.count() == 0

    import_file(path=file)
    assert Order.objects.count() == 2_001


def test_an_import_that_nobody_carries_on_gives_its_rows_up_after_its_time() -> None:
    old = open_import(sha256="a" * 64, name="old.csv", channel="file", kind="orders", file_format="tidy csv")
    new = open_import(sha256="b" * 64, name="new.csv", channel="file", kind="orders", file_format="tidy csv")
    moment = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    ImportFile.objects.filter(pk=old.id).update(started_at=moment - dt.timedelta(days=31))
    ImportFile.objects.filter(pk=new.id).update(started_at=moment - dt.timedelta(days=29))
    with connection.cursor() as cursor:
        for number in (old.id, new.id):
            cursor.execute(
                """INSERT INTO channels_stagedrefusal (import_id, row_number, column_name, reason_code, detail)
                   VALUES (%s, 2, 'sku', 'empty', '')""",
                [number],
            )

    assert expire_imports(started_before=moment - dt.timedelta(days=30)) == 1

    with connection.cursor() as cursor:
        cursor.execute("SELECT import_id FROM channels_stagedrefusal")
        assert cursor.fetchall() == [(new.id,)]
    assert ImportFile.objects.get(pk=old.id).state == "failed"
    assert ImportFile.objects.get(pk=new.id).state == "staging"
