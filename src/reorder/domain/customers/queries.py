"""Reads of customers."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from reorder.domain.customers.errors import UnknownCustomer
from reorder.domain.customers.models import Customer, Note
from reorder.domain.customers.rules import read_words

_LARGEST_ID = 2**63 - 1
# Materialised, so that it is planned for all its rows and read only as far as wanted: with the limit in sight the
# planner would read the whole table in the hope of meeting enough of them early.
_FIND = """
WITH found AS MATERIALIZED (
    SELECT coalesce(merged_into_id, id) AS id FROM customers_customer
    WHERE customers_words(name, key) @@ %(query)s::tsquery AND erased_at IS NULL {matched})
SELECT array_agg(DISTINCT id) FROM (SELECT id FROM found LIMIT %(limit)s) AS few
"""
_KEPT_BY_KEY = """
SELECT named.key, kept.id FROM customers_customer AS named
JOIN customers_customer AS kept ON kept.id = coalesce(named.merged_into_id, named.id)
WHERE named.key = ANY(%s::text[]) AND kept.erased_at IS NULL
"""
_MATCHED = "AND customers_text(name, key) LIKE ALL(%(patterns)s)"


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One person as others need to know them; `key` is the shop's own id, or the e-mail address."""

    id: int
    key: str
    name: str
    language: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """Everything that is kept about one person; empty where the shop said nothing, or after erasure.

    `absorbed_keys` are those of records that were merged into this one.
    """

    id: int
    key: str
    name: str
    language: str
    time_zone: str
    country: str
    postcode: str
    birthday: dt.date | None
    created_at: dt.datetime
    erased_at: dt.datetime | None
    merged_into_id: int | None
    merged_at: dt.datetime | None
    absorbed_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One note about a customer."""

    id: int
    author: str
    text: str
    written_at: dt.datetime


@dataclass(frozen=True, slots=True)
class CustomerWithNotes:
    """A person and what staff noted about them and did not take back, the newest first."""

    facts: CustomerFacts
    notes: Sequence[NoteRow]


def list_customer_names(*, ids: Sequence[int]) -> dict[int, CustomerRow]:
    """Customers by id; ids that do not exist are left out."""
    rows = Customer.objects.filter(pk__in=list(ids)).only("pk", "key", "name", "language", "time_zone")
    return {
        row.pk: CustomerRow(id=row.pk, key=row.key, name=row.name, language=row.language, time_zone=row.time_zone)
        for row in rows.iterator(chunk_size=10_000)
    }


def find_customer_by_key(*, key: str) -> CustomerRow | None:
    """One customer by the shop's own id or e-mail address, None when unknown; a merged one is who was kept."""
    row = Customer.objects.filter(key=key).select_related("merged_into").first()
    if row is None:
        return None
    row = row.merged_into or row
    return CustomerRow(id=row.pk, key=row.key, name=row.name, language=row.language, time_zone=row.time_zone)


def get_customer(*, customer_id: int) -> CustomerFacts:
    """One customer; raises UnknownCustomer."""
    return _facts(_get(customer_id=customer_id, known=_with_absorbed()))


def get_customer_with_notes(*, customer_id: int) -> CustomerWithNotes:
    """One customer and the 200 latest notes about them, in one question; raises UnknownCustomer."""
    notes = Note.objects.filter(customer=OuterRef("pk"), removed_at__isnull=True).order_by("-written_at", "-pk")
    told = JSONObject(id="pk", author="author", text="text", written_at="written_at")
    row = _get(
        customer_id=customer_id, known=_with_absorbed().annotate(told=ArraySubquery(notes.values(told=told)[:200]))
    )
    return CustomerWithNotes(
        facts=_facts(row),
        notes=[
            NoteRow(note["id"], note["author"], note["text"], dt.datetime.fromisoformat(note["written_at"]))
            for note in row.told
        ],
    )


def _with_absorbed() -> "QuerySet[Customer]":
    absorbed = ArraySubquery(Customer.objects.filter(merged_into=OuterRef("pk")).order_by("key").values("key"))
    return Customer.objects.annotate(absorbed_keys=absorbed)


def _get(*, customer_id: int, known: "QuerySet[Customer]") -> Any:
    row = known.filter(pk=customer_id).first() if 0 < customer_id <= _LARGEST_ID else None
    if row is None:
        raise UnknownCustomer(customer_id=customer_id)
    return row


def _facts(row: Any) -> CustomerFacts:
    return CustomerFacts(
        id=row.pk,
        key=row.key,
        name=row.name,
        language=row.language,
        time_zone=row.time_zone,
        country=row.country,
        postcode=row.postcode,
        birthday=row.birthday,
        created_at=row.created_at,
        erased_at=row.erased_at,
        merged_into_id=row.merged_into_id,
        merged_at=row.merged_at,
        absorbed_keys=tuple(row.absorbed_keys),
    )


def find_kept_customer_ids(*, keys: Sequence[str]) -> dict[str, int]:
    """The customers that these keys stand for: a merged record's key stands for the one that was kept.

    Unknown keys and erased people are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(_KEPT_BY_KEY, [list(keys)])
        return dict(cursor.fetchall())


def find_kept_ids(*, ids: Sequence[int]) -> dict[int, int]:
    """Each of these customers with the record that stands for it now; itself unless it was merged."""
    found = Customer.objects.filter(pk__in=list(ids)).values_list("pk", "merged_into_id")
    return {number: merged or number for number, merged in found}


def find_customers_by_words(*, text: str, limit: int) -> list[int]:
    """Up to `limit` customers whose name or key has everything that was typed, in no order; erased ones never.

    One or two Chinese characters are enough, anywhere in the name; a word in Latin letters may be its beginning only.
    The key of a merged record finds the one that was kept.
    """
    words = read_words(text=text)
    if words is None:
        return []
    parameters: dict[str, Any] = {"query": words.query, "patterns": list(words.patterns), "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_FIND.format(matched="" if words.index_decides else _MATCHED), parameters)
        return list(cursor.fetchone()[0] or ())


def list_notes(*, customer_id: int, limit: int = 200) -> list[NoteRow]:
    """What staff noted about a customer and did not take back, the newest first."""
    notes = Note.objects.filter(customer_id=customer_id, removed_at__isnull=True).order_by("-written_at", "-pk")
    return [NoteRow(note.pk, note.author, note.text, note.written_at) for note in notes[:limit]]
