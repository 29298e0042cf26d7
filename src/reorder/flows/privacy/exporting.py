"""Everything about a person, out of every table: as values, and as sections that a person can read."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from reorder.domain.customers import privacy
from reorder.domain.customers.errors import CustomerErased
from reorder.domain.customers.queries import find_kept_ids, get_customer
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.domain.storage.personal import MOST_ROWS, read_rows
from reorder.flows.privacy.people import gather_person
from reorder.flows.privacy.pressing import tell_pressing
from reorder.flows.privacy.register import PERSONAL_TABLES
from reorder.kernel.clock import date_at


@dataclass(frozen=True, slots=True)
class PersonExport:
    """What there is about a person: rows by table, in the order of the register; empty tables are left out."""

    customer_id: int
    name: str
    made_at: dt.datetime
    shop: str
    tables: Mapping[str, Sequence[Mapping[str, Any]]]
    cut_tables: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values for a file (GDPR article 20: structured, commonly used, machine-readable)."""
        return {
            "shop": self.shop,
            "customer": self.customer_id,
            "made_at": self.made_at.isoformat(),
            "tables": {name: list(rows) for name, rows in self.tables.items()},
            "cut_tables": list(self.cut_tables),
        }


def export_person(*, customer_id: int, decided_by: str, moment: dt.datetime, how_known: str = "") -> PersonExport:
    """Everything about a person, with the records merged into this one; changes nothing but the trail.

    Writes the request down as answered. Raises UnknownCustomer, CustomerErased.
    """
    kept_id = find_kept_ids(ids=[customer_id]).get(customer_id, customer_id)
    facts = get_customer(customer_id=kept_id)
    if facts.erased_at is not None:
        raise CustomerErased
    with one_transaction():
        made = _collect(customer_id=kept_id, name=facts.name or facts.key, moment=moment)
        request_id = privacy.open_request(
            kind="export",
            customer_id=kept_id,
            asked_by=decided_by,
            how_known=how_known,
            moment=moment,
            today=date_at(moment=moment, time_zone=settings.REORDER.time_zone),
        )
        privacy.close_request(
            request_id=request_id,
            state="done",
            done_by=decided_by,
            moment=moment,
            counts={name: len(rows) for name, rows in made.tables.items()},
        )
        record_audit(actor=decided_by, action="customers.export", subject_kind="customer", subject_key=str(kept_id))
    tell_pressing(moment=moment)
    return made


def _collect(*, customer_id: int, name: str, moment: dt.datetime) -> PersonExport:
    person = gather_person(customer_id=customer_id)
    found = {
        table.table: rows
        for table in reversed(PERSONAL_TABLES)
        if table.is_shown and (rows := read_rows(table=table, person=person))
    }
    return PersonExport(
        customer_id=customer_id,
        name=name,
        made_at=moment,
        shop=settings.REORDER.shop_name,
        tables=found,
        cut_tables=tuple(name for name, rows in found.items() if len(rows) >= MOST_ROWS),
    )
