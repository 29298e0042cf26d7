"""Days and zones as people give them."""

import datetime as dt

import pytest

from reorder.kernel.clock import midnight, zone_of


def test_a_day_begins_at_midnight_of_the_zone_it_is_a_day_of() -> None:
    day = dt.date(2026, 3, 9)

    begins = [midnight(date=day, time_zone=zone).astimezone(dt.UTC) for zone in ("Asia/Taipei", "America/New_York")]

    assert begins == [dt.datetime(2026, 3, 8, 16, tzinfo=dt.UTC), dt.datetime(2026, 3, 9, 4, tzinfo=dt.UTC)]


@pytest.mark.parametrize("given", ["", "Mars/Base", "../etc/passwd", "Asia", "a\0b", "x" * 300])
def test_a_zone_that_nobody_knows_is_the_other_one(given: str) -> None:
    assert zone_of(time_zone=given, otherwise="Asia/Taipei").key == "Asia/Taipei"


def test_a_known_zone_is_the_persons_own() -> None:
    assert zone_of(time_zone="Europe/London", otherwise="Asia/Taipei").key == "Europe/London"
