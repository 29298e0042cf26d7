"""Tags and attributes of customers: words that they wear, and named values. Tags are small letters, without commas."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from reorder.domain.customers.errors import BadAttribute, BadTag
from reorder.domain.customers.profile_models import CustomerAttribute, CustomerTag
from reorder.domain.storage import run_sql

LONGEST_TAG: Final = 60
LONGEST_VALUE: Final = 500
MOST_TAGS: Final = 50
MOST_ATTRIBUTES: Final = 100
_ADD: Final = """
INSERT INTO customers_customertag (customer_id, tag, added_by, added_at)
SELECT customer.id, given.tag, %(by)s, %(moment)s
FROM unnest(%(ids)s::bigint[], %(tags)s::text[]) AS given(id, tag)
JOIN customers_customer AS named ON named.id = given.id
JOIN customers_customer AS customer ON customer.id = coalesce(named.merged_into_id, named.id)
WHERE customer.erased_at IS NULL GROUP BY customer.id, given.tag ORDER BY customer.id, given.tag
ON CONFLICT (customer_id, tag) DO NOTHING RETURNING customer_id
"""
_REMOVE: Final = """
DELETE FROM customers_customertag AS worn USING unnest(%(ids)s::bigint[], %(tags)s::text[]) AS given(id, tag)
WHERE worn.customer_id = given.id AND worn.tag = given.tag RETURNING worn.customer_id
"""
_SET: Final = """
INSERT INTO customers_customerattribute AS known (customer_id, name, value, set_by, set_at)
SELECT %(id)s, given.key, given.value, %(by)s, %(moment)s FROM jsonb_each_text(%(values)s::jsonb) AS given
WHERE given.value <> '' ORDER BY given.key
ON CONFLICT (customer_id, name) DO UPDATE SET value = excluded.value, set_by = excluded.set_by, set_at = excluded.set_at
WHERE known.value <> excluded.value
"""
# What the kept record says wins; the rest comes along.
_MERGE_TAGS: Final = """
INSERT INTO customers_customertag (customer_id, tag, added_by, added_at)
SELECT %(keep)s, tag, added_by, added_at FROM customers_customertag WHERE customer_id = %(absorb)s ORDER BY tag
ON CONFLICT (customer_id, tag) DO NOTHING
"""
_MERGE_ATTRIBUTES: Final = """
INSERT INTO customers_customerattribute (customer_id, name, value, set_by, set_at)
SELECT %(keep)s, name, value, set_by, set_at FROM customers_customerattribute WHERE customer_id = %(absorb)s
ORDER BY name ON CONFLICT (customer_id, name) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag that somebody wears; `is_given` by a segment, which takes it away by itself."""

    tag: str
    added_by: str
    added_at: dt.datetime

    @property
    def is_given(self) -> bool:
        """Whether a segment gave it."""
        return self.added_by.startswith("segment:")


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """A named value of somebody."""

    name: str
    value: str
    set_by: str
    set_at: dt.datetime


def clean_tag(*, text: str) -> str:
    """A tag as it is kept; raises BadTag."""
    tag = " ".join(text.replace("\x00", "").lower().split())
    if not tag or len(tag) > LONGEST_TAG or "," in tag:
        raise BadTag(given=text[:80])
    return tag


def list_tags(*, customer_id: int) -> list[TagRow]:
    """What one customer wears, by the alphabet."""
    worn = CustomerTag.objects.filter(customer_id=customer_id).order_by("tag")
    return [TagRow(*row) for row in worn.values_list("tag", "added_by", "added_at")]


def list_tags_of(*, customer_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The tags of each of these customers; who wears none has no entry."""
    found: dict[int, list[str]] = {}
    worn = CustomerTag.objects.filter(customer_id__in=list(customer_ids)).order_by("customer_id", "tag")
    for customer_id, tag in worn.values_list("customer_id", "tag"):
        found.setdefault(customer_id, []).append(tag)
    return {customer_id: tuple(tags) for customer_id, tags in found.items()}


def list_known_tags(*, limit: int = 500) -> list[str]:
    """Tags that anybody wears, by the alphabet."""
    return list(CustomerTag.objects.order_by("tag").values_list("tag", flat=True).distinct()[:limit])


