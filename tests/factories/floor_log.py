"""Scans of a day in the log, as handhelds leave them."""

import datetime as dt

from reorder.domain.warehouse.scan_models import FloorScan
from tests.factories.inventory import KEELUNG


def log_scans(*, actor: str, right: int, wrong: int, work: str = "pick", place: str = KEELUNG) -> None:
    """So many right and wrong scans of a person, just now."""
    now = dt.datetime.now(tz=dt.UTC)  # noqa: TID251 - the log's own clock is the database's
    FloorScan.objects.bulk_create(
        FloorScan(
            key=f"{actor}-{work}-{number}",
            actor=actor,
            place_code=place,
            work=work,
            task="1",
            sent={},
            outcome="right" if number < right else "wrong",
            answer={},
            scanned_at=now,
        )
        for number in range(right + wrong)
    )
