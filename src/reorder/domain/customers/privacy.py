"""Requests about personal data, and the marks of erased people.

An erased record keeps a key that is made of a keyed hash of the one it had: a file or a restored backup that names the
person again is recognised, and nobody can read the key back.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Min

from reorder.domain.customers.errors import NoSuchPrivacyRequest, PrivacyRequestOver
from reorder.domain.customers.models import Customer
from reorder.domain.customers.privacy_models import PrivacyRequest
from reorder.domain.storage import run_sql
from reorder.domain.storage.hashing import HASH_SQL, keyed_hash, pepper_of

HASH_PURPOSE: Final = "erased customer"
KEY_PREFIX: Final = "erased:"
# Both the GDPR (one month) and Taiwan's act (15 days for a look at the data, 30 for deletion) are kept by these.
ANSWER_WITHIN: Final = {"export": dt.timedelta(days=15), "erase": dt.timedelta(days=30)}
_RECORDS: Final = "SELECT id, key FROM customers_customer WHERE id = %s OR merged_into_id = %s ORDER BY id"
_TEXTS: Final = """
SELECT array_remove(array_agg(DISTINCT lower(address)), NULL), '{}', '{}' FROM customers_portallink
WHERE customer_id = ANY(%(ids)s)
UNION ALL
SELECT '{}', array_remove(array_agg(DISTINCT nullif(phone, '')), NULL),
       array_remove(array_agg(DISTINCT nullif(name, '')), NULL)
FROM customers_address WHERE customer_id = ANY(%(ids)s)
UNION ALL
SELECT '{}', '{}', array_remove(array_agg(DISTINCT nullif(name, '')), NULL) FROM customers_customer
WHERE id = ANY(%(ids)s)
"""
# Who came back after the erasure, under the same key, is somebody new: the record was made later.
_REMAIN: Final = f"""
SELECT t.id FROM customers_customer AS t
JOIN unnest(%(hashes)s::text[], %(moments)s::timestamptz[]) AS gone (hash, moment)
  ON gone.hash = {HASH_SQL.format(text="t.key")}
WHERE t.erased_at IS NULL AND t.merged_into_id IS NULL AND t.created_at <= gone.moment ORDER BY t.id
"""  # noqa: S608 - constants of ours
_REKEY: Final = f"""
UPDATE staged_order AS staged
SET customer_key = erased.key,
    other_customer_key = CASE other_customer_key WHEN staged.customer_key THEN erased.key ELSE other_customer_key END,
    customer_name = NULL, email = NULL, accepts_marketing = NULL, language = NULL,
    country = NULL, postcode = ''
FROM customers_customer AS erased
WHERE erased.erased_at IS NOT NULL AND staged.ordered_at <= erased.erased_at
  AND erased.key = '{KEY_PREFIX}' || {HASH_SQL.format(text="staged.customer_key")}
"""  # noqa: S608 - constants of ours


@dataclass(frozen=True, slots=True)
class PersonTexts:
    """The records of a person (the kept one and those merged into it) and texts that stand for them."""

    ids: tuple[int, ...]
    keys: tuple[str, ...]
    addresses: tuple[str, ...]
    phones: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request; `name` is empty once the person is erased."""

    id: int
    kind: str
    customer_id: int
    name: str
    state: str
    asked_at: dt.datetime
    due_date: dt.date
    asked_by: str
    how_known: str
    done_at: dt.datetime | None
    done_by: str
    answer: str
    counts: dict[str, Any]
    is_erased: bool


def erased_key(*, key: str) -> str:
    """The key that a record has once it is erased."""
    return KEY_PREFIX + keyed_hash(text=key, purpose=HASH_PURPOSE)


def find_person(*, customer_id: int) -> PersonTexts:
    """Everything by which one person is named in this room."""
    with connection.cursor() as cursor:
        cursor.execute(_RECORDS, [customer_id, customer_id])
        records = cursor.fetchall()
        ids = [row[0] for row in records]
        cursor.execute(_TEXTS, {"ids": ids})
        rows = cursor.fetchall()
    addresses, phones, names = (
        tuple(sorted({text for row in rows for text in (row[place] or [])})) for place in range(3)
    )
    return PersonTexts(
        ids=tuple(ids), keys=tuple(row[1] for row in records), addresses=addresses, phones=phones, names=names
    )


def mark_erased(*, ids: Sequence[int], moment: dt.datetime) -> None:
    """From now on these records are nobody's; their facts were emptied in the same transaction."""
    Customer.objects.filter(pk__in=list(ids)).update(erased_at=moment)