def add_tags(*, customer_ids: Sequence[int], tags: Sequence[str], decided_by: str, moment: dt.datetime) -> list[int]:
    """Have customers wear tags; returns who wears one more now. Raises BadTag. Part of the open transaction."""
    cleaned = [clean_tag(text=tag) for tag in tags]
    pairs = [(customer_id, tag) for customer_id in customer_ids for tag in cleaned]
    return _touched(_ADD, pairs, {"by": decided_by, "moment": moment})


def remove_tags(*, customer_ids: Sequence[int], tags: Sequence[str]) -> list[int]:
    """Take tags from customers; returns who wears one less now. Raises BadTag. Part of the open transaction."""
    cleaned = [clean_tag(text=tag) for tag in tags]
    return _touched(_REMOVE, [(customer_id, tag) for customer_id in customer_ids for tag in cleaned], {})


def set_tags(*, customer_id: int, tags: Sequence[str], decided_by: str, moment: dt.datetime) -> bool:
    """Have a customer wear these tags and, besides those that segments give, no others; True when that changed any.

    Raises BadTag. Part of the open transaction.
    """
    wanted = {clean_tag(text=tag) for tag in tags}
    if len(wanted) > MOST_TAGS:
        raise BadTag(given=", ".join(sorted(wanted))[:80])
    own = {row.tag for row in list_tags(customer_id=customer_id) if not row.is_given}
    gone = remove_tags(customer_ids=[customer_id], tags=sorted(own - wanted))
    come = add_tags(customer_ids=[customer_id], tags=sorted(wanted), decided_by=decided_by, moment=moment)
    return bool(gone or come)


def list_attributes(*, customer_id: int) -> list[AttributeRow]:
    """What is said of one customer, by name."""
    rows = CustomerAttribute.objects.filter(customer_id=customer_id).order_by("name")
    return [AttributeRow(*row) for row in rows.values_list("name", "value", "set_by", "set_at")]


def list_known_attributes(*, limit: int = 200) -> list[str]:
    """Names of attributes that anybody has."""
    return list(CustomerAttribute.objects.order_by("name").values_list("name", flat=True).distinct()[:limit])


def set_attributes(*, customer_id: int, values: Mapping[str, str], decided_by: str, moment: dt.datetime) -> bool:
    """Set named values of a customer, an empty one takes it away; others stay. True when that changed any.

    Raises BadAttribute. Part of the open transaction.
    """
    cleaned = {_clean_name(name): _clean_value(name, value) for name, value in values.items()}
    gone = CustomerAttribute.objects.filter(
        customer_id=customer_id, name__in=[name for name, value in cleaned.items() if not value]
    )
    removed, _ = gone.delete()
    given = {"id": customer_id, "values": json.dumps(cleaned), "by": decided_by, "moment": moment}
    changed = run_sql(statement=_SET, parameters=given)
    if CustomerAttribute.objects.filter(customer_id=customer_id).count() > MOST_ATTRIBUTES:
        raise BadAttribute(name=next(iter(cleaned)), reason="a customer has at most 100 attributes")
    return bool(removed or changed)


def merge_profiles(*, keep_id: int, absorb_id: int) -> None:
    """Give tags and attributes of one customer to another; where both say something, the kept one's stands."""
    given = {"keep": keep_id, "absorb": absorb_id}
    run_sql(statement=_MERGE_TAGS, parameters=given)
    run_sql(statement=_MERGE_ATTRIBUTES, parameters=given)
    for table in ("customers_customertag", "customers_customerattribute"):
        run_sql(statement=f"DELETE FROM {table} WHERE customer_id = %(absorb)s", parameters=given)  # noqa: S608 - as above


def _touched(statement: str, pairs: Sequence[tuple[int, str]], further: Mapping[str, Any]) -> list[int]:
    if not pairs:
        return []
    given = {**further, "ids": [one for one, _ in pairs], "tags": [tag for _, tag in pairs]}
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return sorted({row[0] for row in cursor.fetchall()})


def _clean_name(name: str) -> str:
    cleaned = " ".join(name.replace("\x00", "").lower().split())
    if not cleaned or len(cleaned) > LONGEST_TAG:
        raise BadAttribute(name=name[:80], reason="its name has one to 60 characters")
    return cleaned


def _clean_value(name: str, value: str) -> str:
    cleaned = value.replace("\x00", "").strip()
    if len(cleaned) > LONGEST_VALUE:
        raise BadAttribute(name=name[:80], reason="its value is longer than 500 characters")
    return cleaned
