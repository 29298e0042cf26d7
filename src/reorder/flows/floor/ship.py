"""Shipping on the floor: every parcel is scanned as it leaves, into the cage of its carrier.

The task is `dock`, where a parcel finds its own cage, or the number of a manifest, where only parcels of that carrier
and service are right.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext_noop

from reorder.domain.inventory.queries import find_place
from reorder.domain.shipping.tracking_errors import ManifestClosed, UnknownParcel
from reorder.domain.staff.rules import Actor
from reorder.flows.floor.codes import normalise
from reorder.flows.floor.errors import UnknownCodeAtAll, UnknownTask
from reorder.flows.floor.plans import floor_plan, floor_step
from reorder.flows.floor.values import FloorScan, OpenTask, ScanAnswer
from reorder.flows.tracking.handing import ScannedOut, close_manifest, scan_out
from reorder.insights.manifests import ManifestRow, WaitingParcel, find_manifest, list_open_manifests, list_waiting

DOCK: Final = "dock"
# So many are listed on the screen; the rest is said by their count.
_MOST_SHOWN: Final = 200
_TITLE: Final = gettext_noop("Ship from {place}")
_TITLE_CAGE: Final = gettext_noop("Cage {manifest}: {carrier} {service}")
_SCAN: Final = gettext_noop("Scan the label of a parcel")
_WAIT: Final = gettext_noop("{count} parcels wait here.")
_CLOSE: Final = gettext_noop("The driver has it")
_OPEN: Final = gettext_noop("Into the cage of {carrier} {service}. {count} on {manifest}.")
_REST: Final = gettext_noop("Into the cage of {carrier} {service}. {left} more parcels of order {order} to come.")
_KNOWN: Final = gettext_noop("Scanned before: parcel {parcel} is on {manifest}.")
_CLOSED: Final = gettext_noop("{manifest} is closed with {count} parcels.")
_LINE_DOCK: Final = gettext_noop("Every carrier: each parcel is told its cage. {count} wait.")
_LINE_CAGE: Final = gettext_noop("{carrier} {service}: {count} parcels in it.")


def plan_of(*, task: str, place_code: str, actor: Actor) -> dict[str, Any]:
    """One step that takes any parcel, again and again; with a cage, one more that closes it. Raises UnknownTask."""
    manifest = _manifest(task=task, place_code=place_code)
    waiting = [
        one
        for one in list_waiting(place_code=place_code, limit=_MOST_SHOWN)
        if manifest is None or (one.carrier, one.service_code) == (manifest.carrier, manifest.service_code)
    ]
    steps = [
        floor_step(
            step="parcel",
            ask="label",
            prompt=_SCAN,
            hint=_WAIT if waiting else "",
            values={"count": len(waiting)},
            details={"again": True, "waiting": [_shown(one) for one in waiting]},
        )
    ]
    if manifest is not None:
        steps.append(
            floor_step(step="close", ask="choice", prompt=_CLOSE, choices=[{"value": "close", "label": _CLOSE}])
        )
    return floor_plan(
        work="ship",
        task=task,
        place_code=place_code,
        title=_TITLE if manifest is None else _TITLE_CAGE,
        values={
            "place": place_code,
            "manifest": task,
            "carrier": manifest.carrier if manifest else "",
            "service": manifest.service_code if manifest else "",
        },
        mode="any_order",
        steps=steps,
        # Whether a parcel may leave only the server knows: its order may have been held a minute ago.
        details={"waits": True},
    )


def answer(scan: FloorScan, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    """Take a parcel out, or close the cage; part of the caller's `widened_transaction`. Errors as in `handing`."""
    manifest = _manifest(task=scan.task, place_code=scan.place_code)
    if scan.step == "close":
        closed = close_manifest(number=scan.task, actor=actor, moment=moment)
        return ScanAnswer(
            outcome="done", message=_CLOSED, values={"manifest": closed.number, "count": closed.parcels_count}
        )
    try:
        done = scan_out(
            codes=parcel_codes(text=scan.code),
            place_code=scan.place_code,
            cage=manifest.number if manifest else "",
            actor=actor,
            moment=moment,
        )
    except UnknownParcel:
        raise UnknownCodeAtAll(text=scan.code[:60]) from None
    return _told(done)


def count_open(*, place_code: str, actor: Actor) -> int:
    """How many parcels stand ready and were not scanned."""
    return len(list_waiting(place_code=place_code, limit=_MOST_SHOWN))


def list_open(*, place_code: str, actor: Actor) -> Sequence[OpenTask]:
    """The dock, and each open cage."""
    waiting = count_open(place_code=place_code, actor=actor)
    cages = [
        OpenTask(
            task=one.number,
            title=one.number,
            line=_LINE_CAGE,
            values={"carrier": one.carrier, "service": one.service_name, "count": one.parcels_count},
            scan=(normalise(text=one.number),),
        )
        for one in list_open_manifests(place_code=place_code)
    ]
    return [OpenTask(task=DOCK, title=place_code, line=_LINE_DOCK, values={"count": waiting}), *cages]


def parcel_codes(*, text: str) -> list[str]:
    """The ways in which a label's code may be written in our rows: as read, and as codes are compared.

    A carrier's number of 12 digits may look like a GTIN: then noughts before it are not its own.
    """
    raw = "".join(text.split())
    if raw[:1] == "]" and len(raw) > 3:
        raw = raw[3:]
    known = normalise(text=text)
    return list(dict.fromkeys([raw, raw.upper(), known, known.lstrip("0")]))


def _told(done: ScannedOut) -> ScanAnswer:
    template = _KNOWN if done.was_known else _REST if done.left_count else _OPEN
    return ScanAnswer(
        outcome="right",
        message=template,
        values={
            "parcel": done.parcel,
            "order": done.order_number,
            "carrier": done.carrier,
            "service": done.service_code,
            "manifest": done.manifest,
            "count": done.on_manifest_count,
            "left": done.left_count,
        },
    )


def _manifest(*, task: str, place_code: str) -> ManifestRow | None:
    """The cage of a task, None at the dock. Raises UnknownTask, ManifestClosed."""
    if task == DOCK:
        if find_place(code=place_code) is None:
            raise UnknownTask(task=task)
        return None
    found = find_manifest(number=task)
    if found is None or found.place_code != place_code:
        raise UnknownTask(task=task)
    if found.closed_at is not None:
        raise ManifestClosed(manifest=found.number)
    return found


def _shown(one: WaitingParcel) -> dict[str, str]:
    return {"parcel": one.number, "carrier": one.carrier, "service": one.service_name, "order": one.order_number}
