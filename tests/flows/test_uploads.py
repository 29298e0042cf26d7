"""An uploaded file lies on disk for nobody else, is looked at before it is imported, and imported once whatever dies."""

import datetime as dt
import stat
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from reorder.domain.channels.errors import UnknownUpload, UploadNotInState
from reorder.domain.channels.models import ImportFile, UploadedFile
from reorder.domain.storage import AlreadyRunning
from reorder.flows.file_import import errors, uploads
from reorder.flows.file_import.uploads import UploadRow
from tests.factories.importing import ORDER_HEADER, booked_lines, refused_in

pytestmark = pytest.mark.django_db(transaction=True)
GOOD = "A-1,2026-03-01,C1,mei@example.org,OOLONG-150,2,380"
BAD = "A-2,2026-03-02,C2,,MATCHA-30,none,450"


def _receive(*lines: str, name: str = "orders.csv", kind: str = "") -> UploadRow:
    content = "\n".join([*lines, ""]).encode()
    return uploads.receive_upload(name=name, chunks=[content[:7], content[7:]], uploaded_by="mei", kind=kind)


def _folder(upload: UploadRow) -> Path:
    return Path(settings.HOME) / "uploads" / upload.folder


def _jobs(upload_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'import_upload' AND status = 'todo' "
            "AND args->>'upload_id' = %s",
            [str(upload_id)],
        )
        return int(cursor.fetchone()[0])


def test_a_received_file_is_readable_by_its_owner_alone() -> None:
    upload = _receive(ORDER_HEADER, GOOD)
    assert (upload.state, upload.name, upload.type, upload.encoding, upload.separator) == (
        "received",
        "orders.csv",
        "csv",
        "utf-8",
        ",",
    )
    assert stat.S_IMODE(_folder(upload).stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in _folder(upload).iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\mei\\訂單.csv", "訂單.csv"),
        ("a\x00b\u202e.csv", "ab.csv"),
        ("...", "upload"),
        ("茶" * 100 + ".csv", "茶" * 48 + ".csv"),
    ],
)
def test_names_are_cleaned(given: str, kept: str) -> None:
    assert uploads.clean_name(name=given) == kept


def test_the_preview_shows_what_is_understood_left_out_and_refused() -> None:
    upload = _receive(ORDER_HEADER + ",mood", GOOD + ",happy", BAD + ",sad")
    shown = uploads.preview(upload_id=upload.id)
    assert (shown.connector, shown.kind, shown.can_map, shown.can_start) == ("tidy", "orders", True, True)
    assert [(use.column, use.meaning) for use in shown.columns][-2:] == [("unit_price", "unit_price"), ("mood", "")]
    assert shown.columns[-1].examples == ("happy", "sad")
    assert [(row.row_number, row.values.get("sku"), row.fault) for row in shown.rows] == [
        (2, "OOLONG-150", ""),
        (3, None, "quantity: This is not a number."),
    ]
    assert (shown.sampled_count, shown.refused_count, shown.is_whole) == (2, 1, True)


def test_a_header_that_nobody_knows_can_be_explained_by_a_person() -> None:
    upload = _receive("Nummer;Tag;Artikel;Menge", "A-1;2026-03-01;OOLONG-150;2")
    shown = uploads.preview(upload_id=upload.id)
    assert isinstance(shown.fault, errors.UnknownHeader)
    assert shown.missing == ("order_id", "ordered_at", "sku", "quantity")
    told = {"order_id": "Nummer", "ordered_at": "Tag", "sku": "Artikel", "quantity": "Menge"}
    uploads.choose_reading(upload_id=upload.id, channel="", kind="orders", columns=told, decided_by="mei")
    assert uploads.preview(upload_id=upload.id).can_start
    uploads.start_import(upload_id=upload.id, started_by="mei")
    uploads.run_upload(upload_id=upload.id)
    assert uploads.get_upload(upload_id=upload.id).state == "done"
    assert [line[2:4] for line in booked_lines()] == [("OOLONG-150", 2.0)]


def test_one_column_cannot_mean_two_things() -> None:
    upload = _receive("Nummer;Tag", "A-1;2026-03-01")
    told = {"order_id": "Nummer", "sku": "Nummer"}
    with pytest.raises(errors.BadReading, match="the column Nummer is chosen twice"):
        uploads.choose_reading(upload_id=upload.id, channel="", kind="orders", columns=told, decided_by="mei")


def test_an_import_counts_deletes_the_bytes_and_keeps_the_refused_rows() -> None:
    upload = _receive(ORDER_HEADER, GOOD, BAD)
    uploads.start_import(upload_id=upload.id, started_by="mei")
    assert _jobs(upload.id) == 1
    uploads.run_upload(upload_id=upload.id)
    done = uploads.get_upload(upload_id=upload.id)
    assert (done.state, done.outcome, done.kind) == ("done", "imported", "orders")
    assert {name: done.counts[name] for name in ("read", "imported", "unchanged", "rejected")} == {
        "read": 2,
        "imported": 1,
        "unchanged": 0,
        "rejected": 1,
    }
    file = uploads.rejected_file(upload_id=upload.id)
    assert file is not None
    assert refused_in(path=file) == [(3, "quantity", "none", "This is not a number.")]
    assert [one.name for one in _folder(upload).iterdir()] == ["orders.csv.rejected.csv"]


