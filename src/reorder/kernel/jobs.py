"""Job names, and deferring by name: whoever causes work names it, and only `jobs/` knows the code behind the name.

The queue is plugged in at start-up (`use_queue`), so that flows can defer inside their transaction without importing
the queue's library.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from reorder.kernel.errors import ReorderError

JobArgument = int | str | list[int] | list[str] | None


class JobName(StrEnum):
    """Every job there is; `jobs/schedule` says which are periodic."""

    RUN_NIGHT = "run_night"
    MEASURE_EFFECTS = "measure_effects"
    DRAIN_DIRTY = "drain_dirty"
    SEND_OUTBOX = "send_outbox"
    SEND_ALERTS = "send_alerts"
    LEARN_MODELS = "learn_models"
    RETRY_STALLED = "retry_stalled"
    CHECK_LEDGER = "check_ledger"
    FORGET_ANSWERS = "forget_answers"
    FORGET_EVENTS = "forget_events"
    DRAIN_EVENTS = "drain_events"
    IMPORT_UPLOAD = "import_upload"
    START_NIGHT = "start_night"
    ORDER_AUTOMATICALLY = "order_automatically"
    RUN_BACKTEST = "run_backtest"
    CHECK_SERVICE = "check_service"
    SWEEP_HOLDS = "sweep_holds"
    FILL_BACKORDERS = "fill_backorders"
    CANCEL_UNPAID = "cancel_unpaid"
    CHECK_MONEY = "check_money"
    ADVANCE_ORDERS = "advance_orders"
    TAKE_ORDER_STEPS = "take_order_steps"
    REROUTE_ORDERS = "reroute_orders"
    REROUTE_PLACE = "reroute_place"
    WATCH_PARCELS = "watch_parcels"
    POLL_CARRIERS = "poll_carriers"
    FORGET_STRAYS = "forget_strays"
    SEND_WEBHOOKS = "send_webhooks"
    BUY_LABELS = "buy_labels"
    BUY_LABEL = "buy_label"
    VOID_LABEL = "void_label"
    RECOVER_LABELS = "recover_labels"
    FORGET_WEBHOOKS = "forget_webhooks"
    FORGET_VISITS = "forget_visits"
    EXPIRE_RETURNS = "expire_returns"
    RELEASE_WAVE = "release_wave"
    TRY_CARTON = "try_carton"
    PLAN_COUNTS = "plan_counts"
    LOOK_AT_WAITING = "look_at_waiting"
    SEND_CAMPAIGNS = "send_campaigns"
    KEEP_PRIVACY = "keep_privacy"
    STEP_JOURNEYS = "step_journeys"
    LOOK_FOR_FACTS = "look_for_facts"
    FORGET_WAYS = "forget_ways"
    REFRESH_SEGMENTS = "refresh_segments"
    COUNT_SEGMENTS = "count_segments"
    IMPORT_LIST = "import_list"


class Queue(Protocol):
    """What a queue must do for us: remember a job in the caller's open transaction."""

    def defer(self, *, name: JobName, arguments: Mapping[str, JobArgument], once_key: str | None) -> None: ...


class QueueNotReady(ReorderError):
    code = "jobs.queue_not_ready"
    template = "job {name} was deferred before the application was set up"


_queue: list[Queue] = []


def use_queue(queue: Queue) -> None:
    """Plug in the queue; the last one plugged in wins."""
    _queue[:] = [queue]


def defer_job(
    *, name: JobName, arguments: Mapping[str, JobArgument] | None = None, once_key: str | None = None
) -> None:
    """Remember a job in the open transaction; with `once_key` at most one such job waits at a time."""
    if not _queue:
        raise QueueNotReady(name=name)
    _queue[0].defer(name=name, arguments=arguments or {}, once_key=once_key)
