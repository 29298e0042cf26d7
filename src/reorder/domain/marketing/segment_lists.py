"""Lists kept by hand and by files: rows are laid out by COPY, named people are found set by set, the rest is told.

`open_rows`, `add_rows` … lay the rows of a file out in a temporary table of the session; `settle_rows` finds who they
are; `listed_sql` is what `segment_members.change_members` makes the members of.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl
from django.db import connection
from django.db.models import F

from reorder.domain.marketing.segment_models import ListImport, ListRejection
from reorder.domain.storage import copy_frame, run_sql

REJECTIONS_KEPT_DAYS: Final = 30
_OPEN: Final = "CREATE TEMP TABLE list_row (row_number integer, key text, email text)"
# Nobody is found twice: by the shop's id, else by the e-mail address as id, else as somebody's only address.
_SETTLE: Final = """
CREATE TEMP TABLE list_found AS
WITH mail AS (
    SELECT lower(point.address) AS address, min(coalesce(person.merged_into_id, person.id)) AS customer_id,
           count(DISTINCT coalesce(person.merged_into_id, person.id)) AS owners
    FROM messaging_contactpoint AS point JOIN customers_customer AS person ON person.id = point.customer_id
    WHERE point.channel = 'email' AND person.erased_at IS NULL
      AND lower(point.address) IN (SELECT lower(email) FROM list_row WHERE email <> '') GROUP BY 1
), named AS (
    SELECT given.row_number, coalesce(nullif(given.key, ''), given.email) AS value, mail.owners,
           coalesce(by_key.merged_into_id, by_key.id, by_mail.merged_into_id, by_mail.id,
                    CASE WHEN mail.owners = 1 THEN mail.customer_id END) AS customer_id
    FROM list_row AS given
    LEFT JOIN customers_customer AS by_key ON by_key.key = given.key AND given.key <> ''
    LEFT JOIN customers_customer AS by_mail ON by_mail.key = lower(given.email) AND given.email <> ''
    LEFT JOIN mail ON mail.address = lower(given.email) AND given.email <> ''
)
SELECT named.row_number, named.value, CASE WHEN person.erased_at IS NULL THEN person.id END AS customer_id,
       CASE WHEN named.value = '' THEN 'empty' WHEN person.id IS NULL AND named.owners > 1 THEN 'several'
            WHEN person.id IS NULL THEN 'unknown' WHEN person.erased_at IS NOT NULL THEN 'unknown'
            WHEN row_number() OVER (PARTITION BY person.id ORDER BY named.row_number) > 1 THEN 'twice'
            ELSE '' END AS reason_code
