"""How many units can be promised by a day, and by which day so many; pure.

Available to promise, looking ahead: a unit counts for a day only if no promise made before, for any later day, needs
it. So promising all that is available never breaks a promise that was given.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Final

NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """A product at a place. Each part is (day, units).

    `free`: units promised to nobody, by the day on which their lot goes off (None: never). `incoming`: by the day they
    are expected. `waiting`: promised already, by the day that was told (None: at once). `kept`: for others, until a day
    (excluded). `released_from`: nothing leaves earlier. `confidence_share`: of a supplier's stock only so much counts.
    """

    free: Sequence[tuple[dt.date | None, Decimal]] = ()
    incoming: Sequence[tuple[dt.date, Decimal]] = ()
    waiting: Sequence[tuple[dt.date | None, Decimal]] = ()
    kept: Sequence[tuple[dt.date, Decimal]] = ()
    released_from: dt.date | None = None
    fresh_days: int = 0
    confidence_share: Decimal = Decimal(1)

    def days(self) -> set[dt.date]:
        """The days on which more can become available."""
        said = {day for day, _units in self.incoming} | {day for day, _units in self.kept}
        return said | ({self.released_from} if self.released_from else set())


def promisable_units(*, supply: Supply, day: dt.date, today: dt.date) -> Decimal:
    """Units that can be promised for `day`, which is not before `today`; never below zero.

    = free lots that still keep long enough on that day − kept + the least, from that day on, of incoming − waiting.
    What was expected before today and has not come is not promised.
    """
    if supply.released_from is not None and day < supply.released_from:
        return NOTHING
    fresh_from = day + dt.timedelta(days=supply.fresh_days)
    free = sum((units for off, units in supply.free if off is None or off >= fresh_from), NOTHING)
    counted = (free * supply.confidence_share).quantize(Decimal("0.001"), rounding=ROUND_DOWN)
    kept = sum((units for until, units in supply.kept if day < until), NOTHING)
    return max(counted - kept + _least_from(supply=supply, day=day, today=today), NOTHING)


def bundle_units(*, units_by_component: Mapping[int, Decimal], parts: Sequence[tuple[int, Decimal]]) -> Decimal:
    """Whole bundles that can be made of the components: `parts` are (component id, units in one bundle)."""
    return min((units_by_component.get(component, NOTHING) // each for component, each in parts), default=NOTHING)


def earliest_day(
    *,
    supplies: Mapping[int, Sequence[Supply]],
    parts: Sequence[tuple[int, Decimal]],
    units: Decimal,
    from_day: dt.date,
    today: dt.date,
) -> dt.date | None:
    """The first day from `from_day` on for which so many can be promised, all places together; None: none known.

    `supplies` by component id; a product that is no bundle is its own one component, with one unit.
    """
    known = {day for component, _each in parts for supply in supplies.get(component, ()) for day in supply.days()}
    for day in [from_day, *sorted(day for day in known if day > from_day)]:
        if all(
            total_units(supplies=supplies.get(component, ()), day=day, today=today) >= units * each
            for component, each in parts
        ):
            return day
    return None


def total_units(*, supplies: Iterable[Supply], day: dt.date, today: dt.date) -> Decimal:
    """Units that can be promised for a day, all places together."""
    return sum((promisable_units(supply=one, day=day, today=today) for one in supplies), NOTHING)


def _least_from(*, supply: Supply, day: dt.date, today: dt.date) -> Decimal:
    changes = [(when, units) for when, units in supply.incoming if when >= today]
    changes += [(max(when or today, today), -units) for when, units in supply.waiting]
    level = sum((units for when, units in changes if when <= day), NOTHING)
    least = level
    later = sorted({when for when, _units in changes if when > day})
    for moment in later:
        level += sum((units for when, units in changes if when == moment), NOTHING)
        least = min(least, level)
    return least
