"""People into lists and out of them: a few by hand or by program, millions by a file that a job reads.

A file is read and laid out before anything is locked; joining and leaving is one transaction with the word that it is
done, so a file takes effect whole or not at all, and a job that is killed begins again.
"""

import datetime as dt
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from reorder.connectors.base import Kind
from reorder.connectors.tidy.headers import find_columns
from reorder.domain.customers.operations import hold_merges_off
from reorder.domain.marketing import segment_errors as errors
from reorder.domain.marketing import segment_lists as lists
from reorder.domain.marketing import segment_members as members
from reorder.domain.marketing.segment_lists import ListImportRow
from reorder.domain.marketing.segment_members import Change, Held, Target
from reorder.domain.marketing.segments import SegmentRow, get_segment
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.file_import.arriving import Incoming, folder_of, naming
from reorder.flows.file_import.errors import UploadGone
from reorder.flows.file_import.importing import limits_of_settings
from reorder.flows.file_import.reading import open_source
from reorder.flows.file_import.source import look_at
from reorder.flows.segmenting.counting import held_by_everybody, held_by_some, mark_customers
from reorder.kernel.errors import ReorderError, explain_error
from reorder.kernel.jobs import JobName, defer_job

MOST_BY_HAND: Final = 10_000
_NOBODY: Final = "SELECT NULL::bigint AS customer_id, 0::bigint AS mask WHERE false"
_GIVEN: Final = """SELECT id AS customer_id, 1::bigint AS mask FROM customers_customer
    WHERE id = ANY(%(customer_ids)s::bigint[]) AND erased_at IS NULL AND merged_into_id IS NULL"""


@dataclass(frozen=True, slots=True)
class ListChanged:
    """How many joined a list and left it, and which keys named nobody."""

    came_count: int
    left_count: int
    unknown: tuple[str, ...]


def add_members(*, code: str, customer_ids: Sequence[int], decided_by: str, moment: dt.datetime) -> int:
    """Put customers on a list; returns how many were not on it. Raises UnknownSegment, NotAList, TooManyPeople."""
    _refuse_many(customer_ids)
    with one_transaction():
        return _by_hand(code=code, customer_ids=customer_ids, is_in=True, decided_by=decided_by, moment=moment)


def remove_members(*, code: str, customer_ids: Sequence[int], decided_by: str, moment: dt.datetime) -> int:
    """Take customers off a list; returns how many were on it. Raises UnknownSegment, NotAList, TooManyPeople."""
    _refuse_many(customer_ids)
    with one_transaction():
        return _by_hand(code=code, customer_ids=customer_ids, is_in=False, decided_by=decided_by, moment=moment)


def join_list(*, code: str, customer_ids: Sequence[int], decided_by: str, moment: dt.datetime) -> int:
    """As add_members, as part of the caller's transaction."""
    return _by_hand(code=code, customer_ids=customer_ids, is_in=True, decided_by=decided_by, moment=moment)


def leave_list(*, code: str, customer_ids: Sequence[int], decided_by: str, moment: dt.datetime) -> int:
    """As remove_members, as part of the caller's transaction."""
    return _by_hand(code=code, customer_ids=customer_ids, is_in=False, decided_by=decided_by, moment=moment)


def find_people(*, keys: Sequence[str]) -> dict[str, int]:
    """Customers by the shop's id or e-mail address; what names nobody is left out. Raises TooManyPeople."""
    _refuse_many(keys)
    return lists.find_ids(keys=keys)


def change_list(
    *, code: str, add: Sequence[str], remove: Sequence[str], decided_by: str, moment: dt.datetime
) -> ListChanged:
    """Take people off a list and put people on it, by the shop's ids or e-mail addresses.

    Raises UnknownSegment, NotAList, TooManyPeople.
    """
    with one_transaction():
        leaving, joining = find_people(keys=remove), find_people(keys=add)
        changed = [
            _by_hand(code=code, customer_ids=list(found.values()), is_in=is_in, decided_by=decided_by, moment=moment)
            for found, is_in in ((leaving, False), (joining, True))
        ]
    unknown = [key for key in remove if key not in leaving] + [key for key in add if key not in joining]
    return ListChanged(left_count=changed[0], came_count=changed[1], unknown=tuple(unknown))


def start_list_import(*, code: str, mode: str, incoming: Incoming, asked_by: str, moment: dt.datetime) -> int:
    """Have a job take a file that arrived whole into a list; returns its number.

    Raises UnknownSegment, NotAList, and BadInput for a file that can never be read; then nothing of it stays.
    """
    try:
        incoming.close()
        with naming(incoming.name):
            source = look_at(path=incoming.path, limits=limits_of_settings())
        with one_transaction():
            segment = _list(code)
            import_id = lists.record_import(
                segment_id=segment.id,
                mode=mode,
                name=incoming.name,
                folder=incoming.folder,
                size=source.bytes,
                asked_by=asked_by,
                moment=moment,
            )
            record_audit(actor=asked_by, action=f"segments.import_{mode}", subject_kind="segment", subject_key=code)
            defer_job(name=JobName.IMPORT_LIST, arguments={"import_id": import_id}, once_key=f"list-{import_id}")
    except BaseException:
        incoming.discard()
        raise
    return import_id