FROM named LEFT JOIN customers_customer AS person ON person.id = named.customer_id
"""
_REJECT: Final = """
INSERT INTO marketing_listrejection (of_import_id, row_number, value, reason_code)
SELECT %(id)s, row_number, left(value, 200), reason_code FROM list_found WHERE reason_code <> '' ORDER BY row_number
"""
_LISTED: Final = "SELECT customer_id FROM list_found WHERE reason_code = ''"
_HELD: Final = "SELECT customer_id FROM marketing_segmentmember WHERE segment_id = %(list_id)s"
# Who belongs to the list afterwards, by what the file is for.
_AFTERWARDS: Final = {
    "replace": _LISTED,
    "add": f"{_LISTED} UNION {_HELD}",
    "remove": f"{_HELD} EXCEPT {_LISTED}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListImportRow:
    """A file that was brought for a list, and what came of it."""

    id: int
    segment_code: str
    segment_name: str
    mode: str
    state: str
    name: str
    folder: str
    bytes: int
    bytes_done: int
    read_count: int
    came_count: int
    left_count: int
    known_count: int
    rejected_count: int
    error: str
    asked_by: str
    asked_at: dt.datetime
    finished_at: dt.datetime | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in {"done", "failed"}


@dataclass(frozen=True, slots=True)
class RejectionRow:
    """A row of a file that names nobody; `reason_code`: empty, unknown, several, twice."""

    row_number: int
    value: str
    reason_code: str


def record_import(
    *, segment_id: int, mode: str, name: str, folder: str, size: int, asked_by: str, moment: dt.datetime
) -> int:
    """Remember a file that lies whole on disk; returns its number."""
    made = ListImport.objects.create(
        segment_id=segment_id, mode=mode, name=name, folder=folder, bytes=size, asked_by=asked_by, asked_at=moment
    )
    return int(made.pk)


def begin_import(*, import_id: int) -> ListImportRow | None:
    """Take a file in hand; None when it is over already. One whose worker died begins anew."""
    changed = ListImport.objects.filter(pk=import_id, state__in=["queued", "running"]).update(
        state="running", bytes_done=0, read_count=0
    )
    return find_import(import_id=import_id) if changed else None


def note_progress(*, import_id: int, bytes_done: int, read_count: int) -> None:
    """Say how far the file was read."""
    ListImport.objects.filter(pk=import_id).update(bytes_done=bytes_done, read_count=read_count)


def finish_import(*, import_id: int, mode: str, came_count: int, left_count: int, moment: dt.datetime) -> None:
    """Everything of it is in the list: part of the transaction that put it there."""
    listed, rejected = _count_found()
    known = listed - (came_count or left_count)
    ListImport.objects.filter(pk=import_id).update(
        state="done",
        bytes_done=F("bytes"),
        came_count=came_count,
        left_count=left_count,
        known_count=max(known, 0),
        rejected_count=rejected,
        finished_at=moment,
    )


def fail_import(*, import_id: int, error: str, moment: dt.datetime) -> None:
    """Nothing of it is in the list, and why."""
    ListImport.objects.filter(pk=import_id).update(state="failed", error=error[:1000], finished_at=moment)


def find_import(*, import_id: int) -> ListImportRow | None:
    """One file; None when there is none of this number."""
    found = ListImport.objects.select_related("segment").filter(pk=import_id).first() if import_id < 2**63 else None
    return _row(found) if found else None


def list_imports(*, segment_id: int, limit: int = 10) -> list[ListImportRow]:
    """The newest files of a list."""
    rows = ListImport.objects.select_related("segment").filter(segment_id=segment_id).order_by("-pk")[:limit]
    return [_row(row) for row in rows]


def iterate_rejections(*, import_id: int) -> Iterator[RejectionRow]:
    """Every row that was refused, in the order of the file."""
    rows = ListRejection.objects.filter(of_import_id=import_id).order_by("row_number")
    for row in rows.values_list("row_number", "value", "reason_code").iterator(chunk_size=5_000):
        yield RejectionRow(*row)


def forget_rejections(*, moment: dt.datetime) -> int:
    """Delete refused rows of files that came longer ago than they are kept; returns how many."""
    before = moment - dt.timedelta(days=REJECTIONS_KEPT_DAYS)
    deleted, _ = ListRejection.objects.filter(of_import__asked_at__lt=before).delete()
    return deleted


def open_rows() -> None:
    """A place for the rows of one file, in this session alone."""
    close_rows()
    run_sql(statement=_OPEN)


def close_rows() -> None:
    """Forget the rows."""
    run_sql(statement="DROP TABLE IF EXISTS list_row, list_found")


def add_rows(*, rows: pl.DataFrame) -> int:
    """Lay rows out: row_number, key, email, all text but the first; returns how many."""
    return copy_frame(table="list_row", frame=rows.select("row_number", "key", "email"))


def settle_rows(*, import_id: int) -> None:
    """Find who the rows are, and write down those that name nobody; part of the open transaction."""
    run_sql(statement="ANALYZE list_row")
    run_sql(statement="DROP TABLE IF EXISTS list_found")
    run_sql(statement=_SETTLE)
    ListRejection.objects.filter(of_import_id=import_id).delete()
    run_sql(statement=_REJECT, parameters={"id": import_id})


def listed_sql(*, mode: str) -> str:
    """Who belongs to a list after a file of this mode; binds `list_id`."""
    return f"SELECT customer_id, 1::bigint AS mask FROM ({_AFTERWARDS[mode]}) AS listed"  # noqa: S608 - words of ours


def find_ids(*, keys: Sequence[str]) -> dict[str, int]:
    """Customers whom keys or e-mail addresses name, as a file would; what names nobody, or several, is left out."""
    if not keys:
        return {}
    open_rows()
    rows = pl.DataFrame(
        {
            "row_number": list(range(len(keys))),
            "key": list(keys),
            "email": [key if "@" in key else "" for key in keys],
        },
        schema={"row_number": pl.Int64, "key": pl.String, "email": pl.String},
    )
    add_rows(rows=rows)
    run_sql(statement=_SETTLE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_number, customer_id FROM list_found WHERE reason_code IN ('', 'twice')")
        found = {keys[number]: customer_id for number, customer_id in cursor.fetchall()}
    close_rows()
    return found


def _count_found() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE reason_code = ''), count(*) FILTER (WHERE reason_code <> '') FROM list_found"
        )
        listed, rejected = cursor.fetchone()
    return int(listed), int(rejected)


def _row(one: ListImport) -> ListImportRow:
    return ListImportRow(
        id=one.pk,
        segment_code=one.segment.code,
        segment_name=one.segment.name,
        mode=one.mode,
        state=one.state,
        name=one.name,
        folder=one.folder,
        bytes=one.bytes,
        bytes_done=one.bytes_done,
        read_count=one.read_count,
        came_count=one.came_count,
        left_count=one.left_count,
        known_count=one.known_count,
        rejected_count=one.rejected_count,
        error=one.error,
        asked_by=one.asked_by,
        asked_at=one.asked_at,
        finished_at=one.finished_at,
    )