def test_a_second_click_starts_nothing_and_a_job_that_runs_twice_changes_nothing() -> None:
    upload = _receive(ORDER_HEADER, GOOD)
    uploads.start_import(upload_id=upload.id, started_by="mei")
    with pytest.raises(UploadNotInState):
        uploads.start_import(upload_id=upload.id, started_by="mei")
    uploads.run_upload(upload_id=upload.id)
    uploads.run_upload(upload_id=upload.id)
    assert (_jobs(upload.id), ImportFile.objects.count(), len(booked_lines())) == (1, 1, 1)


def test_a_job_killed_after_its_commit_still_tells_what_it_imported() -> None:
    upload = _receive(ORDER_HEADER, GOOD, BAD)
    uploads.start_import(upload_id=upload.id, started_by="mei")
    uploads.run_upload(upload_id=upload.id)
    # As if the process had died between the commit of the import and its word about it: the file is still there.
    (_folder(upload) / "orders.csv").write_text("\n".join([ORDER_HEADER, GOOD, BAD, ""]))
    UploadedFile.objects.filter(pk=upload.id).update(state="running", outcome="", counts={}, finished_at=None)
    uploads.run_upload(upload_id=upload.id)
    done = uploads.get_upload(upload_id=upload.id)
    assert (done.outcome, done.counts["imported"], done.counts["rejected"]) == ("imported", 1, 1)
    assert ImportFile.objects.count() == 1


def test_a_file_waits_while_another_import_runs() -> None:
    upload = _receive(ORDER_HEADER, GOOD)
    uploads.start_import(upload_id=upload.id, started_by="mei")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            from reorder.domain.storage import locks

            cursor.execute("SELECT pg_advisory_lock(%s)", [locks._number_of("file_import")])
        with pytest.raises(AlreadyRunning):
            uploads.run_upload(upload_id=upload.id)
    finally:
        other.close()
    assert uploads.get_upload(upload_id=upload.id).state == "queued"
    uploads.run_upload(upload_id=upload.id)
    assert uploads.get_upload(upload_id=upload.id).state == "done"


def test_a_failure_is_told_in_the_readers_words_and_can_be_tried_again() -> None:
    upload = _receive("sku,on_hand", "OOLONG-150,5", name="stock.csv", kind="orders")
    uploads.start_import(upload_id=upload.id, started_by="mei")
    uploads.run_upload(upload_id=upload.id)
    failed = uploads.get_upload(upload_id=upload.id)
    assert (failed.state, failed.error_code) == ("failed", "import.unknown_header")
    assert uploads.explain_fault(upload=failed).startswith("stock.csv: the columns are not understood.")
    uploads.choose_reading(upload_id=upload.id, channel="file", kind="", columns={}, decided_by="mei")
    uploads.start_import(upload_id=upload.id, started_by="mei")
    uploads.run_upload(upload_id=upload.id)
    assert uploads.get_upload(upload_id=upload.id).state == "done"


def test_a_check_finds_what_an_import_would_and_changes_nothing() -> None:
    upload = _receive(ORDER_HEADER, GOOD, BAD)
    uploads.start_check(upload_id=upload.id, started_by="mei")
    uploads.run_upload(upload_id=upload.id)
    checked = uploads.get_upload(upload_id=upload.id)
    assert (checked.state, checked.checked["counts"]["imported"], checked.checked["counts"]["rejected"]) == (
        "received",
        1,
        1,
    )
    assert checked.checked["examples"] == [[3, "quantity", "none", "This is not a number."]]
    assert booked_lines() == []


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", errors.UnknownFileType),
        (b"\x7fELF\x00\x01\x02", errors.UnknownFileType),
        (b"order_id,sku\n\xff\xfe\xfa\x80", errors.UnknownFileType),
        (b"PK\x03\x04 no archive", errors.UnreadableFile),
        (b"PAR1 no parquet", errors.UnreadableFile),
    ],
)
def test_what_can_never_be_imported_is_refused_at_once_and_leaves_nothing(
    content: bytes, fault: type[Exception]
) -> None:
    with pytest.raises(fault, match=r"bad\.csv"):
        uploads.receive_upload(name="bad.csv", chunks=[content], uploaded_by="mei")
    assert UploadedFile.objects.count() == 0
    root = Path(settings.HOME) / "uploads"
    assert [one for one in root.iterdir() if (one / "bad.csv").exists()] == []


def test_a_cell_without_end_is_said_to_be_unreadable() -> None:
    with pytest.raises(errors.UnreadableFile):
        uploads.receive_upload(
            name="huge.csv", chunks=[b'order_id,ordered_at,sku,quantity\n"', b"x" * 60_000_000], uploaded_by="mei"
        )


def test_a_removed_file_is_gone_from_disk_and_cannot_be_started() -> None:
    upload = _receive(ORDER_HEADER, GOOD)
    uploads.remove_upload(upload_id=upload.id, decided_by="mei")
    assert not _folder(upload).exists()
    with pytest.raises(UploadNotInState):
        uploads.start_import(upload_id=upload.id, started_by="mei")
    with pytest.raises(UnknownUpload):
        uploads.get_upload(upload_id=2**70)


def test_files_expire_after_thirty_days_unless_a_job_has_them() -> None:
    old, busy, new = (_receive(ORDER_HEADER, GOOD, name=f"{name}.csv") for name in ("old", "busy", "new"))
    uploads.start_import(upload_id=busy.id, started_by="mei")
    moment = new.uploaded_at + dt.timedelta(days=30)
    UploadedFile.objects.filter(pk__in=[old.id, busy.id]).update(uploaded_at=moment - dt.timedelta(days=31))
    assert uploads.expire_uploads(moment=moment) == 1
    assert [(_folder(one).exists()) for one in (old, busy, new)] == [False, True, True]
    assert uploads.get_upload(upload_id=old.id).state == "removed"
