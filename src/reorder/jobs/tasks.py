"""Tasks behind the job names: one call down each; ids and dates in, safe to run twice.

No periodic one has a retry of its own: its next period is one, and a retry would collide with that one where it waits
already.
"""

import datetime as dt

from django.conf import settings
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from reorder.domain.storage import AlreadyRunning
from reorder.flows import (
    alerting,
    backtest,
    campaigns,
    channel_setup,
    contacting,
    counting,
    effects,
    event_intake,
    journeys,
    labels,
    learning,
    nightly,
    outbox,
    portal,
    privacy,
    promising,
    reports,
    restock,
    returns,
    segmenting,
    tracking,
    unpaid,
    upkeep,
    waves,
    webhooks,
)
from reorder.flows.file_import import uploads
from reorder.flows.fulfil import rerouting_jobs, timely
from reorder.flows.packing import trying
from reorder.jobs.schedule import PERIODIC, SWIFT
from reorder.jobs.stalled import take_over_stalled
from reorder.kernel import clock
from reorder.kernel.jobs import JobName


@app.task(name=JobName.RUN_NIGHT, queueing_lock="night", lock="night")
def run_night(timestamp: int | None = None) -> None:
    nightly.run_night_when_due(moment=clock.current_moment(), now=clock.current_moment)


@app.task(name=JobName.SEND_OUTBOX, queue=SWIFT, queueing_lock="outbox", lock="outbox")
def send_outbox(timestamp: int | None = None) -> None:
    outbox.send_due_messages(moment=clock.current_moment())
    outbox.send_due_posts(moment=clock.current_moment(), now=clock.current_moment)


@app.task(name=JobName.LOOK_AT_WAITING, queueing_lock="look_at_waiting", lock="look_at_waiting")
def look_at_waiting(timestamp: int | None = None) -> None:
    contacting.look_again(moment=clock.current_moment())


@app.task(name=JobName.SEND_CAMPAIGNS, queueing_lock="send_campaigns", lock="send_campaigns")
def send_campaigns(timestamp: int | None = None) -> None:
    campaigns.send_campaigns(moment=clock.current_moment())


@app.task(name=JobName.SEND_ALERTS, queueing_lock="alerts", lock="alerts")
def send_alerts(timestamp: int | None = None) -> None:
    alerting.send_alerts(moment=clock.current_moment())


@app.task(name=JobName.ORDER_AUTOMATICALLY, queueing_lock="automatic", lock="automatic")
def order_automatically(timestamp: int | None = None) -> None:
    restock.order_automatically(moment=clock.current_moment())


@app.task(name=JobName.DRAIN_DIRTY, queueing_lock="drain", lock="drain")
def drain_dirty(timestamp: int | None = None) -> None:
    upkeep.drain_dirty(as_of=clock.current_date(time_zone=settings.REORDER.time_zone), moment=clock.current_moment())


@app.task(name=JobName.REFRESH_SEGMENTS, queue=SWIFT, queueing_lock="refresh_segments", lock="refresh_segments")
def refresh_segments(timestamp: int | None = None) -> None:
    segmenting.refresh_marked(moment=clock.current_moment())


@app.task(name=JobName.COUNT_SEGMENTS, queueing_lock="count_segments", lock="count_segments")
def count_segments(timestamp: int | None = None, code: str | None = None) -> None:
    segmenting.count_when_due(moment=clock.current_moment(), changed_code=code)


@app.task(name=JobName.IMPORT_LIST)
def import_list(import_id: int) -> None:
    segmenting.run_list_import(import_id=import_id, moment=clock.current_moment())


@app.task(name=JobName.LEARN_MODELS, queueing_lock="learning", lock="learning")
def learn_models(timestamp: int | None = None) -> None:
    learning.learn_when_due(moment=clock.current_moment(), now=clock.current_moment)


@app.task(name=JobName.CHECK_LEDGER, queueing_lock="ledger")
def check_ledger(timestamp: int | None = None) -> None:
    upkeep.check_ledger(moment=clock.current_moment())


@app.task(name=JobName.FORGET_ANSWERS, queueing_lock="forget_answers")
def forget_answers(timestamp: int | None = None) -> None:
    upkeep.forget_answers(moment=clock.current_moment())


