"""Cartons, and how shipments are to be packed into them."""

from typing import Annotated, Final, Literal

from django.conf import settings
from ninja import Path, Router, Schema
from pydantic import ConfigDict, Field, StringConstraints

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import ExactUnits, Given, Id, IdempotencyKey, Key
from reorder.domain.inventory.errors import UnknownPlace
from reorder.domain.shipping import cartons
from reorder.domain.shipping.carton_rules import CartonRow, outer_side
from reorder.domain.staff.rules import Ability
from reorder.flows.packing import doing
from reorder.flows.packing.doing import Packing
from reorder.kernel import clock

router = Router(tags=["packing"])
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Side = Annotated[int, Field(ge=1, le=5_000, description="Millimetres.")]
Grams = Annotated[int, Field(ge=0, le=2_000_000)]
Temperature = Literal["ambient", "chilled", "frozen"]
_AMBIENT: Final[list[Temperature]] = ["ambient"]
Material = Literal["carton", "insulated", "bag", "tube"]


class CartonBody(Given):
    """A kind of box; given whole. What is left out is as its default says."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "Box 25 × 20 × 12", "length_mm": 250, "width_mm": 200, "height_mm": 120}]
        },
    )
    name: Name
    length_mm: Side
    width_mm: Side
    height_mm: Side
    outer_length_mm: Side | None = Field(default=None, description="6 mm more than inside where not given.")
    outer_width_mm: Side | None = None
    outer_height_mm: Side | None = None
    own_grams: Grams = 0
    max_grams: Annotated[int, Field(ge=1, le=2_000_000)] | None = Field(default=None, description="Of goods.")
    cost_minor: Annotated[int, Field(ge=0, le=10**9)] = Field(
        default=0, description="Minor units of the shop's currency."
    )
    temperature_classes: Annotated[list[Temperature], Field(min_length=1, max_length=3)] = Field(
        default_factory=_AMBIENT.copy
    )
    place: Key | None = Field(default=None, description="Only there; everywhere where not given.")
    material: Material = "carton"
    is_active: bool = True


class Carton(Schema):
    """A kind of box of the catalogue."""

    code: str
    name: str
    length_mm: int
    width_mm: int
    height_mm: int
    outer_length_mm: int
    outer_width_mm: int
    outer_height_mm: int
    own_grams: int
    max_grams: int | None
    cost_minor: int
    currency: str
    temperature_classes: list[Temperature]
    place: str | None
    material: Material
    is_active: bool


class CartonList(Schema):
    """Every carton, those in use first, small ones first."""

    items: list[Carton]


class PackedContent(Schema):
    """Units of a lot of a product in a parcel."""

    order_line_id: int
    sku: str
    lot: str
    units: ExactUnits


class PackedPlace(Schema):
    """Where one thing lies: its corner and its size as it lies, millimetres from the back left corner at the bottom."""

    sku: str
    x_mm: int
    y_mm: int
    z_mm: int
    length_mm: int
    width_mm: int
    height_mm: int


class PlannedParcel(Schema):
    """A parcel of a shipment, planned or packed; things stand in the order in which they are put in."""

    number: str | None = Field(description="From when its box is opened.")
    is_packed: bool
    carton: str | None = Field(description="None: own packaging, or no carton is known.")
    temperature_class: Temperature
    hazard_class: str
    grams: int
    is_estimate: bool = Field(description="A size or a weight in it is not known but usual.")
    contents: list[PackedContent]
    placements: list[PackedPlace]


class ShipmentPacking(Schema):
    """How a fulfilment is packed, or would be."""

    fulfilment_id: int
    order_number: str
    place: str
    state: str
    missing_sizes: list[str] = Field(description="SKUs whose size or weight nobody has entered.")
    parcels: list[PlannedParcel]


class Gone(Schema):
    """It is no more."""

    code: str


@reads(router, "/cartons", ability=Ability.VIEW_ORDERS, answer=CartonList, summary="List the cartons")
def list_cartons(request: ApiRequest) -> CartonList:
    return CartonList(items=[_carton(one) for one in cartons.list_cartons()])


@reads(router, "/cartons/{code}", ability=Ability.VIEW_ORDERS, answer=Carton, summary="Show one carton")
def get_carton(request: ApiRequest, code: Path[Code]) -> Carton:
    return _carton(cartons.get_carton(code=code))


@writes(
    router,
    "/cartons/{code}",
    method="PUT",
    ability=Ability.EDIT_STOCK,
    answers={200: Carton, 201: Carton},
    summary="Make a carton, or change it",
)
def put_carton(request: ApiRequest, idempotency_key: IdempotencyKey, code: Path[Code], body: CartonBody) -> Written:
    row = CartonRow(
        code=code,
        name=body.name,
        length_mm=body.length_mm,
        width_mm=body.width_mm,
        height_mm=body.height_mm,
        outer_length_mm=body.outer_length_mm or outer_side(inner_mm=body.length_mm),
        outer_width_mm=body.outer_width_mm or outer_side(inner_mm=body.width_mm),
        outer_height_mm=body.outer_height_mm or outer_side(inner_mm=body.height_mm),
        own_grams=body.own_grams,
        max_grams=body.max_grams,
        cost_minor=body.cost_minor,
        temperature_classes=tuple(body.temperature_classes),
        place_code=body.place or "",
        material=body.material,
        is_active=body.is_active,
    )
    _require_here(request, place_code=row.place_code)
    is_new = cartons.put_carton(carton=row, decided_by=request.auth.name)
    return Written(status=201 if is_new else 200, body=_carton(cartons.get_carton(code=code)))


@writes(
    router,
    "/cartons/{code}",
    method="DELETE",
    ability=Ability.EDIT_STOCK,
    answers={200: Gone},
    summary="Forget a carton; parcels keep its code and size",
)
def delete_carton(request: ApiRequest, idempotency_key: IdempotencyKey, code: Path[Code]) -> Written:
    _require_here(request, place_code=cartons.get_carton(code=code).place_code)
    cartons.remove_carton(code=code, decided_by=request.auth.name)
    return Written(status=200, body=Gone(code=code))


@reads(
    router,
    "/fulfilments/{fulfilment_id}/packing",
    ability=Ability.VIEW_ORDERS,
    answer=ShipmentPacking,
    summary="Show the parcels of a fulfilment: boxes, contents, and where everything lies",
)
def get_packing(request: ApiRequest, fulfilment_id: Id) -> ShipmentPacking:
    return _packing(doing.peek_at_plan(fulfilment_id=fulfilment_id, actor=request.auth, moment=clock.current_moment()))


def _require_here(request: ApiRequest, *, place_code: str) -> None:
    """A token for some places changes cartons of those only. Raises UnknownPlace."""
    if request.auth.place_codes and not (place_code and request.auth.may_at(place_code)):
        raise UnknownPlace(place=place_code or "–")


def _carton(row: CartonRow) -> Carton:
    given = {name: getattr(row, name) for name in Carton.model_fields if hasattr(row, name)}
    return Carton.model_validate(
        given
        | {
            "temperature_classes": list(row.temperature_classes),
            "place": row.place_code or None,
            "currency": settings.REORDER.currency,
        }
    )


def _packing(packing: Packing) -> ShipmentPacking:
    shipment = packing.shipment
    return ShipmentPacking(
        fulfilment_id=shipment.fulfilment_id,
        order_number=shipment.order_number,
        place=shipment.place_code,
        state=shipment.state,
        missing_sizes=list(packing.plan.missing),
        parcels=[
            PlannedParcel(
                number=one.number or None,
                is_packed=one.is_closed,
                carton=one.carton_code or None,
                temperature_class=one.temperature_class,  # type: ignore[arg-type]
                hazard_class=one.hazard_class,
                grams=one.grams,
                is_estimate=one.is_estimate,
                contents=[
                    PackedContent(order_line_id=part.order_line_id, sku=part.sku, lot=part.lot, units=part.units)
                    for part in one.contents
                ],
                placements=[
                    PackedPlace(
                        sku=one.contents[lies.content].sku,
                        x_mm=lies.x_mm,
                        y_mm=lies.y_mm,
                        z_mm=lies.z_mm,
                        length_mm=lies.length_mm,
                        width_mm=lies.width_mm,
                        height_mm=lies.height_mm,
                    )
                    for lies in one.lying
                ],
            )
            for one in packing.plan.parcels
        ],
    )
