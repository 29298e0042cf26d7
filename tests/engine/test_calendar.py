"""Special days: the lunar new year, shopping festivals, make-up working days, holidays and the days before them."""

import datetime as dt

from reorder.engine import calendar


def kinds(country: str, first: str, last: str) -> dict[str, str]:
    found = calendar.kinds_of_days(
        country=country, first_date=dt.date.fromisoformat(first), last_date=dt.date.fromisoformat(last)
    )
    return {day.isoformat(): kind for day, kind in found.items()}


def test_the_days_around_the_lunar_new_year_count_from_its_first_day() -> None:
    around = kinds("TW", "2026-02-02", "2026-02-27")

    assert around["2026-02-15"] == "lunar new year -2"
    assert around["2026-02-17"] == "lunar new year +0"
    assert around["2026-02-26"] == "lunar new year +9"
    assert around["2026-02-27"] == "holiday"
    assert "2026-02-02" not in around


def test_a_country_that_does_not_keep_the_lunar_new_year_has_none() -> None:
    assert kinds("US", "2026-02-03", "2026-02-20") == {
        "2026-02-15": "day before a holiday",
        "2026-02-16": "holiday",
    }


def test_shopping_festivals_are_known_everywhere() -> None:
    assert kinds("DE", "2025-11-11", "2025-12-12") == {
        "2025-11-11": "festival 11/11",
        "2025-12-12": "festival 12/12",
    }
    assert kinds("TW", "2026-06-17", "2026-06-18") == {
        "2026-06-18": "festival 6/18",
    }


def test_a_saturday_worked_for_a_bridge_day_is_a_make_up_working_day() -> None:
    assert kinds("TW", "2025-02-08", "2025-02-08") == {"2025-02-08": "make-up working day"}
    assert kinds("TW", "2017-09-30", "2017-09-30") == {"2017-09-30": "make-up working day"}


def test_a_country_that_nobody_knows_has_festivals_and_no_holidays() -> None:
    assert kinds("ZZ", "2026-01-01", "2026-06-18") == {"2026-06-18": "festival 6/18"}
