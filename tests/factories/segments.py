"""Nights that put customers into segments."""

import datetime as dt

from reorder.domain.customers.models import Customer
from reorder.domain.planning import segmenting
from reorder.domain.planning.models import CustomerValue, Run, RunStep
from tests.factories.customers import value


def see(*, run: Run, date: dt.date, segments: dict[Customer, str]) -> int:
    """A night of `date` finds these customers in these segments; how many moved."""
    CustomerValue.objects.all().delete()
    for place, (customer, segment) in enumerate(segments.items()):
        value(run=run, customer=customer, segment=segment, expected_value=1000.0 - place)
    return segmenting.record_segment_moves(as_of_date=date)


def finish_night(*, run: Run) -> None:
    """The night's step with what pages read of segments."""
    overview = segmenting.count_overview(as_of_date=run.as_of_date)
    segments: dict[str, int] = {}
    for cell in segmenting.count_segments():
        segments[cell.segment] = segments.get(cell.segment, 0) + cell.count
    RunStep.objects.update_or_create(
        run=run,
        name="value_customers",
        defaults={
            "ordinal": 1,
            "state": "succeeded",
            "started_at": run.started_at,
            "finished_at": run.started_at,
            "details": {"segments": segments, **overview},
        },
    )
