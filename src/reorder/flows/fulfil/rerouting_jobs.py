"""Routing again as work for a job: asked for by a person, done once however often it is asked."""

import datetime as dt
import time
from dataclasses import replace

from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.fulfil.following import SYSTEM
from reorder.flows.fulfil.rerouting import PlaceRerouted, reroute_place
from reorder.flows.fulfil.waves import WaveRerouted, reroute_wave
from reorder.kernel.jobs import JobName, defer_job

# A wave is thought about for so long; nothing is held meanwhile.
WAVE_SECONDS = 5.0


def ask_for_wave(*, asked_by: str) -> None:
    """Let a job look at all unreleased orders together."""
    with one_transaction():
        record_audit(actor=asked_by, action="orders.ask_reroute", subject_kind="orders", subject_key="")
        defer_job(name=JobName.REROUTE_ORDERS, arguments={"asked_by": asked_by}, once_key="reroute_orders")


def ask_for_place(*, place_code: str, asked_by: str) -> None:
    """Let a job give the orders of a place that is out to other places."""
    with one_transaction():
        record_audit(actor=asked_by, action="orders.ask_reroute", subject_kind="place", subject_key=place_code)
        defer_job(
            name=JobName.REROUTE_PLACE,
            arguments={"place_code": place_code, "asked_by": asked_by},
            once_key=f"reroute_place {place_code}",
        )


def run_waves(
    *, asked_by: str | None, moment: dt.datetime, seconds: float = 300.0, limit: int = 1000
) -> list[WaveRerouted]:
    """All unreleased orders, `limit` together, the oldest first; at night nobody asked. Only time ends it before."""
    started = time.monotonic()
    actor = replace(SYSTEM, name=asked_by) if asked_by else SYSTEM
    done: list[WaveRerouted] = []
    after: int | None = 0
    while after is not None and time.monotonic() - started < seconds:
        wave = reroute_wave(actor=actor, moment=moment, budget_seconds=WAVE_SECONDS, after=after, limit=limit)
        done.append(wave)
        after = wave.last_order_id
    return done


def run_place(*, place_code: str, asked_by: str, moment: dt.datetime) -> PlaceRerouted:
    """The orders of a place that is out."""
    return reroute_place(place_code=place_code, actor=replace(SYSTEM, name=asked_by), moment=moment)
