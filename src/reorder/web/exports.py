"""Tables as files: CSV streamed, XLSX made in constant memory; no cell can act as a formula in a spreadsheet.

Numbers, days and moments stay typed, so that a spreadsheet sums and sorts them; everything else is text.
"""

import csv
import datetime as dt
import io
import math
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, islice
from typing import IO, Any, Final, TypeVar
from zoneinfo import ZoneInfo

import xlsxwriter
from django.conf import settings
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.utils import translation
from django.utils.http import content_disposition_header

from reorder.kernel.clock import current_date
from reorder.kernel.errors import BadInput
from reorder.kernel.money import Money
from reorder.kernel.spreadsheets import harmless_cell

EXPORT_ROWS: Final = 5_000
Line = TypeVar("Line")
After = TypeVar("After")
_CSV: Final = "text/csv; charset=utf-8"
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ROWS_A_BLOCK: Final = 500
# A sheet could hold five times as many rows, but it is made whole before its first byte leaves; CSV has no such end.
_SHEET_ROWS: Final = 200_000
# What a sheet can hold: characters of a cell, digits of a number, and its first day.
_CELL_CHARACTERS: Final = 32_767
_EXACT_DIGITS: Final = 15
_FIRST_DAY: Final = dt.date(1900, 3, 1)
_WIDEST: Final = 60
_BOOK: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class BadExportFormat(BadInput):
    code = "web.bad_export_format"
    template = "{value!r} is no format of an export. Ask for format=xlsx or format=csv."


class ExportTooLong(BadInput):
    code = "web.export_too_long"
    template = (
        "A file for Excel has at most {limit} rows and this list has more. Download it as CSV, or filter it first."
    )


def table_response(
    *, request: HttpRequest, name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """The rows as a file to download, by `?format=xlsx` or `csv` (the default).

    Cells: None, text, bool, int, float, Decimal, Money (its amount), date, or aware datetime (said on the shop's
    clock). The file is called after `name` and today. `rows` is walked once, in the reader's language. Raises
    BadExportFormat, ExportTooLong.
    """
    wanted = request.GET.get("format") or "csv"
    said = [str(head) for head in heads]
    if wanted == "csv":
        answer = StreamingHttpResponse(
            _csv_parts(heads=said, rows=rows, language=translation.get_language() or "en"), content_type=_CSV
        )
    elif wanted == "xlsx":
        answer = FileResponse(_sheet(heads=said, rows=rows), content_type=_XLSX)
    else:
        raise BadExportFormat(value=wanted[:40])
    answer["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=_file_name(name, wanted)) or "attachment"
    )
    answer["Cache-Control"] = "no-store"
    return answer


def every_line(*, read: Callable[[After | None], tuple[Iterable[Line], After | None]]) -> Iterator[Line]:
    """The lines of a list that is read piece by piece: `read` gives those after a place, and the place after them."""
    after: After | None = None
    while True:
        lines, after = read(after)
        yield from lines
        if after is None:
            return


def _file_name(name: str, ending: str) -> str:
    """Without anything that a file system or a header could take amiss; Chinese stays."""
    clean = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|\s]+', "-", name).strip("-.")[:80] or "export"
    return f"{clean}-{current_date(time_zone=settings.REORDER.time_zone).isoformat()}.{ending}"


def _csv_parts(*, heads: Sequence[str], rows: Iterable[Sequence[object]], language: str) -> Iterator[bytes]:
    """The file in parts. They are made after the view has answered, so the reader's language is put on for each."""
    lines = chain([heads], rows)
    yield b"\xef\xbb\xbf"
    while True:
        text = io.StringIO()
        with translation.override(language):
            block = [[_csv_cell(value) for value in row] for row in islice(lines, _ROWS_A_BLOCK)]
        if not block:
            return
        csv.writer(text).writerows(block)
        yield text.getvalue().encode("utf-8", errors="replace")


