"""What the Overview shows: the decisions that wait for this person, the last night, and how fresh everything is."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.db import connection

from reorder.domain.planning import customer_list
from reorder.domain.planning import queries as planning
from reorder.domain.planning.queries import RunRow, StepRow
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.buying import BuyingSummary, summarise_buying
from reorder.insights.messages import MessagesSummary, summarise_messages
from reorder.insights.order_problems import OrdersToday, summarise_today
from reorder.kernel import clock

NIGHT: Final = "night"
DEMO: Final = "demo"
DUE_COUNTED_MOST: Final = 10_000
_STEPS_OF_NIGHT: Final = 9
_STEPS_OF_DEMO: Final = 4
_SALES_KEPT_SECONDS: Final = 86_400
# Segments that somebody should look at when they grow.
AT_RISK: Final = ("at_risk", "needs_attention", "lost")

# One round trip for everything that is a single number. An empty list of places means all of them.
_FACTS: Final = """
SELECT (SELECT count(*) FROM procrastinate_workers
        WHERE last_heartbeat > now() - 2 * %(timeout)s * interval '1 second'),
       (SELECT max(ordered_at) FROM orders_order),
       (SELECT max(finished_at) FROM channels_importfile WHERE state = 'done'),
       EXISTS (SELECT 1 FROM catalog_product),
       EXISTS (SELECT 1 FROM purchasing_supplier),
       EXISTS (SELECT 1 FROM inventory_level),
       (SELECT count(*) FROM staff_user WHERE is_active),
       arriving.today_count, arriving.late_count, arriving.partly_count
FROM (SELECT count(*) FILTER (WHERE bought.expected_date = %(today)s) AS today_count,
             count(*) FILTER (WHERE bought.expected_date < %(today)s) AS late_count,
             count(*) FILTER (WHERE bought.state = 'partly_received') AS partly_count
      FROM purchasing_purchaseorder AS bought JOIN inventory_place AS place ON place.id = bought.place_id
      WHERE bought.state IN ('placed', 'partly_received')
        AND (%(places)s::text[] = '{}' OR place.code = ANY(%(places)s::text[]))) AS arriving
"""
# Whole days only, so that a morning is not compared with a day; the shop's currency only, since none is exchanged.
_SALES: Final = """
SELECT o.ordered_at >= (%(middle)s::timestamp AT TIME ZONE %(zone)s) AS is_recent,
       count(DISTINCT o.id), count(DISTINCT o.customer_id),
       coalesce(sum(round(line.units * line.unit_price_minor)) FILTER (WHERE o.currency = %(currency)s), 0)::bigint
FROM orders_order AS o JOIN orders_orderline AS line ON line.order_id = o.id
WHERE o.state = 'placed' AND o.ordered_at >= (%(first)s::timestamp AT TIME ZONE %(zone)s)
  AND o.ordered_at < (%(end)s::timestamp AT TIME ZONE %(zone)s)
GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """Work that is under way: which step of how many."""

    kind: str
    step: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Night:
    """The night whose figures are shown, and how old they are; `failed` is a later run that did not succeed."""

    run: RunRow | None
    steps: Sequence[StepRow]
    failed: RunRow | None
    age_days: int

    @property
    def seconds(self) -> float:
        """What its steps took together; a night may have been interrupted in between."""
        return sum(step.seconds or 0.0 for step in self.steps)


@dataclass(frozen=True, slots=True)
class Facts:
    """Single numbers about the shop."""

    workers_count: int
    last_order_at: dt.datetime | None
    last_import_at: dt.datetime | None
    has_products: bool
    has_suppliers: bool
    has_stock: bool
    people_count: int
    arriving_today_count: int
    arriving_late_count: int
    partly_received_count: int


@dataclass(frozen=True, slots=True)
class Week:
    """Seven whole days of sales; money in minor units of the shop's currency."""

    orders_count: int = 0
    customers_count: int = 0
    sales_minor: int = 0


@dataclass(frozen=True, slots=True)
class Sales:
    """The last seven whole days before `before_date`, and the seven before them."""

    before_date: dt.date
    recent: Week
    previous: Week


