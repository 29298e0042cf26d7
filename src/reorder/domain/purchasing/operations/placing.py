"""From open proposals to purchase orders; above the shop's limit they wait for a second, different person."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings
from django.db import connection

from reorder.domain.purchasing.errors import ProposalDecided
from reorder.domain.purchasing.models import Offer, Proposal, PurchaseOrder, PurchaseOrderLine, Supplier
from reorder.domain.purchasing.queries import (
    ProposalRow,
    PurchaseOrderRow,
    find_rate,
    get_calendars,
    get_purchase_orders,
)
from reorder.domain.purchasing.rules import expected_date, needs_second_person, order_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """Who orders and when: `placed_date` and `placed_time` are the shop's of `placed_at`.

    By `approval_key` a repeated approval finds its orders; orders above `limit_minor` (the shop's currency, None: no
    limit) wait for a second person.
    """

    placed_at: dt.datetime
    placed_date: dt.date
    placed_by: str
    placed_time: dt.time | None = None
    approval_key: str = ""
    limit_minor: int | None = None


def place_orders(*, proposals: Sequence[ProposalRow], placing: Placing) -> list[PurchaseOrderRow]:
    """Turn open proposals into purchase orders, one for each supplier and place, and mark them approved.

    ProposalDecided when one is no longer open: then nothing may be committed. Call after `lock_deciding`.
    """

    def joined(row: ProposalRow) -> tuple[str, str]:
        return row.supplier_code, row.place_code

    numbers = []
    for _, group in groupby(sorted(proposals, key=joined), key=joined):
        rows = list(group)
        order = _create_order(rows=rows, placing=placing)
        _mark_approved(rows=rows, order=order, placing=placing)
        numbers.append(order.number)
    return get_purchase_orders(numbers=numbers)


def expected_of(
    *, supplier_id: int, product_ids: Sequence[int], placed_date: dt.date, placed_time: dt.time | None
) -> dt.date:
    """The day by which all these products should be there, by the supplier's calendar and agreed lead times."""
    supplier = Supplier.objects.get(pk=supplier_id)
    own = Offer.objects.filter(supplier_id=supplier_id, product_id__in=product_ids).values_list("lead_days", flat=True)
    return expected_date(
        calendar=get_calendars(today=placed_date, codes=[supplier.code])[supplier.code],
        placed_date=placed_date,
        placed_time=placed_time,
        lead_days=[supplier.lead_days if days is None else days for days in own] or [supplier.lead_days],
    )


def _create_order(*, rows: Sequence[ProposalRow], placing: Placing) -> PurchaseOrder:
    first = rows[0]
    rate = find_rate(currency=first.currency, on_date=placing.placed_date)
    is_held = needs_second_person(
        cost_minor=sum(row.cost_minor for row in rows),
        currency=first.currency,
        rate=rate,
        limit_minor=placing.limit_minor,
        shop_currency=settings.REORDER.currency,
    )
    expected = expected_of(
        supplier_id=first.supplier_id,
        product_ids=[row.product_id for row in rows],
        placed_date=placing.placed_date,
        placed_time=placing.placed_time,
    )
    order = PurchaseOrder.objects.create(
        number=_take_number(year=placing.placed_date.year),
        supplier_id=first.supplier_id,
        place_id=first.place_id,
        currency=first.currency,
        state=PurchaseOrder.State.AWAITING_APPROVAL if is_held else PurchaseOrder.State.PLACED,
        placed_at=placing.placed_at,
        requested_at=placing.placed_at if is_held else None,
        limit_minor=placing.limit_minor if is_held else None,
        placed_by=placing.placed_by,
        approval_key=placing.approval_key,
        expected_date=expected,
        asked_date=expected,
        exchange_rate=rate,
    )
    PurchaseOrderLine.objects.bulk_create(
        PurchaseOrderLine(
            order=order,
            product_id=row.product_id,
            ordered_units=row.units,
            unit_cost_minor=row.unit_cost_minor,
            order_unit=row.order_unit,
            order_unit_units=row.order_unit_units,
            order_unit_cost_minor=row.order_unit_cost_minor,
        )
        for row in rows
    )
    return order


def _take_number(*, year: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('purchasing_order_number')")
        ordinal = cursor.fetchone()[0]
    return order_number(year=year, ordinal=ordinal)


def _mark_approved(*, rows: Sequence[ProposalRow], order: PurchaseOrder, placing: Placing) -> None:
    changed = Proposal.objects.filter(pk__in=[row.id for row in rows], state=Proposal.State.OPEN).update(
        state=Proposal.State.APPROVED,
        decided_at=placing.placed_at,
        decided_by=placing.placed_by,
        purchase_order=order,
    )
    if changed != len(rows):
        decided = Proposal.objects.filter(pk__in=[row.id for row in rows]).exclude(purchase_order=order).first()
        state = decided.state if decided else "removed"
        raise ProposalDecided(proposal_id=decided.pk if decided else rows[0].id, state=state, by="")
