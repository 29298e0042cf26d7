"""Reads about one customer, or a few of a list: addresses, declarations, pauses and messages."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from reorder.domain.messaging.models import MarketingPause
from reorder.kernel.stored_json import read_json

# Addresses, or their beginnings, by the index on upper(address).
_BY_ADDRESS = """
SELECT DISTINCT customer_id FROM messaging_contactpoint
WHERE upper(address) LIKE %(start)s AND channel = 'email' LIMIT %(limit)s
"""
_EXACT = """
SELECT DISTINCT customer_id FROM messaging_contactpoint WHERE upper(address) = upper(%s) AND channel = 'email' LIMIT 2
"""
_WITH_ADDRESSES = """
SELECT DISTINCT customer_id FROM messaging_contactpoint
WHERE upper(address) = ANY(SELECT upper(given) FROM unnest(%s::text[]) AS given) AND channel = 'email'
ORDER BY customer_id LIMIT 200
"""
_OWNERS = """
SELECT lower(address), min(customer_id) FROM messaging_contactpoint
WHERE upper(address) = ANY(SELECT upper(given) FROM unnest(%s::text[]) AS given) AND channel = 'email'
GROUP BY lower(address) HAVING count(DISTINCT customer_id) = 1
"""
# One look for three short lists: a page of a person asks for all of them.
_REACH = """
SELECT (SELECT jsonb_agg(to_jsonb(p)) FROM (
            SELECT channel, address, verified_at, unreachable_at, created_at FROM messaging_contactpoint
            WHERE customer_id = %(customer_id)s ORDER BY messaging_contactpoint.created_at DESC, id DESC LIMIT 50
        ) AS p),
       (SELECT jsonb_agg(to_jsonb(c)) FROM (
            SELECT id, channel, purpose, is_granted, source, declared_at FROM messaging_consententry
            WHERE customer_id = %(customer_id)s ORDER BY messaging_consententry.declared_at DESC, id DESC LIMIT 200
        ) AS c),
       (SELECT jsonb_agg(to_jsonb(b)) FROM (
            SELECT id, customer_id, reason, resumes_date, paused_at, paused_by, resumed_at, resumed_by, cause
            FROM messaging_marketingpause WHERE customer_id = %(customer_id)s ORDER BY id DESC LIMIT 200) AS b)
"""
# A message stands where it ended, or will begin; the page of a person needs the few of that person only.
_MESSAGES = """
SELECT id, purpose, address, subject, state, reason_code, reason_parameters, outcome_code, error, send_after,
       finished_at, happened_at,
       (SELECT coalesce(array_agg(item.subject_key ORDER BY item.id), '{}') FROM messaging_outboxitem AS item
        WHERE item.message_id = message.id) AS subject_keys
FROM (
    SELECT *, coalesce(finished_at, sending_at, send_after) AS happened_at
    FROM messaging_outboxmessage WHERE customer_id = %(customer_id)s
) AS message
WHERE %(moment)s::timestamptz IS NULL OR (happened_at, 'message'::text, id) < (%(moment)s, %(kind)s, %(id)s)
ORDER BY happened_at DESC, id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class ContactPointRow:
    channel: str
    address: str
    verified_at: dt.datetime | None
    unreachable_at: dt.datetime | None
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One declaration; of equal channel and purpose the first of a list holds."""

    id: int
    channel: str
    purpose: str
    is_granted: bool
    source: str
    declared_at: dt.datetime


@dataclass(frozen=True, slots=True)
class PauseRow:
    """One pause of marketing; it holds until it was ended by a person, or its day has come."""

    id: int
    customer_id: int
    reason: str
    resumes_date: dt.date | None
    paused_at: dt.datetime
    paused_by: str
    resumed_at: dt.datetime | None
    resumed_by: str
    cause: str = ""

    def holds_on(self, *, day: dt.date) -> bool:
        """Whether marketing is kept back on this day of the shop's calendar."""
        return self.resumed_at is None and (self.resumes_date is None or self.resumes_date > day)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where and whether a customer may be written to, the latest of each list first."""

    contact_points: Sequence[ContactPointRow]
    consents: Sequence[ConsentRow]
    pauses: Sequence[PauseRow]

    def pause_on(self, *, day: dt.date) -> PauseRow | None:
        """The pause that holds on a day of the shop's calendar: a person's before those that began by themselves."""
        held = [pause for pause in self.pauses if pause.holds_on(day=day)]
        return min(held, key=lambda pause: pause.cause != "", default=None)

    @property
    def held_consents(self) -> list[ConsentRow]:
        """Of each channel and purpose the declaration that holds."""
        held: dict[tuple[str, str], ConsentRow] = {}
        for one in self.consents:
            held.setdefault((one.channel, one.purpose), one)
        return list(held.values())


@dataclass(frozen=True, slots=True)
class PersonMessageRow:
    """One message to a customer: what became of it and why it was planned."""

    id: int
    purpose: str
    address: str
    subject: str
    state: str
    reason_code: str
    reason_parameters: dict[str, Any]
    outcome_code: str
    error: str
    send_after: dt.datetime
    finished_at: dt.datetime | None
    happened_at: dt.datetime
    subject_keys: tuple[str, ...]

    @property
    def is_waiting(self) -> bool:
        return self.state in {"planned", "held_out"} and self.finished_at is None


def find_customers_by_address(*, start: str, limit: int) -> list[int]:
    """Up to `limit` customers with an e-mail address LIKE `start` (upper case, a LIKE pattern), in no order."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_ADDRESS, {"start": start, "limit": limit})
        return [row[0] for row in cursor.fetchall()]