@dataclass(frozen=True, slots=True)
class Due:
    """Customers expected to buy within seven and within fourteen days, counted up to DUE_COUNTED_MOST."""

    week_count: int
    fortnight_count: int


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """How many customers a segment has, and how many it had the night before (None: there was none)."""

    segment: str
    count: int
    previous_count: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the page needs; None where this actor may not look."""

    today: dt.date
    night: Night
    progress: Progress | None
    facts: Facts
    buying: BuyingSummary | None
    messages: MessagesSummary | None
    due: Due | None
    segments: Sequence[SegmentChange]
    sales: Sales | None
    orders: OrdersToday | None = None

    @property
    def is_new(self) -> bool:
        """Whether this shop has not had a night yet: there is nothing to decide, and much to set up."""
        return self.night.run is None


def summarise_overview(*, actor: Actor, today: dt.date) -> Overview:
    """What this actor should know today."""
    runs = planning.list_runs(limit=30)
    night = _night(runs=runs, today=today)
    may_see_messages = actor.may(Ability.VIEW_MARKETING_MESSAGES) or actor.may(Ability.VIEW_SUPPLIER_MESSAGES)
    return Overview(
        today=today,
        night=night,
        progress=_progress(runs=runs),
        facts=_facts(actor=actor, today=today),
        buying=summarise_buying(actor=actor, as_of=today) if actor.may(Ability.VIEW_BUYING) else None,
        messages=summarise_messages(actor=actor) if may_see_messages else None,
        due=_due(today=today) if actor.may(Ability.VIEW_CUSTOMERS) else None,
        segments=_segments(runs=runs, night=night) if actor.may(Ability.VIEW_CUSTOMERS) else (),
        sales=_sales(night=night) if actor.may(Ability.VIEW_ORDERS) else None,
        orders=_orders(actor=actor, today=today) if actor.may(Ability.VIEW_ORDERS) else None,
    )


def find_progress() -> Progress | None:
    """The work under way, for the part of the page that asks again and again."""
    return _progress(runs=planning.list_runs(limit=30))


def _night(*, runs: Sequence[RunRow], today: dt.date) -> Night:
    nights = [run for run in runs if run.kind == NIGHT]
    good = next((run for run in nights if run.state == "succeeded"), None)
    good = good or planning.find_latest_run(kind=NIGHT, state="succeeded")
    failed = nights[0] if nights and nights[0].state == "failed" else None
    return Night(
        run=good,
        steps=planning.list_steps(run_id=good.id) if good else (),
        failed=failed,
        age_days=max((today - good.as_of_date).days, 0) if good else 0,
    )


def _progress(*, runs: Sequence[RunRow]) -> Progress | None:
    night = next((run for run in runs if run.kind == NIGHT), None)
    demo = next((run for run in runs if run.kind == DEMO), None)
    demo_steps = _STEPS_OF_DEMO if demo else 0
    if demo and demo.state == "running":
        done, step = _place(run_id=demo.id)
        return Progress(DEMO, step, done, _STEPS_OF_DEMO + _STEPS_OF_NIGHT)
    # Between the loading and its night nothing runs for a moment, and it is not over.
    is_between = demo is not None and demo.state == "succeeded" and (night is None or night.id < demo.id)
    if is_between:
        return Progress(DEMO, "", demo_steps, demo_steps + _STEPS_OF_NIGHT)
    if night is None or night.state != "running":
        return None
    done, step = _place(run_id=night.id)
    is_first = demo is not None and demo.as_of_date == night.as_of_date
    before = demo_steps if is_first else 0
    return Progress(DEMO if is_first else NIGHT, step, before + done, before + _STEPS_OF_NIGHT)


def _place(*, run_id: int) -> tuple[int, str]:
    steps = planning.list_steps(run_id=run_id)
    done = sum(step.state == "succeeded" for step in steps)
    return done, next((step.name for step in steps if step.state == "running"), "")


def _facts(*, actor: Actor, today: dt.date) -> Facts:
    asked: dict[str, Any] = {
        "timeout": settings.REORDER.worker_timeout_seconds,
        "today": today,
        "places": sorted(actor.place_codes),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, asked)
        row: Any = cursor.fetchone()
    return Facts(*row)


def _orders(*, actor: Actor, today: dt.date) -> OrdersToday:
    since = clock.midnight(date=today, time_zone=settings.REORDER.time_zone)
    return summarise_today(actor=actor, moment=clock.current_moment(), since=since, limit=DUE_COUNTED_MOST)


def _due(*, today: dt.date) -> Due:
    week, fortnight, _paused = customer_list.count_waiting(today=today, limit=DUE_COUNTED_MOST)
    return Due(week, fortnight)


def _segments(*, runs: Sequence[RunRow], night: Night) -> list[SegmentChange]:
    """Of the segments that need somebody, how they changed since the night before the last."""
    now = _segments_of(night.steps)
    earlier = next(
        (
            run
            for run in runs
            if night.run and run.kind == NIGHT and run.state == "succeeded" and run.as_of_date < night.run.as_of_date
        ),
        None,
    )
    before = _segments_of(planning.list_steps(run_id=earlier.id)) if earlier else None
    return [
        SegmentChange(name, int(now[name]), int(before.get(name, 0)) if before is not None else None)
        for name in AT_RISK
        if name in now
    ]


def _segments_of(steps: Sequence[StepRow]) -> dict[str, Any]:
    found = next((step.details.get("segments") for step in steps if step.name == "value_customers"), None)
    return dict(found) if isinstance(found, dict) else {}


def _sales(*, night: Night) -> Sales | None:
    """Counted once for each night, and kept: the days it is about are over."""
    if night.run is None:
        return None
    key = f"reorder.overview.sales.{night.run.id}"
    known = cache.get(key)
    if known is None:
        known = _count_sales(before=night.run.as_of_date)
        cache.set(key, known, _SALES_KEPT_SECONDS)
    return Sales(night.run.as_of_date, Week(**known["recent"]), Week(**known["previous"]))


def _count_sales(*, before: dt.date) -> dict[str, dict[str, int]]:
    asked: dict[str, Any] = {
        "first": before - dt.timedelta(days=14),
        "middle": before - dt.timedelta(days=7),
        "end": before,
        "zone": settings.REORDER.time_zone,
        "currency": settings.REORDER.currency,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SALES, asked)
        rows = {bool(row[0]): Week(*map(int, row[1:])) for row in cursor.fetchall()}
    return {"recent": asdict(rows.get(True, Week())), "previous": asdict(rows.get(False, Week()))}
