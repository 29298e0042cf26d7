"""One file in: look at it, stage it, settle it, and take it into the rooms in one transaction."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import polars as pl
from django.conf import settings
from django.db import transaction

from reorder.connectors.base import Kind, ShopDefaults
from reorder.domain.channels import operations as channels
from reorder.domain.channels import queries as log
from reorder.domain.channels import settling
from reorder.domain.channels.queries import ImportRow
from reorder.domain.storage import holding_advisory_lock
from reorder.flows.file_import.applying import Applied, apply, settle
from reorder.flows.file_import.reading import Opened, frame_batches, open_source
from reorder.flows.file_import.recognise import Recognised, recognise
from reorder.flows.file_import.rejects import explain, rejected_file_of, write_rejected
from reorder.flows.file_import.report import ImportReport
from reorder.flows.file_import.source import Limits, look_at
from reorder.flows.file_import.staging import Progress, stage
from reorder.kernel import clock
from reorder.kernel.errors import ReorderError
from reorder.kernel.ids import idempotency_key

_EXAMPLES = 20
# A shop's clock may be wrong by a time zone or two, not by a week.
CLOCK_SLACK = dt.timedelta(days=2)


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A file, or a frame in its place, ready to be staged."""

    name: str
    channel: str
    sha256: str
    format: str
    opened: Opened
    recognised: Recognised
    rejected_file: Path | None