@app.task(name=JobName.CANCEL_UNPAID, queueing_lock="unpaid", lock="unpaid")
def cancel_unpaid(timestamp: int | None = None) -> None:
    unpaid.cancel_unpaid_orders(moment=clock.current_moment())


@app.task(name=JobName.STEP_JOURNEYS, queue=SWIFT, queueing_lock="journeys", lock="journeys")
def step_journeys(timestamp: int | None = None) -> None:
    journeys.take_facts_and_step(moment=clock.current_moment())


@app.task(name=JobName.LOOK_FOR_FACTS, queueing_lock="facts", lock="facts")
def look_for_facts(timestamp: int | None = None) -> None:
    journeys.look_for_facts(moment=clock.current_moment())


@app.task(name=JobName.EXPIRE_RETURNS, queueing_lock="returns", lock="returns")
def expire_returns(timestamp: int | None = None) -> None:
    returns.expire_returns(moment=clock.current_moment())


@app.task(name=JobName.CHECK_MONEY, queueing_lock="money")
def check_money(timestamp: int | None = None) -> None:
    unpaid.check_money()


@app.task(name=JobName.SEND_WEBHOOKS, queueing_lock="webhooks", lock="webhooks")
def send_webhooks(timestamp: int | None = None) -> None:
    webhooks.send_due_webhooks(moment=clock.current_moment())


@app.task(name=JobName.SWEEP_HOLDS, queueing_lock="holds", lock="holds")
def sweep_holds(timestamp: int | None = None) -> None:
    promising.sweep_holds(moment=clock.current_moment())


@app.task(name=JobName.FILL_BACKORDERS, queueing_lock="backorders", lock="backorders")
def fill_backorders(timestamp: int | None = None) -> None:
    promising.fill_backorders(moment=clock.current_moment())


@app.task(name=JobName.ADVANCE_ORDERS, queueing_lock="advance_orders", lock="advance_orders")
def advance_orders(timestamp: int | None = None) -> None:
    timely.advance_orders(moment=clock.current_moment())


@app.task(name=JobName.TAKE_ORDER_STEPS, queueing_lock="order_steps", lock="order_steps")
def take_order_steps(timestamp: int | None = None) -> None:
    timely.take_order_steps(moment=clock.current_moment())


@app.task(name=JobName.WATCH_PARCELS, queueing_lock="watch_parcels", lock="watch_parcels")
def watch_parcels(timestamp: int | None = None) -> None:
    tracking.watch_parcels(moment=clock.current_moment())


@app.task(name=JobName.POLL_CARRIERS, queueing_lock="poll_carriers", lock="poll_carriers")
def poll_carriers(timestamp: int | None = None) -> None:
    tracking.poll_carriers(moment=clock.current_moment())


@app.task(name=JobName.FORGET_STRAYS, queueing_lock="forget_strays")
def forget_strays(timestamp: int | None = None) -> None:
    tracking.forget_strays(moment=clock.current_moment())
    channel_setup.forget_strays(moment=clock.current_moment())


@app.task(name=JobName.RECOVER_LABELS, queueing_lock="recover_labels", lock="recover_labels")
def recover_labels(timestamp: int | None = None) -> None:
    labels.recover_labels(moment=clock.current_moment())


@app.task(name=JobName.BUY_LABELS)
def buy_labels(batch_id: int) -> None:
    labels.run_batch(batch_id=batch_id, moment=clock.current_moment())


@app.task(name=JobName.BUY_LABEL)
def buy_label(label_id: int) -> None:
    labels.buy_claimed(label_id=label_id, moment=clock.current_moment())


@app.task(name=JobName.VOID_LABEL)
def void_label(label_id: int, decided_by: str) -> None:
    labels.void_asked(label_id=label_id, decided_by=decided_by, moment=clock.current_moment())


@app.task(name=JobName.FORGET_WEBHOOKS, queueing_lock="forget_webhooks")
def forget_webhooks(timestamp: int | None = None) -> None:
    webhooks.forget_webhooks(moment=clock.current_moment())


@app.task(name=JobName.FORGET_WAYS, queueing_lock="forget_ways", lock="forget_ways")
def forget_ways(timestamp: int | None = None) -> None:
    journeys.forget_ways(moment=clock.current_moment())


