"""Places in lists: what comes back is what was written, or nothing."""

import datetime as dt
import json
from base64 import urlsafe_b64encode
from decimal import Decimal

import pytest

from reorder.kernel.cursors import UnreadableCursor, decode_cursor, encode_cursor


def test_values_come_back_as_they_were() -> None:
    assert decode_cursor(text=encode_cursor(values=[3.5, "烏龍茶", None, 7])) == (3.5, "烏龍茶", None, 7)


def test_days_moments_and_exact_numbers_come_back_as_text() -> None:
    values = [dt.date(2026, 11, 26), dt.datetime(2026, 11, 26, 9, 30, tzinfo=dt.UTC), Decimal("0.10")]
    assert decode_cursor(text=encode_cursor(values=values)) == ("2026-11-26", "2026-11-26T09:30:00+00:00", "0.10")


@pytest.mark.parametrize(
    "raw",
    [
        "no json",
        '{"a": 1}',
        "[[1]]",
        '["\\u0000"]',
        '["\\ud800"]',
        "[" * 5000 + "]" * 5000,
        f"[{'9' * 5000}]",
    ],
)
def test_what_nobody_here_wrote_is_refused(raw: str) -> None:
    with pytest.raises(UnreadableCursor):
        decode_cursor(text=urlsafe_b64encode(raw.encode()).decode().rstrip("="))


@pytest.mark.parametrize("text", ["", "!", "é", json.dumps([1])])
def test_text_that_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(UnreadableCursor):
        decode_cursor(text=text)