def _csv_cell(value: object) -> str:
    plain = _plain(value)
    return harmless_cell(text=plain) if isinstance(plain, str) else _number_text(plain)


def _number_text(plain: int | float | Decimal | dt.date) -> str:
    if isinstance(plain, dt.datetime):
        return plain.isoformat(sep=" ", timespec="seconds")
    if isinstance(plain, dt.date):
        return plain.isoformat()
    return f"{plain:f}" if isinstance(plain, Decimal) else str(plain)


def _plain(value: object) -> str | int | float | Decimal | dt.date:
    """A cell as one of the few kinds that files know; moments are put on the shop's clock."""
    if value is None:
        return ""
    if isinstance(value, Money):
        return value.major
    if isinstance(value, bool):
        return translation.gettext("yes") if value else translation.gettext("no")
    if isinstance(value, float | Decimal):
        return value if math.isfinite(value) else ""
    if isinstance(value, dt.datetime):
        return value.astimezone(ZoneInfo(settings.REORDER.time_zone)).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, int | dt.date):
        return value
    return str(value).replace("\x00", "")


def _sheet(*, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> IO[bytes]:
    """A workbook of one sheet in a temporary file that vanishes when it is closed; nothing stays when it fails."""
    file = tempfile.SpooledTemporaryFile(max_size=4_000_000)  # noqa: SIM115 - the answer closes it when it is sent
    try:
        with tempfile.TemporaryDirectory(prefix="reorder-export-") as folder:
            _fill(file=file, folder=folder, heads=heads, rows=rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _fill(*, file: IO[bytes], folder: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    book = xlsxwriter.Workbook(file, {**_BOOK, "tmpdir": folder})
    sheet = book.add_worksheet()
    look = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    }
    sheet.freeze_panes(1, 0)
    widths = [_width(head) for head in heads]
    try:
        for place, head in enumerate(heads):
            sheet.write_string(0, place, head[:_CELL_CHARACTERS], look["head"])
        for number, row in enumerate(rows, start=1):
            if number > _SHEET_ROWS:
                raise ExportTooLong(limit=f"{_SHEET_ROWS:,}")
            for place, value in enumerate(row):
                widths[place] = max(widths[place], _write(sheet, number, place, _plain(value), look))
    except BaseException:
        # Only the book's own end would close the rows, and it would write them all first.
        sheet.row_data_fh.close()
        raise
    for place, width in enumerate(widths):
        sheet.set_column(place, place, min(width + 2, _WIDEST))
    book.close()


def _write(
    sheet: Any, number: int, place: int, plain: str | int | float | Decimal | dt.date, look: dict[str, Any]
) -> int:
    """Write one cell by its kind; returns the characters it needs."""
    if isinstance(plain, dt.date) and (plain.date() if isinstance(plain, dt.datetime) else plain) >= _FIRST_DAY:
        is_moment = isinstance(plain, dt.datetime)
        sheet.write_datetime(number, place, plain, look["moment" if is_moment else "day"])
        return 16 if is_moment else 10
    if isinstance(plain, int | float | Decimal) and _is_exact(plain):
        sheet.write_number(number, place, plain)
        return len(_number_text(plain))
    text = plain if isinstance(plain, str) else _number_text(plain)
    if text:
        sheet.write_string(number, place, text[:_CELL_CHARACTERS])
    return _width(text)


def _is_exact(plain: float | Decimal) -> bool:
    """Whether a sheet, which counts in binary fractions of 15 digits, keeps this number as it is."""
    if isinstance(plain, float):
        return True
    return len(Decimal(plain).normalize().as_tuple().digits) <= _EXACT_DIGITS and abs(plain) < Decimal(10) ** 300


def _width(text: str) -> int:
    """Columns that the first line of a text takes; a Chinese character takes two."""
    line = text[:_WIDEST].split("\n", 1)[0]
    return sum(2 if ord(character) > 0x2E7F else 1 for character in line)
