"""Who gets what in the coming day, and who gets none: read for the page on which it is let go."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reorder.domain.marketing.limits import Limits, find_limits
from reorder.domain.marketing.waiting import count_waiting
from reorder.domain.messaging import tonight
from reorder.domain.messaging.tonight import KeptBack, TonightMessage, TonightSource
from reorder.insights import due

AHEAD = dt.timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Coming:
    """Sources with what they send in the coming day."""

    sources: Sequence[TonightSource]

    @property
    def planned_count(self) -> int:
        """Messages that go."""
        return sum(one.planned for one in self.sources)

    @property
    def unapproved_count(self) -> int:
        """Messages that nobody has let go."""
        return sum(one.unapproved for one in self.sources)


@dataclass(frozen=True, slots=True)
class TonightPage(Coming):
    """And what was decided otherwise, what waits, and the limits that hold."""

    kept_back: Sequence[KeptBack]
    waiting: Mapping[str, int]
    limits: Limits


def find_coming(*, moment: dt.datetime) -> Coming:
    """The coming 24 hours alone."""
    return Coming(sources=tonight.list_tonight(until=moment + AHEAD))


def get_tonight(*, moment: dt.datetime) -> TonightPage:
    """The coming 24 hours, and why others got none in the last 24."""
    return TonightPage(
        sources=find_coming(moment=moment).sources,
        kept_back=tonight.count_kept_back(since=moment - AHEAD),
        waiting=count_waiting(),
        limits=find_limits(),
    )


def name_subjects(*, messages: Sequence[TonightMessage]) -> dict[str, str]:
    """What to call the products and categories that these messages are about."""
    named = due.name_subjects(subjects={key for one in messages for key in one.subjects})
    return {key: name for key, (name, _) in named.items()}


def list_people(
    *, source_kind: str, source_key: str, after: tuple[dt.datetime, int] | None, moment: dt.datetime, limit: int
) -> list[TonightMessage]:
    """The people of one source, by the hour at which their message goes."""
    return tonight.list_tonight_messages(
        source_kind=source_kind, source_key=source_key, until=moment + AHEAD, after=after, limit=limit
    )