def list_erased_hashes() -> list[tuple[str, dt.datetime]]:
    """The hashes of erased keys with their moments: what a restored backup must be told."""
    rows = Customer.objects.filter(erased_at__isnull=False, key__startswith=KEY_PREFIX).order_by("erased_at", "pk")
    return [(key.removeprefix(KEY_PREFIX), moment) for key, moment in rows.values_list("key", "erased_at") if moment]


def list_unerased(*, marks: Mapping[str, dt.datetime]) -> list[int]:
    """Customers whose keys have these hashes, from before their erasure: a restored backup brought them back."""
    if not marks:
        return []
    given: dict[str, Any] = {
        "pepper": pepper_of(purpose=HASH_PURPOSE),
        "hashes": list(marks),
        "moments": list(marks.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_REMAIN, given)
        return [row[0] for row in cursor.fetchall()]


def open_request(
    *, kind: str, customer_id: int, asked_by: str, how_known: str, moment: dt.datetime, today: dt.date
) -> int:
    """Write down what a person asked for; the open one of the same kind where there is one. Returns its id."""
    made, _ = PrivacyRequest.objects.get_or_create(
        kind=kind,
        customer_id=customer_id,
        state="open",
        defaults={
            "asked_at": moment,
            "asked_by": asked_by,
            "how_known": " ".join(how_known.split())[:300],
            "due_date": today + ANSWER_WITHIN[kind],
        },
    )
    return made.pk


def close_request(
    *,
    request_id: int,
    state: str,
    done_by: str,
    moment: dt.datetime,
    answer: str = "",
    counts: Mapping[str, int] | None = None,
) -> None:
    """A request is answered; raises NoSuchPrivacyRequest, PrivacyRequestOver."""
    changed = PrivacyRequest.objects.filter(pk=request_id, state="open").update(
        state=state,
        done_at=moment,
        done_by=done_by,
        answer=" ".join(answer.split())[:500],
        counts=dict(counts or {}),
    )
    if not changed:
        get_request(request_id=request_id)
        raise PrivacyRequestOver


def get_request(*, request_id: int) -> RequestRow:
    """One request; raises NoSuchPrivacyRequest."""
    row = PrivacyRequest.objects.select_related("customer").filter(pk=request_id).first()
    if row is None:
        raise NoSuchPrivacyRequest(request_id=request_id)
    return _row(row)


def list_requests(*, is_open: bool, limit: int = 200) -> list[RequestRow]:
    """Requests that wait, the most urgent first; or those that were answered, the latest first."""
    rows = PrivacyRequest.objects.select_related("customer")
    if is_open:
        return [_row(row) for row in rows.filter(state="open").order_by("due_date", "pk")[:limit]]
    return [_row(row) for row in rows.exclude(state="open").order_by("-done_at", "-pk")[:limit]]


def list_requests_of(*, customer_id: int) -> list[RequestRow]:
    """Everything that one person asked for, the latest first."""
    rows = PrivacyRequest.objects.select_related("customer").filter(customer_id=customer_id)
    return [_row(row) for row in rows.order_by("-asked_at", "-pk")]


def count_overdue(*, today: dt.date) -> int:
    """Requests whose day has gone by without an answer."""
    return PrivacyRequest.objects.filter(state="open", due_date__lt=today).count()


def count_pressing(*, today: dt.date, soon_days: int) -> tuple[tuple[int, dt.date | None], tuple[int, dt.date | None]]:
    """Open requests whose day has gone by, and those whose day comes within so many days: how many, and the first."""
    waiting = PrivacyRequest.objects.filter(state="open")
    until = today + dt.timedelta(days=soon_days)
    lots = (waiting.filter(due_date__lt=today), waiting.filter(due_date__gte=today, due_date__lte=until))
    overdue, soon = (lot.aggregate(count=Count("pk"), first=Min("due_date")) for lot in lots)
    return (overdue["count"], overdue["first"]), (soon["count"], soon["first"])


def rekey_erased_orders() -> int:
    """Let staged orders of erased people, placed before they went, stand for the erased record and say nothing else.

    For `staged_order`: without it an old file would bring a name back. Returns how many orders it found.
    """
    if not Customer.objects.filter(erased_at__isnull=False).exists():
        return 0
    return run_sql(statement=_REKEY, parameters={"pepper": pepper_of(purpose=HASH_PURPOSE)})


def _row(row: PrivacyRequest) -> RequestRow:
    person = row.customer
    return RequestRow(
        id=row.pk,
        kind=row.kind,
        customer_id=row.customer_id,
        name=person.name or (person.key if person.erased_at is None else ""),
        state=row.state,
        asked_at=row.asked_at,
        due_date=row.due_date,
        asked_by=row.asked_by,
        how_known=row.how_known,
        done_at=row.done_at,
        done_by=row.done_by,
        answer=row.answer,
        counts=row.counts,
        is_erased=person.erased_at is not None,
    )
