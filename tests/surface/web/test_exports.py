"""A table leaves as a file that a spreadsheet reads as it was meant, and that runs nothing."""

import csv
import datetime as dt
import io
import tempfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.test import RequestFactory
from django.utils import translation
from django.utils.translation import gettext_lazy

from reorder.kernel.money import Money
from reorder.web import exports
from reorder.web.exports import BadExportFormat, ExportTooLong, table_response

# A response that is closed looks after the connection that an earlier test of this process may have left open.
pytestmark = pytest.mark.django_db

HEADS = ["sku", "name", "units", "cost", "day", "moment", "large", "is_open"]
ROW = [
    '=HYPERLINK("http://x")',
    "凍頂烏龍茶 150 克",
    Decimal("12.500"),
    Money(123450, "TWD"),
    dt.date(2026, 11, 22),
    dt.datetime(2026, 11, 22, 1, 30, tzinfo=dt.UTC),
    12345678901234567890,
    True,
]


def _body(answer) -> bytes:
    body = b"".join(answer.streaming_content)
    answer.close()
    return body


def _ask(form: str, rows, name: str = "proposals"):
    return table_response(request=RequestFactory().get("/x", {"format": form}), name=name, heads=HEADS, rows=rows)


def test_csv_can_be_read_back_and_no_text_is_a_formula() -> None:
    answer = _ask("csv", [ROW, [None, "@cmd", -3, None, None, None, 0, False]])
    body = _body(answer)
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert rows[0] == HEADS
    assert rows[1] == [
        '\'=HYPERLINK("http://x")',
        "凍頂烏龍茶 150 克",
        "12.500",
        "1234.50",
        "2026-11-22",
        "2026-11-22 09:30:00",
        "12345678901234567890",
        "yes",
    ]
    assert rows[2] == ["", "'@cmd", "-3", "", "", "", "0", "no"]


def test_xlsx_can_be_read_back_with_typed_cells_and_text_that_stays_text() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(_body(_ask("xlsx", [ROW])))).active
    cells = list(sheet.iter_rows())[1]
    assert [cell.value for cell in cells] == [
        '=HYPERLINK("http://x")',
        "凍頂烏龍茶 150 克",
        12.5,
        1234.5,
        dt.datetime.fromisoformat("2026-11-22"),
        dt.datetime.fromisoformat("2026-11-22T09:30"),
        "12345678901234567890",
        "yes",
    ]
    assert cells[0].data_type in {"s", "inlineStr", "f"}
    assert b"<f>" not in _sheet_xml(answer_rows=[ROW])
    assert b"hyperlink" not in _sheet_xml(answer_rows=[ROW]).lower().replace(b"=hyperlink", b"")


def _sheet_xml(*, answer_rows) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(_body(_ask("xlsx", answer_rows)))) as packed:
        return packed.read("xl/worksheets/sheet1.xml")


def test_the_file_is_named_after_the_table_and_the_day_in_any_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-22T02:00:00")
    plain = _ask("csv", [], name="purchase orders")
    assert plain["Content-Disposition"] == 'attachment; filename="purchase-orders-2026-11-22.csv"'
    chinese = _ask("xlsx", [], name='採購單/"..\r\nX: y')
    chinese.close()
    disposition = chinese["Content-Disposition"]
    assert disposition.startswith("attachment; filename*=utf-8''%E6%8E%A1%E8%B3%BC%E5%96%AE-")
    assert "\n" not in disposition
    assert disposition.endswith("2026-11-22.xlsx")


def test_an_unknown_format_is_refused_and_says_which_there_are() -> None:
    with pytest.raises(BadExportFormat, match="format=xlsx or format=csv"):
        _ask("pdf", [])


def test_a_long_table_is_streamed_in_the_language_of_the_reader() -> None:
    with translation.override("zh-hant"):
        answer = _ask("csv", ([gettext_lazy("January"), "x", 1, 2, None, None, 0, None] for _ in range(1200)))
        expected = str(gettext_lazy("January"))
    with translation.override("en"):
        parts = list(answer.streaming_content)
    assert len(parts) == 4
    assert expected.encode() in parts[-1]


def test_odd_values_never_break_the_file() -> None:
    odd = ["a\x00b\x1f", "x" * 40_000, float("nan"), Decimal("1e400"), dt.date(1, 1, 1), -(10**400), 10**15, 1.5]
    sheet = openpyxl.load_workbook(io.BytesIO(_body(_ask("xlsx", [odd])))).active
    values = [cell.value for cell in list(sheet.iter_rows())[1]]
    assert len(values[1]) == 32_767
    assert values[2] is None
    assert values[4] == "0001-01-01"
    assert values[6] == 10**15
    assert "nan" not in _body(_ask("csv", [odd])).decode("utf-8-sig")


def test_a_table_that_is_too_long_for_a_sheet_says_so_leaves_nothing_behind_and_goes_whole_as_csv(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(exports, "_SHEET_ROWS", 3)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(ExportTooLong, match="at most 3 rows"):
        _ask("xlsx", [["tea"]] * 4)
    assert list(tmp_path.iterdir()) == []
    assert _body(_ask("csv", [["tea"]] * 4)).count(b"tea") == 4