def find_only_customer_with_address(*, address: str) -> int | None:
    """The one customer with exactly this address, in either case; None when there is none, or several."""
    with connection.cursor() as cursor:
        cursor.execute(_EXACT, [address])
        found = cursor.fetchall()
    return int(found[0][0]) if len(found) == 1 else None


def list_customers_with_addresses(*, addresses: Sequence[str]) -> list[int]:
    """Customers who have one of these e-mail addresses, written in either case."""
    with connection.cursor() as cursor:
        cursor.execute(_WITH_ADDRESSES, [[address.strip() for address in addresses]])
        return [row[0] for row in cursor.fetchall()]


def find_owners_of_addresses(*, addresses: Sequence[str]) -> dict[str, int]:
    """The one customer of each of these addresses, by the address in lower case; those of nobody or several are left
    out.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OWNERS, [list(addresses)])
        return dict(cursor.fetchall())


def get_reach(*, customer_id: int) -> Reach:
    """Addresses, declarations and pauses of a customer."""
    with connection.cursor() as cursor:
        cursor.execute(_REACH, {"customer_id": customer_id})
        points, consents, pauses = (read_json(value) or [] for value in cursor.fetchone())
    return Reach(
        contact_points=[ContactPointRow(**_with_moments(one)) for one in points],
        consents=[ConsentRow(**_with_moments(one)) for one in consents],
        pauses=[PauseRow(**_with_moments(one)) for one in pauses],
    )


def has_pause(*, customer_id: int, day: dt.date) -> bool:
    """Whether staff keep marketing from this customer on a day of the shop's calendar."""
    return holding(day=day).filter(customer_id=customer_id).exists()


def list_paused_for(*, cause: str) -> list[int]:
    """Customers whose marketing waits by itself for something that is open."""
    found = MarketingPause.objects.filter(cause=cause, resumed_at__isnull=True).order_by("customer_id")
    return list(found.values_list("customer_id", flat=True))


def holding(*, day: dt.date) -> "QuerySet[MarketingPause]":
    """Pauses that hold on a day."""
    return MarketingPause.objects.filter(
        Q(resumes_date__isnull=True) | Q(resumes_date__gt=day), resumed_at__isnull=True
    )


def list_person_messages(
    *, customer_id: int, before: tuple[dt.datetime, str, int] | None, limit: int
) -> list[PersonMessageRow]:
    """Messages to a customer that stand before a place of the timeline (moment, kind, id), the latest first."""
    moment, kind, place_id = before or (None, "", 0)
    parameters = {"customer_id": customer_id, "moment": moment, "kind": kind, "id": place_id, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_MESSAGES, parameters)
        rows: Sequence[Sequence[Any]] = cursor.fetchall()
    return [_message_row(row) for row in rows]


def _message_row(row: Sequence[Any]) -> PersonMessageRow:
    values = list(row)
    # A raw cursor of Django's hands jsonb over as text.
    values[6] = read_json(values[6])
    values[12] = tuple(values[12])
    return PersonMessageRow(*values)


def _with_moments(values: dict[str, Any]) -> dict[str, Any]:
    """Values out of JSON with their moments and days as such."""
    read = dict(values)
    for name, value in values.items():
        if value is not None and name.endswith("_at"):
            read[name] = dt.datetime.fromisoformat(value)
        elif value is not None and name.endswith("_date"):
            read[name] = dt.date.fromisoformat(value)
    return read