@app.task(name=JobName.FORGET_VISITS, queueing_lock="forget_visits")
def forget_visits(timestamp: int | None = None) -> None:
    portal.forget_visits(moment=clock.current_moment())


@app.task(name=JobName.FORGET_EVENTS, queueing_lock="forget_events")
def forget_events(timestamp: int | None = None) -> None:
    upkeep.forget_events(moment=clock.current_moment())


@app.task(name=JobName.DRAIN_EVENTS, queue=SWIFT, queueing_lock="drain_events", lock="drain_events")
def drain_events(timestamp: int | None = None) -> None:
    event_intake.drain_events(moment=clock.current_moment())


@app.task(name=JobName.REROUTE_ORDERS, queueing_lock="reroute_orders", lock="reroute_orders")
def reroute_orders(timestamp: int | None = None, asked_by: str | None = None) -> None:
    rerouting_jobs.run_waves(asked_by=asked_by, moment=clock.current_moment())


@app.task(name=JobName.REROUTE_PLACE)
def reroute_place(place_code: str, asked_by: str) -> None:
    rerouting_jobs.run_place(place_code=place_code, asked_by=asked_by, moment=clock.current_moment())


@app.task(name=JobName.RELEASE_WAVE)
def release_wave(wave_id: int, asked_by: str) -> None:
    waves.run_release(wave_id=wave_id, asked_by=asked_by, moment=clock.current_moment())


@app.task(name=JobName.PLAN_COUNTS, queueing_lock="plan_counts", lock="plan_counts")
def plan_counts(timestamp: int | None = None) -> None:
    counting.plan_counts(moment=clock.current_moment())


@app.task(name=JobName.KEEP_PRIVACY, queueing_lock="keep_privacy", lock="keep_privacy")
def keep_privacy(timestamp: int | None = None) -> None:
    privacy.keep_privacy(moment=clock.current_moment())


@app.task(name=JobName.RUN_BACKTEST, queueing_lock="backtest", lock="backtest")
def run_backtest(timestamp: int | None = None, cuts_count: int | None = None, horizon_days: int | None = None) -> None:
    backtest.run_backtest_job(
        as_of=clock.current_date(time_zone=settings.REORDER.time_zone),
        now=clock.current_moment,
        cuts_count=cuts_count,
        horizon_days=horizon_days,
    )


@app.task(name=JobName.MEASURE_EFFECTS, queueing_lock="measure_effects", lock="measure_effects")
def measure_effects() -> None:
    moment = clock.current_moment()
    effects.measure_when_asked(as_of=clock.current_date(time_zone=settings.REORDER.time_zone), moment=moment)


@app.task(name=JobName.CHECK_SERVICE, queueing_lock="check_service", lock="check_service")
def check_service() -> None:
    reports.check_service_when_due(today=clock.current_date(time_zone=settings.REORDER.time_zone))


@app.task(name=JobName.TRY_CARTON, retry=RetryStrategy(max_attempts=3, wait=30))
def try_carton(trial_id: int) -> None:
    trying.run_trial(trial_id=trial_id, moment=clock.current_moment())


# One import after the other: while another runs, this one waits.
@app.task(name=JobName.IMPORT_UPLOAD, retry=RetryStrategy(wait=5, retry_exceptions=[AlreadyRunning]))
def import_upload(upload_id: int) -> None:
    uploads.run_upload(upload_id=upload_id)


@app.task(name=JobName.START_NIGHT)
def start_night(as_of: str, asked_at: str) -> None:
    nightly.run_asked_night(
        as_of=dt.date.fromisoformat(as_of), asked_at=dt.datetime.fromisoformat(asked_at), now=clock.current_moment
    )


@app.task(name=JobName.RETRY_STALLED, queueing_lock="stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int | None = None) -> None:
    """A new worker alone does not take over the jobs of a killed one, so we do."""
    await take_over_stalled(manager=context.app.job_manager, timeout_seconds=settings.REORDER.worker_timeout_seconds)


for _entry in PERIODIC:
    app.periodic(cron=_entry.cron, periodic_id=_entry.name.value)(app.tasks[_entry.name.value])