def run_list_import(*, import_id: int, moment: dt.datetime) -> None:
    """The job: read the file, find its people, and let them join or leave. Safe to run twice, and after a kill."""
    given = lists.begin_import(import_id=import_id)
    if given is None:
        return
    try:
        lists.open_rows()
        _read(given)
        _take(given, moment=moment)
    except ReorderError as fault:
        with translation.override(settings.LANGUAGE_CODE):
            lists.fail_import(import_id=import_id, error=explain_error(error=fault, translate=gettext), moment=moment)
    finally:
        lists.close_rows()
    shutil.rmtree(folder_of(given.folder), ignore_errors=True)


def _read(given: ListImportRow) -> None:
    path = folder_of(given.folder) / given.name
    if not path.is_file():
        raise UploadGone(file=given.name)
    with naming(given.name):
        limits = limits_of_settings()
        opened = open_source(source=look_at(path=path, limits=limits), limits=limits)
        columns = find_columns(header=opened.header, kind=Kind.EVENTS)
        known = {word: columns[word] for word in ("customer_id", "email") if word in columns}
        if not known:
            raise errors.ListColumnMissing(file=given.name, columns=", ".join(opened.header)[:300])
        count = 0
        for batch in opened.batches:
            rows = pl.concat(list(_laid_out(batch.rows, batch.refused, known)))
            count += lists.add_rows(rows=rows)
            lists.note_progress(import_id=given.id, bytes_done=batch.bytes_done, read_count=count)


def _laid_out(rows: pl.DataFrame, refused: pl.DataFrame, known: dict[str, str]) -> Iterator[pl.DataFrame]:
    """Rows as `list_row` has them; one whose cells do not match the header names nobody."""

    def cell(word: str) -> pl.Expr:
        column = known.get(word)
        text = pl.col(column).fill_null("").str.strip_chars().str.head(300) if column else pl.lit("")
        return pl.when(pl.col("row_number").is_in(refused["row_number"].to_list())).then(pl.lit("")).otherwise(text)

    yield rows.select(
        pl.col("row_number").cast(pl.Int64),
        # Many shops know people by their address alone, and call it their id.
        cell("customer_id").alias("key"),
        pl.when(cell("email") != "")
        .then(cell("email"))
        .when(cell("customer_id").str.contains("@", literal=True))
        .then(cell("customer_id"))
        .otherwise(pl.lit(""))
        .alias("email"),
    )


def _take(given: ListImportRow, *, moment: dt.datetime) -> None:
    with one_transaction():
        hold_merges_off()
        members.lock_members()
        members.use_roomy_memory()
        segment = _list(given.segment_code)
        lists.settle_rows(import_id=given.id)
        held = held_by_everybody(moment=moment)
        changes = _change(segment, lists.listed_sql(mode=given.mode), {"list_id": segment.id}, held=held)
        lists.finish_import(
            import_id=given.id,
            mode=given.mode,
            came_count=sum(change.came_count for change in changes),
            left_count=sum(change.left_count for change in changes),
            moment=moment,
        )
        # Segments that name this list follow by the next full count of theirs: at once, in a job.
        defer_job(name=JobName.COUNT_SEGMENTS, arguments={"code": segment.code}, once_key=f"count-{segment.code}")


def _by_hand(*, code: str, customer_ids: Sequence[int], is_in: bool, decided_by: str, moment: dt.datetime) -> int:
    ids = sorted(set(customer_ids))
    members.lock_members()
    segment = _list(code)
    held = held_by_some(customer_ids=ids, moment=moment)
    changes = _change(segment, _GIVEN if is_in else _NOBODY, {}, held=held)
    mark_customers(customer_ids=ids)
    count = sum(change.came_count + change.left_count for change in changes)
    action = "segments.add_members" if is_in else "segments.remove_members"
    record_audit(actor=decided_by, action=action, subject_kind="segment", subject_key=code, details={"count": count})
    return count


def _change(segment: SegmentRow, now_sql: str, values: dict[str, object], *, held: Held) -> list[Change]:
    target = Target(id=segment.id, code=segment.code, tells=True, member_tag=segment.member_tag)
    return members.change_members(targets=[target], now_sql=now_sql, values=values, held=held)


def _list(code: str) -> SegmentRow:
    segment = get_segment(code=code)
    if not segment.is_list:
        raise errors.NotAList(given=segment.name)
    return segment


def _refuse_many(given: Sequence[object]) -> None:
    if len(given) > MOST_BY_HAND:
        raise errors.TooManyPeople(count=len(given), limit=MOST_BY_HAND)
