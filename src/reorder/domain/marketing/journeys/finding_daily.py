"""Facts that a day brings: birthdays, anniversaries, customers who have probably left, and steady buyers."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from reorder.domain.storage import run_sql

# Of those who have probably left, and of steady buyers, a night names the best so many; the next night the next ones.
_MOST_A_NIGHT: Final = 5000
_SINCE_INSIDE: Final = """NOT EXISTS (
    SELECT FROM marketing_enrolment AS way JOIN marketing_journey AS journey ON journey.id = way.journey_id
    JOIN marketing_journeyversion AS version ON version.id = way.version_id
    WHERE way.customer_id = {customer} AND way.entered_at > %(moment)s::timestamptz - interval '{days} days'
      AND version.definition -> 'trigger' -> 'facts' ? %(kind)s)"""
_BIRTHDAY: Final = """
SELECT customer.id, '' AS subject, jsonb_build_object('entry', 'birthday:' || %(year)s::text) AS details
FROM customers_customer AS customer
WHERE customer.birthday IS NOT NULL AND customer.merged_into_id IS NULL AND customer.erased_at IS NULL
  AND to_char(customer.birthday, 'MMDD') = ANY(%(days)s)
"""
_ANNIVERSARY: Final = """
SELECT counted.customer_id, (%(year)s - extract(year FROM counted.first_date))::integer::text AS subject,
    jsonb_build_object('entry', 'anniversary:' || %(year)s::text,
        'years', (%(year)s - extract(year FROM counted.first_date))::integer) AS details
FROM planning_customerstatistic AS counted
WHERE to_char(counted.first_date, 'MMDD') = ANY(%(days)s) AND extract(year FROM counted.first_date) < %(year)s
"""
_CHURNING: Final = f"""
SELECT value.customer_id, '' AS subject, jsonb_build_object('entry', 'churning:' || %(date)s::text,
    'churn_share', round(value.churn_share::numeric, 3), 'value_minor', 0) AS details
FROM planning_customervalue AS value
WHERE value.churn_share >= 0.5 AND value.frequency >= 1 AND value.recency_days <= 730
  AND {_SINCE_INSIDE.format(customer="value.customer_id", days=120)}
ORDER BY value.monetary * value.frequency * (1 - value.churn_share) DESC, value.customer_id LIMIT %(most)s
"""  # noqa: S608 - our own words
# As steady as a clock: gaps that differ by little, and the last one is not long ago.
_STEADY: Final = f"""
SELECT DISTINCT ON (pair.customer_id) pair.customer_id, pair.subject,
    jsonb_build_object('entry', 'steady:' || pair.subject || ':' || %(date)s::text, 'gap_days', round(pair.mean_days))
        AS details
FROM (
    SELECT customer_id, subject, purchases_count, last_date,
        (last_date - first_date)::double precision / (purchases_count - 1) AS mean_days,
        gap_square_days::double precision / (purchases_count - 1) AS mean_square
    FROM planning_pairstatistic WHERE purchases_count >= 4 AND last_date > first_date
) AS pair JOIN catalog_product AS product ON product.sku = pair.subject AND product.state = 'active'
WHERE pair.mean_days BETWEEN 7 AND 120 AND pair.last_date + (pair.mean_days * 1.5)::integer >= %(date)s::date
  AND pair.mean_square - pair.mean_days ^ 2 <= (0.35 * pair.mean_days) ^ 2
  AND {_SINCE_INSIDE.format(customer="pair.customer_id", days=180)}
ORDER BY pair.customer_id, pair.purchases_count DESC, pair.subject LIMIT %(most)s
"""  # noqa: S608 - our own words
_NOTE: Final = """
INSERT INTO marketing_fact (kind, customer_id, subject, details, happened_at, key)
SELECT %(kind)s, found.id, found.subject, found.details || jsonb_build_object('at', %(at)s::text), %(moment)s,
    left(%(kind)s || ':' || found.id || ':' || %(date)s, 64)
FROM ({found}) AS found(id, subject, details)
ORDER BY found.id ON CONFLICT (key) DO NOTHING
"""
_FOUND: Final[Mapping[str, str]] = {
    "anniversary": _ANNIVERSARY,
    "birthday": _BIRTHDAY,
    "churning": _CHURNING,
    "subscription_suited": _STEADY,
}
OF_DAYS: Final = frozenset(_FOUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of the shop's calendar, and when on it messages go."""

    date: dt.date
    moment: dt.datetime
    time_zone: str
    send_hour: int

    @property
    def sends_at(self) -> dt.datetime:
        """The sending hour of the day, in UTC."""
        return dt.datetime.combine(self.date, dt.time(self.send_hour), ZoneInfo(self.time_zone)).astimezone(dt.UTC)

    @property
    def month_days(self) -> list[str]:
        """The day as MMDD; the last of February also stands for the 29th, in years that have none."""
        days = [f"{self.date:%m%d}"]
        is_last = (self.date + dt.timedelta(days=1)).day == 1
        return [*days, "0229"] if days == ["0228"] and is_last else days


def note_daily(*, kind: str, day: Day) -> int:
    """Note one kind of fact of a day; part of the caller's transaction. Safe to run twice: ways have keys."""
    return run_sql(
        statement=_NOTE.format(found=_FOUND[kind]),
        parameters={
            "kind": kind,
            "date": day.date.isoformat(),
            "year": day.date.year,
            "days": day.month_days,
            "at": day.sends_at.isoformat(),
            "moment": day.moment,
            "most": _MOST_A_NIGHT,
        },
    )
