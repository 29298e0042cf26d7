"""Orders on their way, as tests need them: placed, and looked at."""

import datetime as dt
from typing import Any

from reorder.domain.inventory import queries as inventory
from reorder.domain.inventory.models import Level
from reorder.domain.orders.models import Order, OrderEvent
from reorder.domain.warehouse.models import FulfilmentOrder
from reorder.flows import fulfil
from tests.factories.inventory import KEELUNG
from tests.factories.placing import MERCHANT, NOON, order_of, place

LATER = NOON + dt.timedelta(hours=1)


def placed(*lines: tuple[str, int | str], **more: Any) -> int:
    """The number of an order that was taken."""
    (outcome,) = place(order_of(*lines, **more))
    assert outcome.fault is None, outcome.fault
    assert outcome.order_id is not None
    return outcome.order_id


def released(*lines: tuple[str, int | str], **more: Any) -> int:
    """The number of an order that the warehouse has."""
    order_id = placed(*lines, **more)
    fulfil.release_order(order_id=order_id, actor=MERCHANT, moment=LATER)
    return order_id


def parcel_of(order_id: int, *, at: str = KEELUNG, state: str | None = None) -> int:
    """The number of the live parcel of an order at a place."""
    found = FulfilmentOrder.objects.filter(order_id=order_id, place__code=at).exclude(state="cancelled")
    return int((found.filter(state=state) if state else found).get().pk)


def state_of(order_id: int) -> str:
    return Order.objects.get(pk=order_id).state


def parcels_of(order_id: int) -> list[tuple[str, str]]:
    """Place and state of its parcels."""
    found = FulfilmentOrder.objects.filter(order_id=order_id).order_by("pk")
    return list(found.values_list("place__code", "state"))


def events_of(order_id: int) -> list[tuple[str, str, str]]:
    """What happened to it: kind, state before and after."""
    return list(
        OrderEvent.objects.filter(order_id=order_id).order_by("pk").values_list("kind", "from_state", "to_state")
    )


def details_of(order_id: int, kind: str) -> dict[str, Any]:
    """What the last event of a kind says."""
    return OrderEvent.objects.filter(order_id=order_id, kind=kind).latest("pk").details


def level(sku: str = "OOLONG-150", at: str = KEELUNG) -> tuple[int, int]:
    """On hand and allocated units."""
    found = Level.objects.get(product__sku=sku, location__code=f"stock:{at}")
    return int(found.on_hand_units), int(found.allocated_units)


def ledger_agrees() -> bool:
    """Levels are what moves, allocations and holds sum to."""
    return inventory.compare_ledger_with_levels() == []
