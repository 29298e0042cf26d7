"""The overview of marketing and its calendar: what waits for a word, what runs, what went out, what comes when."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reorder.insights.reading import read_rows

SENT_DAYS: Final = 28
_MOST_ENTRIES: Final = 200
_STANDING: Final = """
SELECT
    (SELECT count(*) FROM marketing_journey WHERE state = 'live') AS journeys_live,
    (SELECT count(*) FROM marketing_journey WHERE state = 'paused') AS journeys_paused,
    (SELECT count(*) FROM marketing_enrolment WHERE state = 'active') AS people_inside,
    (SELECT count(*) FROM marketing_enrolment WHERE state = 'failed' AND finished_at > %(week)s) AS ways_failed,
    (SELECT count(*) FROM marketing_campaign WHERE state = 'submitted') AS campaigns_submitted,
    (SELECT count(*) FROM marketing_campaign WHERE state IN ('scheduled', 'sending')) AS campaigns_coming,
    (SELECT min(starts_at) FROM marketing_campaign WHERE state = 'scheduled') AS next_campaign_at,
    (SELECT count(*) FROM marketing_templateversion WHERE state = 'waiting') AS templates_waiting
"""
_SENT: Final = """
SELECT (finished_at AT TIME ZONE %(zone)s)::date AS day, channel, count(*) AS count
FROM messaging_outboxmessage
WHERE state = 'sent' AND purpose = 'marketing' AND finished_at >= %(since)s AND customer_id IS NOT NULL
GROUP BY 1, 2
"""
# A campaign stands on every day of its window; drafts and cancelled ones do not.
_CAMPAIGNS: Final = """
SELECT code, name, state, starts_at, ends_at, audience_count
FROM marketing_campaign
WHERE state IN ('submitted', 'scheduled', 'sending', 'sent')
  AND starts_at < %(until)s AND coalesce(ends_at, starts_at) >= %(since)s
ORDER BY starts_at, code LIMIT %(limit)s
"""
_POSTS: Final = """
SELECT post.title, left(post.text, 80) AS text, post.state, post.send_after, account.name AS account
FROM messaging_channelpost AS post JOIN messaging_channelaccount AS account ON account.id = post.account_id
WHERE post.send_after >= %(since)s AND post.send_after < %(until)s AND post.state <> 'stopped'
ORDER BY post.send_after LIMIT %(limit)s
"""
_ENTRIES: Final = """
SELECT name, kind, from_date, until_date
FROM planning_calendarentry
WHERE withdrawn_at IS NULL AND from_date < %(until_date)s AND until_date >= %(since_date)s
ORDER BY from_date, name LIMIT %(limit)s
"""
_LOAD: Final = """
SELECT (send_after AT TIME ZONE %(zone)s)::date AS day,
       count(*) FILTER (WHERE state = 'planned') AS planned, count(*) FILTER (WHERE state = 'sent') AS sent
FROM messaging_outboxmessage
WHERE purpose = 'marketing' AND customer_id IS NOT NULL AND state IN ('planned', 'sent')
  AND send_after >= %(since)s AND send_after < %(until)s
GROUP BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What runs and what waits for a person, counted now; failures are those of the last seven days."""

    journeys_live: int
    journeys_paused: int
    people_inside: int
    ways_failed: int
    campaigns_submitted: int
    campaigns_coming: int
    next_campaign_at: dt.datetime | None
    templates_waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarCampaign:
    """A campaign that goes, went, or waits for somebody's word."""

    code: str
    name: str
    state: str
    starts_at: dt.datetime
    ends_at: dt.datetime | None
    audience_count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarPost:
    """A post to a channel that everybody reads."""

    title: str
    text: str
    state: str
    send_after: dt.datetime
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopEntry:
    """A promotion, event, holiday or closing of the shop's calendar; both days included."""

    name: str
    kind: str
    from_date: dt.date
    until_date: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLoad:
    """Marketing messages of one day."""

    planned: int
    sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketingCalendar:
    """Everything of some days."""

    campaigns: Sequence[CalendarCampaign]
    posts: Sequence[CalendarPost]
    entries: Sequence[ShopEntry]
    loads: Mapping[dt.date, DayLoad]


def read_standing(*, moment: dt.datetime) -> Standing:
    """One row of counts."""
    (row,) = read_rows(statement=_STANDING, parameters={"week": moment - dt.timedelta(days=7)})
    return Standing(**row)


def count_sent(*, midnight: dt.datetime, today: dt.date, zone: str) -> dict[str, list[int]]:
    """Marketing messages that left on each of the last 28 days, by channel; `midnight` is where `today` begins."""
    first = today - dt.timedelta(days=SENT_DAYS - 1)
    since = midnight - dt.timedelta(days=SENT_DAYS - 1)
    found: dict[str, list[int]] = {}
    for row in read_rows(statement=_SENT, parameters={"since": since, "zone": zone}):
        place = (row["day"] - first).days
        if 0 <= place < SENT_DAYS:
            found.setdefault(row["channel"], [0] * SENT_DAYS)[place] = row["count"]
    return found


def read_calendar(
    *, since: dt.datetime, until: dt.datetime, since_date: dt.date, until_date: dt.date, zone: str
) -> MarketingCalendar:
    """What stands between two midnights of the shop's zone; `since_date` and `until_date` are the same two, as days."""
    given = {
        "since": since, "until": until, "since_date": since_date, "until_date": until_date,
        "zone": zone, "limit": _MOST_ENTRIES,
    }  # fmt: skip
    return MarketingCalendar(
        campaigns=[CalendarCampaign(**row) for row in read_rows(statement=_CAMPAIGNS, parameters=given)],
        posts=[CalendarPost(**row) for row in read_rows(statement=_POSTS, parameters=given)],
        entries=[ShopEntry(**row) for row in read_rows(statement=_ENTRIES, parameters=given)],
        loads={
            row["day"]: DayLoad(planned=row["planned"], sent=row["sent"])
            for row in read_rows(statement=_LOAD, parameters=given)
        },
    )
