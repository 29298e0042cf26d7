"""Calendars out of CSV and ICS files: what they say, expanded, and what is wrong with a line."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.flows.shop_calendar import BadCalendarFile, ReadCalendar, read_calendar

TODAY = dt.date(2026, 11, 26)


def read(content: str | bytes, *, kind: str = "event") -> ReadCalendar:
    given_bytes = content.encode() if isinstance(content, str) else content
    return read_calendar(name="c", content=given_bytes, kind=kind, today=TODAY, time_zone="Asia/Taipei")


def days(found: ReadCalendar) -> list[tuple[str, str, str]]:
    return [(one.name, one.from_date.isoformat(), one.until_date.isoformat()) for _line, one in found.entries]


def ics(*lines: str) -> str:
    body = "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Tea//EN\r\n{body}\r\nEND:VCALENDAR\r\n"


def test_a_csv_row_is_an_entry_with_its_scope_price_and_expectation() -> None:
    found = read(
        "kind,name,from,until,sku,category,place,price,discount,expected,note\n"
        "promotion,Week of tea,2026-12-01,2026-12-07,,tea,KEELUNG,,20%,+50 %,as last year\n"
        "promotion,Oolong day,2026/12/24,,OOLONG-150,,,288,,,\n"
    )
    assert found.faults == []
    first, second = (one for _line, one in found.entries)
    assert (first.scope, first.key, first.place_code, first.discount_share) == ("category", "tea", "KEELUNG", 0.2)
    assert (first.expected_effect_share, first.note) == (0.5, "as last year")
    assert (second.scope, second.key, second.price, second.until_date) == (
        "product",
        "OOLONG-150",
        288.0,
        dt.date(2026, 12, 24),
    )


def test_a_chinese_header_in_big5_says_the_same() -> None:
    found = read(
        "種類,名稱,開始日期,結束日期\n促銷,中秋,2026/09/20,2026/09/25\n公休,除夕,2027-02-05,\n".encode("cp950")
    )
    assert [(one.kind, one.name) for _line, one in found.entries] == [("promotion", "中秋"), ("closed", "除夕")]


@pytest.mark.parametrize(
    ("row", "reason", "value"),
    [
        (",2026-12-01,,,", "it has no name", ""),
        ("Fair,,,,", "it has no first day; write a date like 2026-11-23", ""),
        ("Fair,12/31,,,", "“{value}” is no date; write one like 2026-11-23", "12/31"),
        ("Fair,2026-02-30,,,", "“{value}” is no date; write one like 2026-11-23", "2026-02-30"),
        ("Fair,2026-12-01,party,,", "“{value}” is no kind; write promotion, event, holiday or closed", "party"),
        ("Fair,2026-12-01,,cheap,", "“{value}” is no number", "cheap"),
        ("Fair,2026-12-01,,,20", "“{value}” is no share; write 0.2 or 20%", "20"),
    ],
)
def test_a_line_that_is_no_entry_is_told_by_its_number_and_the_others_are_taken(
    row: str, reason: str, value: str
) -> None:
    found = read(f"name,from,kind,price,discount\n{row}\nMarket,2026-12-02,,,\n")
    assert [(one.line, one.reason, one.value) for one in found.faults] == [(2, reason, value)]
    assert days(found) == [("Market", "2026-12-02", "2026-12-02")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"  \n", "it is empty"),
        (b"x" * 2_000_001, "it is larger than 2 MB"),
        (b"\xff\xfe\xff", "it is neither UTF-8 nor Big5 text"),
        (
            b"a,b\n1,2\n",
            "it has no column for the name and the first day; name them “name” and “from”",
        ),
        (b"name,from\n", "no line of it can be read as an entry"),
    ],
)
def test_a_file_that_is_no_calendar_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(BadCalendarFile) as caught:
        read(content)
    assert caught.value.parameters["reason"] == reason


def test_an_event_of_days_ends_the_day_before_its_end() -> None:
    found = read(ics("UID:1", "SUMMARY:Fair", "DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261204"))
    assert days(found) == [("Fair", "2026-12-01", "2026-12-03")]


def test_a_moment_counts_as_the_day_of_the_shop() -> None:
    found = read(ics("UID:1", "SUMMARY:Live", "DTSTART:20261201T170000Z", "DTEND:20261201T180000Z"))
    assert days(found) == [("Live", "2026-12-02", "2026-12-02")]


def test_a_yearly_event_is_expanded_two_years_back_and_ahead() -> None:
    found = read(ics("UID:1", "SUMMARY:Founding day", "DTSTART;VALUE=DATE:20200305", "RRULE:FREQ=YEARLY"))
    assert [first for _name, first, _last in days(found)] == ["2025-03-05", "2026-03-05", "2027-03-05", "2028-03-05"]


def test_a_weekly_event_with_an_end_and_an_exception() -> None:
    found = read(
        ics(
            "UID:1",
            "SUMMARY:Market",
            "DTSTART;VALUE=DATE:20261201",
            "RRULE:FREQ=WEEKLY;UNTIL=20261222T235959Z",
            "EXDATE;VALUE=DATE:20261215",
        )
    )
    assert [first for _name, first, _last in days(found)] == ["2026-12-01", "2026-12-08", "2026-12-22"]


def test_a_happening_that_was_moved_stands_where_it_was_moved_to() -> None:
    series = ["BEGIN:VEVENT", "UID:1", "SUMMARY:Market", "DTSTART;VALUE=DATE:20261201", "RRULE:FREQ=WEEKLY;COUNT=3"]
    moved = ["BEGIN:VEVENT", "UID:1", "SUMMARY:Market", "DTSTART;VALUE=DATE:20261210"]
    moved.append("RECURRENCE-ID;VALUE=DATE:20261208")
    lines = ["BEGIN:VCALENDAR", *series, "END:VEVENT", *moved, "END:VEVENT", "END:VCALENDAR", ""]
    found = read("\r\n".join(lines))
    assert sorted(first for _name, first, _last in days(found)) == ["2026-12-01", "2026-12-10", "2026-12-15"]


def test_the_kind_of_an_event_is_its_category_else_what_the_person_says() -> None:
    told = ics("UID:1", "SUMMARY:Sale", "DTSTART;VALUE=DATE:20261201", "CATEGORIES:PROMOTION")
    plain = ics("UID:1", "SUMMARY:Sale", "DTSTART;VALUE=DATE:20261201")
    assert [one.kind for _line, one in read(told).entries] == ["promotion"]
    assert [one.kind for _line, one in read(plain, kind="closed").entries] == ["closed"]


def test_an_event_without_days_or_with_a_rule_without_end_is_told_and_a_cancelled_one_is_none() -> None:
    missing = read(ics("UID:1", "SUMMARY:Fair"))
    assert [(one.line, one.reason) for one in missing.faults] == [
        (1, "it has no first day; write a date like 2026-11-23")
    ]
    often = read(ics("UID:1", "SUMMARY:Hourly", "DTSTART;VALUE=DATE:20261201", "RRULE:FREQ=MINUTELY"))
    assert [one.reason for one in often.faults] == ["it repeats more than {value} times; enter the days that matter"]
    cancelled = ics("UID:1", "SUMMARY:Fair", "DTSTART;VALUE=DATE:20261201", "STATUS:CANCELLED")
    with pytest.raises(BadCalendarFile):
        read(cancelled)


def test_the_same_row_has_the_same_key_and_another_row_another() -> None:
    rows = "name,from\nFair,2026-12-01\nFair,2026-12-02\n"
    first, second = (one.source_key for _line, one in read(rows).entries)
    again = read("name,from\nFair,2026-12-01\n").entries[0][1].source_key
    assert first == again
    assert first != second


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: ics(text, "SUMMARY:x").encode())))
def test_nonsense_is_read_or_refused_but_never_a_crash(content: bytes) -> None:
    try:
        found = read(content)
    except BadCalendarFile:
        return
    assert found.entries or found.faults