def import_file(
    *,
    path: Path,
    channel: str = "file",
    kind: str | None = None,
    columns: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Import one file of orders, products, stock, events or signals; `kind` only when the header leaves it open.

    `columns` (our word → the file's column) is for a header that a person had to explain; `kind` goes with it.

    Rows that are refused are listed in `<file>.rejected.csv`; an order is taken whole or not at all. The same file
    again changes nothing. After a kill the next call carries on. Raises BadInput for a file that cannot be imported
    as a whole, and AlreadyRunning while another import runs.
    """
    with _one_import_at_a_time():
        arrival = _arrive_from_file(path=path, channel=channel, kind=kind, columns=columns)
        known = _report_known(arrival=arrival)
        return known or _import(arrival=arrival, progress=progress)


def check_file(
    *,
    path: Path,
    channel: str = "file",
    kind: str | None = None,
    columns: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """What `import_file` would do, with the first refusals as examples; changes nothing and writes no file."""
    with _one_import_at_a_time():
        arrived = _arrive_from_file(path=path, channel=channel, kind=kind, columns=columns)
        arrival = replace(arrived, rejected_file=None)
        with transaction.atomic(durable=True):
            report = _take(row=_stage(arrival=arrival, progress=progress), arrival=arrival)
            transaction.set_rollback(True)
        return replace(report, outcome="checked")


def import_order_lines(*, frame: pl.DataFrame, channel: str, name: str = "order lines") -> ImportReport:
    """Import order lines that are a frame already, under the names of a tidy file; same rules as `import_file`."""
    with _one_import_at_a_time():
        opened = frame_batches(frame=frame)
        arrival = _Arrival(
            name=name,
            channel=channel,
            sha256=hashlib.sha256(frame.write_ipc(None).getvalue()).hexdigest(),
            format=_format(connector="tidy", type_="frame"),
            opened=opened,
            recognised=recognise(file=name, header=opened.header, kind="orders"),
            rejected_file=None,
        )
        return _report_known(arrival=arrival) or _import(arrival=arrival, progress=None)


def import_folder(*, folder: Path, channel: str = "file") -> list[ImportReport]:
    """Import every new file of a folder by name; one that cannot be imported is reported and does not stop the others.

    A file of the same content counts once, also after later files: what they brought must not fall back.
    """
    reports = []
    files = sorted(file for file in folder.iterdir() if file.is_file()) if folder.is_dir() else []
    for file in files:
        if file.name.startswith(".") or file.name.endswith((".rejected.csv", ".unfinished")):
            continue
        try:
            reports.append(_import_new(path=file, channel=channel))
        except ReorderError as fault:
            reports.append(
                ImportReport(name=file.name, channel=channel, kind="", format="", outcome="failed", error=str(fault))
            )
    return reports


def _import_new(*, path: Path, channel: str) -> ImportReport:
    with _one_import_at_a_time():
        arrival = _arrive_from_file(path=path, channel=channel, kind=None)
        done = _find_done(arrival=arrival)
        return _known(arrival=arrival, done=done) if done else _import(arrival=arrival, progress=None)


@contextmanager
def _one_import_at_a_time() -> Iterator[None]:
    """Imports take the same rows of customers and products; one after the other they cannot deadlock."""
    with holding_advisory_lock(name="file_import", what="An import"):
        yield


def shop_defaults(*, channel: str) -> ShopDefaults:
    """What holds where a file of this channel is silent."""
    # Taking facts in is an edge: what is the future is asked here, once a file.
    return ShopDefaults(
        time_zone=settings.REORDER.time_zone,
        currency=settings.REORDER.currency,
        latest_at=clock.current_moment() + CLOCK_SLACK,
        channel=channel,
    )


def limits_of_settings() -> Limits:
    """How large a file may be."""
    return Limits(
        maximum_bytes=settings.REORDER.import_maximum_bytes,
        maximum_unpacked_bytes=settings.REORDER.import_maximum_unpacked_bytes,
    )


def _format(*, connector: str, type_: str, columns: Mapping[str, str] | None = None) -> str:
    """How a file was read; read otherwise, the same bytes are another import."""
    told = " " + idempotency_key(*sorted(columns.items()))[:12] if columns else ""
    return f"{connector} {type_} {settings.REORDER.time_zone} {settings.REORDER.currency}{told}"


def _arrive_from_file(
    *, path: Path, channel: str, kind: str | None, columns: Mapping[str, str] | None = None
) -> _Arrival:
    limits = limits_of_settings()
    source = look_at(path=path, limits=limits)
    opened = open_source(source=source, limits=limits)
    recognised = recognise(file=str(path), header=opened.header, kind=kind, columns=columns)
    return _Arrival(
        name=path.name,
        channel=channel,
        sha256=source.sha256,
        format=_format(connector=recognised.connector.name, type_=source.type, columns=columns),
        opened=opened,
        recognised=recognised,
        rejected_file=rejected_file_of(path=path),
    )


def _report_known(*, arrival: _Arrival) -> ImportReport | None:
    """The short answer to a file that was imported before, when going through it again could change nothing."""
    done = _find_done(arrival=arrival)
    if done is None or log.has_later_import(row=done):
        return None
    if done.kind in {Kind.EVENTS, Kind.SIGNALS} and done.counts["rejected"]:
        # Their customers, products and places may be known by now.
        return None
    if done.counts["rejected"] and not (arrival.rejected_file and arrival.rejected_file.exists()):
        return None
    return _known(arrival=arrival, done=done)


def _find_done(*, arrival: _Arrival) -> ImportRow | None:
    """The finished import of this content, read in the same way."""
    kind = arrival.recognised.kind
    done = log.find_finished_import(sha256=arrival.sha256, channel=arrival.channel, kind=kind)
    return done if done and done.format == arrival.format else None


def _known(*, arrival: _Arrival, done: ImportRow) -> ImportReport:
    rejected = done.counts["rejected"]
    counts = {"read": done.rows_read, "imported": 0, "unchanged": done.rows_read - rejected, "rejected": rejected}
    rejected_file = arrival.rejected_file if rejected else None
    return replace(_report(arrival=arrival, counts=counts), outcome="known", rejected_file=rejected_file)


def _import(*, arrival: _Arrival, progress: Progress | None) -> ImportReport:
    row = _stage(arrival=arrival, progress=progress)
    try:
        with transaction.atomic(durable=True):
            return _take(row=row, arrival=arrival)
    except ReorderError as fault:
        with transaction.atomic():
            channels.fail_import(import_id=row.id, error=str(fault))
        raise


def _stage(*, arrival: _Arrival, progress: Progress | None) -> ImportRow:
    """All rows in staging; returns the import as it stands then."""
    with transaction.atomic():
        row = channels.open_import(
            sha256=arrival.sha256,
            name=arrival.name,
            channel=arrival.channel,
            kind=arrival.recognised.kind,
            file_format=arrival.format,
        )
    translator = arrival.recognised.connector.start(
        header=arrival.opened.header, kind=arrival.recognised.kind, shop=shop_defaults(channel=arrival.channel)
    )
    try:
        stage(row=row, batches=arrival.opened.batches, translator=translator, progress=progress)
    except ReorderError as fault:
        with transaction.atomic():
            channels.fail_import(import_id=row.id, error=str(fault))
        raise
    return log.get_import(import_id=row.id)


def _take(*, row: ImportRow, arrival: _Arrival) -> ImportReport:
    """Settle and apply one staged import in the open transaction."""
    settle(row=row, shop=shop_defaults(channel=row.channel))
    rejected = log.count_refused_rows(import_id=row.id)
    examples = tuple(islice(explain(refusals=log.list_refusals(import_id=row.id)), _EXAMPLES))
    _list_refusals(row=row, file=arrival.rejected_file, rejected=rejected)
    applied = apply(row=row)
    settling.drop_settled()
    counts = _counts(row=row, applied=applied, rejected=rejected)
    channels.finish_import(import_id=row.id, counts=counts)
    report = _report(arrival=arrival, counts=counts)
    return replace(report, examples=examples, rejected_file=arrival.rejected_file if rejected else None)


def _list_refusals(*, row: ImportRow, file: Path | None, rejected: int) -> None:
    """Before the commit, so that a finished import always has its list; an older list of the file goes."""
    if file is None:
        return
    if rejected:
        write_rejected(file=file, refusals=log.list_refusals(import_id=row.id))
    else:
        file.unlink(missing_ok=True)


def _counts(*, row: ImportRow, applied: Applied, rejected: int) -> dict[str, int]:
    return {
        "read": row.rows_read,
        "imported": applied.imported_rows,
        "unchanged": applied.unchanged_rows,
        "rejected": rejected,
        **applied.counts,
    }


def _report(*, arrival: _Arrival, counts: dict[str, int]) -> ImportReport:
    return ImportReport(
        name=arrival.name,
        channel=arrival.channel,
        kind=arrival.recognised.kind.value,
        format=arrival.format,
        outcome="imported",
        rows_read=counts["read"],
        rows_imported=counts["imported"],
        rows_unchanged=counts["unchanged"],
        rows_rejected=counts["rejected"],
        counts=counts,
    )
