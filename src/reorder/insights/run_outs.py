"""When each place runs out of a product, from its stock, its plan and what is on the way; pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from reorder.engine.stocking import RunOut, foresee_run_out
from reorder.insights.product_page import Event, PlanPoint, Spot


@dataclass(frozen=True, slots=True)
class PlaceOutlook:
    """One place that stocks the product: `run_out` is None where no demand is planned there."""

    spot: Spot
    run_out: RunOut | None
    next_receipt: Event | None

    @property
    def is_out(self) -> bool:
        """Nothing left to promise although demand is expected."""
        return self.spot.free_units <= 0 and self.run_out is not None


def foresee(
    *, spots: Sequence[Spot], days: Sequence[PlanPoint], events: Sequence[Event], first_date: dt.date
) -> list[PlaceOutlook]:
    """The places that stock the product, that which runs out first on top."""
    outlooks = [_outlook(spot, days, events, first_date) for spot in spots if spot.on_hand is not None]
    return sorted(outlooks, key=_order)


def _outlook(spot: Spot, days: Sequence[PlanPoint], events: Sequence[Event], first_date: dt.date) -> PlaceOutlook:
    own = [day for day in days if day.place_code == spot.place_code and day.date >= first_date]
    receipts = [event for event in events if event.kind == "receipt" and event.place_code == spot.place_code]
    arrivals: dict[dt.date, float] = {}
    for receipt in receipts:
        # What should have come already is hoped for tomorrow, not counted on today.
        day = max(receipt.date, first_date + dt.timedelta(days=1))
        arrivals[day] = arrivals.get(day, 0.0) + receipt.units
    run_out = None
    if sum(day.mean_units for day in own) > 0:
        run_out = foresee_run_out(
            free_units=spot.free_units,
            arrivals=arrivals,
            mean_units=[day.mean_units for day in own],
            deviation_units=[day.deviation_units for day in own],
            first_date=first_date,
        )
    return PlaceOutlook(spot=spot, run_out=run_out, next_receipt=receipts[0] if receipts else None)


def _order(outlook: PlaceOutlook) -> tuple[bool, dt.date, str]:
    day = outlook.run_out.expected_date if outlook.run_out else None
    return not outlook.is_out, day or dt.date.max, outlook.spot.place_code
