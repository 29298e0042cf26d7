"""Reads of alerts: one page by money at stake, counts by kind and place, and one alert with what came before it."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import polars as pl
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Sum

from reorder.domain.catalog.models import Product
from reorder.domain.planning.errors import UnknownAlert
from reorder.domain.planning.models import Alert
from reorder.domain.storage import read_frame

AlertTab = Literal["open", "critical", "snoozed", "resolved"]
KINDS: Final = tuple(Alert.Kind.values)
SEVERITIES: Final = {1: "info", 2: "warning", 3: "critical"}
_EARLIER_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """One alert as a list shows it; `subject` is a SKU or a category's subject, empty where it is about neither."""

    id: int
    kind: str
    key: str
    subject: str
    place_code: str
    supplier_code: str
    order_number: str
    severity: str
    stake_minor: int
    currency: str
    probability: float | None
    reason_code: str
    reason_parameters: dict[str, Any]
    run_key: int | None
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime
    reopened_count: int
    resolved_at: dt.datetime | None
    snoozed_until: dt.datetime | None
    snoozed_by: str
    snooze_note: str

    def is_snoozed(self, *, moment: dt.datetime) -> bool:
        """Whether somebody has put it off beyond this moment."""
        return self.snoozed_until is not None and self.snoozed_until > moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What may and shall be listed; an empty set of places or kinds means all of them.

    What belongs to no place is of the whole shop: only somebody without limit sees it. `is_each` lists stock below its
    safety stock also where the same stock runs out, which says more of the same.
    """

    tab: AlertTab = "open"
    kinds: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    severity: str = ""
    text: str = ""
    is_each: bool = False


@dataclass(frozen=True, slots=True)
class AlertCount:
    """Open alerts that nobody has put off, of one kind, place and severity; `stake_minor` of one currency."""

    kind: str
    place_code: str
    severity: str
    currency: str
    count: int
    stake_minor: int


def list_alert_page(
    *, asked: Asked, moment: dt.datetime, after: tuple[int | dt.datetime, int] | None = None, limit: int = 50
) -> list[AlertRow]:
    """One page, the most money first; resolved ones the latest first.

    `after` are stake (or the moment it was resolved) and id of the last row seen.
    """
    rows = _of(asked=asked, moment=moment)
    column = "resolved_at" if asked.tab == "resolved" else "stake_minor"
    if after is not None:
        value, last_id = after
        rows = rows.filter(Q(**{f"{column}__lt": value}) | Q(**{column: value, "pk__lt": last_id}))
    return [_row(alert) for alert in rows.order_by(f"-{column}", "-pk")[:limit]]


def list_alerts_by_id(*, ids: Sequence[int]) -> list[AlertRow]:
    """These alerts, open or not; unknown ids are left out."""
    return [
        _row(alert) for alert in Alert.objects.filter(pk__in=[one for one in ids if 0 < one < 2**63]).order_by("pk")
    ]


def get_alert(*, alert_id: int) -> AlertRow:
    """One alert, open or not; raises UnknownAlert."""
    found = list_alerts_by_id(ids=[alert_id])
    if not found:
        raise UnknownAlert(alert_id=alert_id)
    return found[0]


def list_earlier(*, row: AlertRow) -> list[AlertRow]:
    """The same condition at earlier times, the latest first."""
    rows = Alert.objects.filter(kind=row.kind, key=row.key, pk__lt=row.id)
    return [_row(alert) for alert in rows.order_by("-pk")[:_EARLIER_SHOWN]]


def count_open(*, moment: dt.datetime) -> list[AlertCount]:
    """What waits for somebody, by kind, place, severity and currency; stock that runs out is counted once."""
    by = ("kind", "place_code", "severity", "currency")
    rows = _of(asked=Asked(), moment=moment).values(*by).annotate(count=Count("pk"), stake=Sum("stake_minor"))
    return [
        AlertCount(
            one["kind"],
            one["place_code"],
            SEVERITIES[one["severity"]],
            one["currency"],
            one["count"],
            int(one["stake"]),
        )
        for one in rows.order_by(*by)
    ]


def list_news(
    *, asked: Asked, since: dt.datetime, moment: dt.datetime, is_urgent: bool, limit: int
) -> tuple[list[AlertRow], int]:
    """What has opened, come out of its snooze or (`is_urgent`: only these) become critical in (since, moment].

    The most severe and most money first, at most `limit`, and how many there are in all.
    """
    rows = _of(asked=asked, moment=moment)
    woken = Q(snoozed_until__gt=since, snoozed_until__lte=moment)
    if is_urgent:
        rows = rows.filter(Q(critical_at__gt=since, critical_at__lte=moment) | woken, severity=3)
    else:
        rows = rows.filter(Q(first_seen_at__gt=since, first_seen_at__lte=moment) | woken)
    return [_row(alert) for alert in rows.order_by("-severity", "-stake_minor", "-pk")[:limit]], rows.count()


def find_newest() -> int:
    """The alert that opened last; 0 before the first."""
    return Alert.objects.aggregate(newest=Max("pk"))["newest"] or 0


def frame_planned_weeks() -> pl.DataFrame:
    """What the plan said of past weeks: sku (subject), place, date, planned_units, deviation_units."""
    return read_frame(
        query="""SELECT subject AS sku, place_code AS place, date, mean_units AS planned_units, deviation_units
                 FROM planning_plannedweek"""
    )


def _of(*, asked: Asked, moment: dt.datetime) -> "QuerySet[Alert]":
    rows = Alert.objects.filter(resolved_at__isnull=asked.tab != "resolved")
    is_asleep = Q(snoozed_until__gt=moment)
    if asked.tab == "snoozed":
        rows = rows.filter(is_asleep)
    elif asked.tab != "resolved":
        rows = rows.filter(Q(snoozed_until__isnull=True) | ~is_asleep)
    if asked.tab == "critical":
        rows = rows.filter(severity=3)
    rows = rows.filter(kind__in=asked.kinds) if asked.kinds else rows
    if not asked.is_each and asked.tab != "resolved":
        worse = Alert.objects.filter(kind=Alert.Kind.RUNS_OUT, key=OuterRef("key"), resolved_at__isnull=True)
        rows = rows.exclude(Q(kind=Alert.Kind.BELOW_SAFETY_STOCK) & Exists(worse))
    rows = rows.filter(place_code__in=asked.places) if asked.places else rows
    if asked.severity:
        rows = rows.filter(severity__in=[number for number, word in SEVERITIES.items() if word == asked.severity])
    return _with_text(rows, asked.text) if asked.text else rows


def _with_text(rows: "QuerySet[Alert]", text: str) -> "QuerySet[Alert]":
    named = Product.objects.filter(name__icontains=text).values("sku")
    return rows.filter(Q(subject__icontains=text) | Q(order_number__icontains=text) | Q(subject__in=named))


def _row(alert: Alert) -> AlertRow:
    return AlertRow(
        id=alert.pk,
        kind=alert.kind,
        key=alert.key,
        subject=alert.subject,
        place_code=alert.place_code,
        supplier_code=alert.supplier_code,
        order_number=alert.order_number,
        severity=SEVERITIES[alert.severity],
        stake_minor=alert.stake_minor,
        currency=alert.currency,
        probability=alert.probability,
        reason_code=alert.reason_code,
        reason_parameters=alert.reason_parameters,
        run_key=alert.run_key,
        first_seen_at=alert.first_seen_at,
        last_seen_at=alert.last_seen_at,
        reopened_count=alert.reopened_count,
        resolved_at=alert.resolved_at,
        snoozed_until=alert.snoozed_until,
        snoozed_by=alert.snoozed_by,
        snooze_note=alert.snooze_note,
    )


def kinds_within(*, kinds: Collection[str]) -> frozenset[str]:
    """Those of these kinds that exist."""
    return frozenset(kinds) & frozenset(KINDS)
