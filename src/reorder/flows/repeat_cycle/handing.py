"""Due goods as facts: where a journey writes about them, a night decides who is due and hands that over."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import polars as pl
from django.conf import settings

from reorder.domain.customers import queries as customers
from reorder.domain.marketing.facts import note_facts
from reorder.domain.marketing.journeys.due import Cycle, hand_cycles
from reorder.domain.marketing.rules import NewFact
from reorder.flows.repeat_cycle.telling_items import contact_of, kept_with_message
from reorder.flows.repeat_cycle.timing import send_after
from reorder.kernel.clock import midnight
from reorder.kernel.ids import idempotency_key, is_category_subject


def hand_over(*, decided: pl.DataFrame, moment: dt.datetime) -> int:
    """Note one fact `due` a customer with everything that is due for them; returns the purchase cycles handed over.

    Part of the caller's transaction. A cycle is handed over once; its journey asks for the message, whose own decision
    follows.
    """
    chosen = decided.filter(pl.col("outcome") == "planned").sort("customer_id", "position")
    people = customers.list_customer_names(ids=chosen["customer_id"].unique().to_list())
    facts: list[NewFact] = []
    cycles: list[Cycle] = []
    for customer_id, group in groupby(chosen.iter_rows(named=True), key=itemgetter("customer_id")):
        rows = list(group)
        facts.append(_fact(rows=rows, time_zone=people[customer_id].time_zone, moment=moment))
        cycles.extend(_cycle(row) for row in rows)
    note_facts(facts=facts)
    return hand_cycles(cycles=cycles, moment=moment)


def _fact(*, rows: Sequence[Mapping[str, Any]], time_zone: str, moment: dt.datetime) -> NewFact:
    first = rows[0]
    key = idempotency_key("due", *sorted(row["cycle_key"] for row in rows))
    bought_date = max(row["last_bought_date"] for row in rows)
    begins = midnight(date=bought_date + dt.timedelta(days=1), time_zone=settings.REORDER.time_zone)
    sends_at = send_after(
        as_of=min(row["contact_date"] for row in rows),
        hour=first["contact_hour"],
        time_zone=time_zone,
        shop_time_zone=settings.REORDER.time_zone,
        moment=moment,
    )
    return NewFact(
        kind="due",
        customer_id=first["customer_id"],
        happened_at=moment,
        key=key,
        details={
            "entry": key,
            "skus": [row["sku"] for row in rows],
            "goods": [row["subject_key"] for row in rows if is_category_subject(subject=row["subject_key"])],
            "since": begins.isoformat(),
            "at": sends_at.isoformat(),
            "cycle_keys": [row["cycle_key"] for row in rows],
            "value_minor": round(sum(row["gross_extra_margin_minor"] or 0 for row in rows)),
            "told": {
                **json.loads(first["reason_parameters"]),
                "items": [kept_with_message(row=row) for row in rows],
                "contact": contact_of(rows),
            },
        },
    )


def _cycle(row: Mapping[str, Any]) -> Cycle:
    return Cycle(
        cycle_key=row["cycle_key"],
        customer_id=row["customer_id"],
        product_id=row["product_id"],
        subject_key=row["subject_key"],
        due_date=row["due_date"],
        last_bought_date=row["last_bought_date"],
    )
