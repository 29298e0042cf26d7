"""Messages that could not go yet: kept whole until they can, or until they are worth nothing."""

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from django.db import connection
from django.db.models import Count

from reorder.domain.marketing.waiting_models import WaitingMessage
from reorder.domain.marketing.wanted import WantedMessage
from reorder.domain.storage import run_sql
from reorder.kernel.stored_json import read_json

_KEEP: Final = """
INSERT INTO marketing_waitingmessage AS known (key, customer_id, source_kind, source_key, step_key, wanted, skus,
    value_minor, outcome, reason_code, reason_parameters, look_at, latest_at, wanted_at)
SELECT given.key, given.customer_id, given.source_kind, given.source_key, given.step_key, given.wanted,
    ARRAY(SELECT jsonb_array_elements_text(given.skus)), given.value_minor, given.outcome, given.reason_code,
    given.reason_parameters, given.look_at, given.latest_at, %(moment)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given(key text, customer_id bigint, source_kind text, source_key text,
    step_key text, wanted jsonb, skus jsonb, value_minor float8, outcome text, reason_code text,
    reason_parameters jsonb, look_at timestamptz, latest_at timestamptz)
ORDER BY given.key
ON CONFLICT (key) DO UPDATE SET outcome = excluded.outcome, reason_code = excluded.reason_code,
    reason_parameters = excluded.reason_parameters, look_at = excluded.look_at, looks_count = known.looks_count + 1,
    customer_id = excluded.customer_id
"""
_DUE: Final = """
SELECT key, customer_id FROM marketing_waitingmessage WHERE look_at <= %(moment)s ORDER BY look_at, id LIMIT %(limit)s
"""
_HOLD: Final = """
SELECT wanted, customer_id FROM marketing_waitingmessage
WHERE key = ANY(%(keys)s) AND look_at <= %(moment)s ORDER BY id FOR UPDATE
"""
_TELL: Final = "SELECT key, outcome, look_at, reason_code FROM marketing_waitingmessage WHERE key = ANY(%(keys)s)"
_WAKE: Final = """
UPDATE marketing_waitingmessage SET look_at = %(moment)s
WHERE outcome = 'held_for_stock' AND look_at > %(moment)s AND skus && %(skus)s::text[]
"""
_HELD_SKUS: Final = """
SELECT DISTINCT unnest(skus) FROM marketing_waitingmessage WHERE outcome = 'held_for_stock' AND look_at > %(moment)s
"""
_MOMENTS: Final = ("earliest_at", "latest_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class StillWaiting:
    """A wanted message with why it waits and when it is looked at again."""

    wanted: WantedMessage
    outcome: str
    reason_code: str
    reason_parameters: Mapping[str, object]
    look_at: dt.datetime


@dataclass(frozen=True, slots=True)
class WaitingState:
    key: str
    outcome: str
    look_at: dt.datetime
    reason_code: str


def keep_waiting(*, messages: Sequence[StillWaiting], moment: dt.datetime) -> None:
    """Keep these until they are looked at again; one that waits already waits on. Part of the caller's transaction."""
    if not messages:
        return
    rows = [
        {
            "key": one.wanted.key,
            "customer_id": one.wanted.customer_id,
            "source_kind": one.wanted.source_kind,
            "source_key": one.wanted.source_key,
            "step_key": one.wanted.step_key,
            "wanted": wanted_as_json(wanted=one.wanted),
            "skus": list(one.wanted.skus),
            "value_minor": one.wanted.value_minor,
            "outcome": one.outcome,
            "reason_code": one.reason_code,
            "reason_parameters": dict(one.reason_parameters),
            "look_at": one.look_at.isoformat(),
            "latest_at": one.wanted.latest_at.isoformat(),
        }
        for one in messages
    ]
    run_sql(statement=_KEEP, parameters={"rows": json.dumps(rows, ensure_ascii=False, default=str), "moment": moment})


def list_due(*, moment: dt.datetime, limit: int) -> list[tuple[str, int]]:
    """Keys and customers of those whose next look has come, the longest overdue first; not held."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"moment": moment, "limit": limit})
        return list(cursor.fetchall())


def hold_waiting(*, keys: Sequence[str], moment: dt.datetime) -> list[WantedMessage]:
    """Hold those that are still due until the open transaction ends; whoever calls holds their people already."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, {"keys": list(keys), "moment": moment})
        return [wanted_from_json(values=_read(row[0]), customer_id=row[1]) for row in cursor.fetchall()]


def tell_waiting(*, keys: Collection[str]) -> dict[str, WaitingState]:
    """Those of the keys that wait."""
    with connection.cursor() as cursor:
        cursor.execute(_TELL, {"keys": list(keys)})
        return {row[0]: WaitingState(*row) for row in cursor.fetchall()}


def end_waiting(*, keys: Collection[str]) -> int:
    """These wait no more, whatever became of them."""
    return WaitingMessage.objects.filter(key__in=list(keys)).delete()[0] if keys else 0


def end_waiting_of_source(*, source_kind: str, source_key: str, customer_id: int | None) -> int:
    """Nothing of a source waits any more, for one customer or (None) for everybody; returns how many did."""
    rows = WaitingMessage.objects.filter(source_kind=source_kind, source_key=source_key)
    rows = rows if customer_id is None else rows.filter(customer_id=customer_id)
    return rows.delete()[0]


def list_held_skus(*, moment: dt.datetime) -> list[str]:
    """Goods that some message waits for."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD_SKUS, {"moment": moment})
        return sorted(row[0] for row in cursor.fetchall())


def wake_for_stock(*, skus: Sequence[str], moment: dt.datetime) -> int:
    """Let messages that wait for any of these goods be looked at now."""
    return run_sql(statement=_WAKE, parameters={"skus": list(skus), "moment": moment}) if skus else 0


def wanted_as_json(*, wanted: WantedMessage) -> dict[str, Any]:
    """Plain values of a wanted message."""
    values = {one.name: getattr(wanted, one.name) for one in fields(wanted)}
    for name in _MOMENTS:
        values[name] = values[name].isoformat()
    values["variables"], values["reason_parameters"] = dict(wanted.variables), dict(wanted.reason_parameters)
    return values


def wanted_from_json(*, values: Mapping[str, Any], customer_id: int) -> WantedMessage:
    """What `wanted_as_json` wrote; for `customer_id`, because a record may have been merged since."""
    read: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    for name in _MOMENTS:
        read[name] = dt.datetime.fromisoformat(read[name])
    return WantedMessage(**(read | {"customer_id": customer_id}))


def _read(value: Any) -> dict[str, Any]:
    return dict(read_json(value))


def list_waiting_of(*, customer_id: int) -> list[tuple[Any, ...]]:
    """What waits for a customer: source kind and key, outcome, reason, parameters, look_at, latest_at, looks_count."""
    rows = WaitingMessage.objects.filter(customer_id=customer_id).order_by("look_at", "pk")
    return list(
        rows.values_list(
            "source_kind",
            "source_key",
            "outcome",
            "reason_code",
            "reason_parameters",
            "look_at",
            "latest_at",
            "looks_count",
        )
    )


def count_waiting() -> dict[str, int]:
    """Messages that wait, by outcome."""
    found = WaitingMessage.objects.values_list("outcome").annotate(count=Count("pk")).order_by("outcome")
    return dict(found)
