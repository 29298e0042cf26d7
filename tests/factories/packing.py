"""A packing bench at Keelung: cartons, goods with sizes, a picked parcel, and scans of a handheld."""

from decimal import Decimal
from itertools import count
from typing import Any

from reorder.domain.catalog.models import Product
from reorder.domain.shipping.carton_rules import CartonRow, outer_side
from reorder.domain.shipping.cartons import put_carton
from reorder.domain.shipping.models import Parcel
from reorder.domain.warehouse.models import FulfilmentOrder
from reorder.flows import fulfil
from reorder.flows.floor import pack
from reorder.flows.floor.scanning import AnsweredScan, take_scan
from reorder.flows.floor.values import FloorScan
from tests.factories.inventory import KEELUNG
from tests.factories.order_life import LATER, parcel_of, released
from tests.factories.placing import MERCHANT, stock_up

_KEYS = count(1)


def carton(code: str, *inside: int, **more: Any) -> CartonRow:
    """A carton by its inner sides."""
    length, width, height = inside
    given: dict[str, Any] = {"own_grams": 100, "cost_minor": 1_000} | more
    return CartonRow(
        code=code,
        name=f"Carton {code}",
        length_mm=length,
        width_mm=width,
        height_mm=height,
        outer_length_mm=outer_side(inner_mm=length),
        outer_width_mm=outer_side(inner_mm=width),
        outer_height_mm=outer_side(inner_mm=height),
        **given,
    )


def lay_cartons() -> None:
    """A small, a middle and a large one, and an insulated one."""
    for row in (
        carton("S", 200, 150, 100),
        carton("M", 300, 200, 150, cost_minor=1_500),
        carton("L", 400, 300, 300, cost_minor=2_500),
        carton("ICE", 300, 250, 250, temperature_classes=("chilled", "frozen"), material="insulated"),
    ):
        put_carton(carton=row, decided_by="mei")


def goods(sku: str, *sides: int, grams: int = 300, units: int = 20, **more: Any) -> int:
    """A product in stock, with its size and handling; its number."""
    product_id = stock_up(sku=sku, units=units)
    length, width, height = sides or (None, None, None)
    Product.objects.filter(pk=product_id).update(
        length_mm=length, width_mm=width, height_mm=height, weight_grams=grams or None, **more
    )
    return product_id


def picked(*lines: tuple[str, int | str], **more: Any) -> int:
    """The number of a parcel whose goods are off the shelf."""
    fulfilment_id = parcel_of(released(*lines, **more))
    fulfil.pick_fulfilment(fulfilment_id=fulfilment_id, actor=MERCHANT, moment=LATER)
    return fulfilment_id


def plan(fulfilment_id: int) -> dict[str, Any]:
    """The steps as the handheld gets them."""
    return dict(pack.plan_of(task=str(fulfilment_id), place_code=KEELUNG, actor=MERCHANT))


def open_steps(fulfilment_id: int) -> list[str]:
    """What is to be done still."""
    made = plan(fulfilment_id)
    return [step["id"] for step in made["steps"] if step["id"] not in made["done_steps"]]


def step_of(fulfilment_id: int, step: str) -> dict[str, Any]:
    return next(one for one in plan(fulfilment_id)["steps"] if one["id"] == step)


def scan(fulfilment_id: int, step: str, code: str = "", *, units: int | str | None = None, **more: Any) -> AnsweredScan:
    """The answer to a scan of a step."""
    key = more.pop("key", f"scan {next(_KEYS)}")
    return take_scan(
        scan=FloorScan(
            key=key,
            work="pack",
            task=str(fulfilment_id),
            step=step,
            place_code=KEELUNG,
            code=code,
            units=None if units is None else Decimal(units),
            scanned_at=LATER,
            **more,
        ),
        actor=MERCHANT,
        moment=LATER,
    )


def press(fulfilment_id: int, step: str, choice: str) -> AnsweredScan:
    """The answer to a button of a step."""
    return scan(fulfilment_id, step, details={"choice": choice})


def boxes(fulfilment_id: int) -> list[tuple[str, list[tuple[str, str]], bool]]:
    """Carton, (SKU, units), and whether it is packed, of its parcels that are not cancelled."""
    found = Parcel.objects.filter(shipment_key=f"fulfilment:{fulfilment_id}").exclude(state="cancelled").order_by("pk")
    return [(one.carton_code, [(row[2], row[3]) for row in one.contents], one.packed_at is not None) for one in found]


def state(fulfilment_id: int) -> str:
    return FulfilmentOrder.objects.get(pk=fulfilment_id).state
