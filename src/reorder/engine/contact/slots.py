"""When a message may go: waking hours on the person's clock, the best of them, and the caps of any window; pure."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from reorder.engine.contact.values import UTC, Cap, Contact

# A slot beyond this is no plan any more.
MOST_DAYS = 60
_DAY = dt.timedelta(days=1)


def is_quiet(*, moment: dt.datetime, zone: ZoneInfo, waking: tuple[int, int]) -> bool:
    """Whether marketing must rest at this moment on a clock of `zone`."""
    return not waking[0] <= moment.astimezone(zone).hour < waking[1]


def waking_from(*, moment: dt.datetime, zone: ZoneInfo, waking: tuple[int, int]) -> dt.datetime:
    """The first moment from this one on that is not quiet."""
    if not is_quiet(moment=moment, zone=zone, waking=waking):
        return moment
    local = moment.astimezone(zone)
    day = local.date() if local.hour < waking[0] else local.date() + _DAY
    return _on_clock(day=day, hour=waking[0], zone=zone)


def list_slots(
    *,
    start: dt.datetime,
    latest: dt.datetime,
    zone: ZoneInfo,
    waking: tuple[int, int],
    hour: int,
    goes_at_once: bool = False,
) -> Iterator[dt.datetime]:
    """Moments at which a message may go, one a day, all within waking hours and not after `latest`.

    The first is the hour of the first day; when that hour has passed or it goes at once, as soon as waking hours allow;
    so too when the hour would come too late. Then the hour of each following day.
    """
    awake = waking_from(moment=start, zone=zone, waking=waking)
    wished = _on_clock(day=awake.astimezone(zone).date(), hour=hour, zone=zone)
    first = wished if awake <= wished <= latest and not goes_at_once else awake
    if first > latest:
        return
    yield first
    day = first.astimezone(zone).date()
    for _ in range(MOST_DAYS):
        day += _DAY
        slot = _on_clock(day=day, hour=hour, zone=zone)
        if slot > latest:
            return
        yield slot


def _on_clock(*, day: dt.date, hour: int, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Blocked:
    """The cap that one more message would break, and the messages that fill it."""

    cap: Cap
    contacts: tuple[Contact, ...]


def find_blocked(*, at: dt.datetime, channel: str, contacts: Sequence[Contact], caps: Sequence[Cap]) -> Blocked | None:
    """What stands in the way of one more message at `at`: the first cap that some window with it would break."""
    for cap in caps:
        if cap.channel in {"", channel}:
            near = [one for one in contacts if cap.channel in {"", one.channel}]
            found = _of_window(at=at, near=near, cap=cap)
            if found is not None:
                return Blocked(cap, found)
    return None


def _of_window(*, at: dt.datetime, near: Sequence[Contact], cap: Cap) -> tuple[Contact, ...] | None:
    """The messages of a window around `at` in which one more would be one too many; None where there is none."""
    width = dt.timedelta(hours=cap.hours)
    around = sorted((one for one in near if abs(one.at - at) < width), key=lambda one: (one.at, one.message_id))
    if cap.limit <= 0:
        return tuple(around)
    # Every run of `limit` messages which, with this one, fits into the width.
    for place in range(len(around) - cap.limit + 1):
        run = around[place : place + cap.limit]
        if max(run[-1].at, at) - min(run[0].at, at) < width:
            return tuple(run)
    return None
