"""The catalogue of cartons: kept, read, taken from a file; every change is audited."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from reorder.domain.inventory.models import Place
from reorder.domain.shipping.carton_models import Carton
from reorder.domain.shipping.carton_rules import CartonRow, refuse_bad_carton
from reorder.domain.shipping.errors import BadCarton, CartonKnown, UnknownCarton
from reorder.domain.shipping.rules import TEMPERATURES
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import fetch_prepared, one_transaction

_LIST: Final = """
SELECT carton.code, carton.name, carton.length_mm, carton.width_mm, carton.height_mm, carton.outer_length_mm,
       carton.outer_width_mm, carton.outer_height_mm, carton.own_grams, carton.max_grams, carton.cost_minor,
       carton.temperature_classes, coalesce(place.code, ''), carton.material, carton.is_active
FROM shipping_carton AS carton LEFT JOIN inventory_place AS place ON place.id = carton.place_id
ORDER BY NOT carton.is_active, carton.length_mm::bigint * carton.width_mm * carton.height_mm, carton.code
"""


def list_cartons() -> list[CartonRow]:
    """Every carton: those in use first, small ones first."""
    rows = fetch_prepared(statement=_LIST, parameters={})
    return [CartonRow(**dict(zip(_NAMES, _tuples(row), strict=True))) for row in rows]


def list_cartons_at(*, place_code: str) -> list[CartonRow]:
    """Cartons in use that are at hand at a place, small ones first."""
    return [one for one in list_cartons() if one.is_active and one.place_code in {"", place_code}]


def get_carton(*, code: str) -> CartonRow:
    """One carton; raises UnknownCarton."""
    found = next((one for one in list_cartons() if one.code == code), None)
    if found is None:
        raise UnknownCarton(carton=code)
    return found


def add_carton(*, carton: CartonRow, decided_by: str) -> None:
    """Add a carton. Raises BadCarton, CartonKnown."""
    if Carton.objects.filter(code=carton.code.replace("\x00", "")).exists():
        raise CartonKnown(carton=carton.code)
    put_carton(carton=carton, decided_by=decided_by)


def put_carton(*, carton: CartonRow, decided_by: str) -> bool:
    """Add a carton or change the one of this code; whether it is new. Raises BadCarton."""
    refuse_bad_carton(carton=carton)
    with one_transaction():
        is_new = _write(carton)
        record_audit(
            actor=decided_by,
            action="shipping.put_carton",
            subject_kind="carton",
            subject_key=carton.code,
            details={name: value for name, value in asdict(carton).items() if name != "code"},
        )
    return is_new


def take_cartons(*, cartons: Sequence[CartonRow], decided_by: str) -> int:
    """Add or change all of these, or none; how many. Cartons that are not among them stay. Raises BadCarton."""
    for carton in cartons:
        refuse_bad_carton(carton=carton)
    with one_transaction():
        for carton in cartons:
            _write(carton)
        record_audit(
            actor=decided_by,
            action="shipping.take_cartons",
            subject_kind="cartons",
            subject_key="",
            details={"cartons": len(cartons)},
        )
    return len(cartons)


def remove_carton(*, code: str, decided_by: str) -> None:
    """Forget a carton; parcels that were packed into it keep its code and size. Raises UnknownCarton."""
    with one_transaction():
        if not Carton.objects.filter(code=code.replace("\x00", "")).delete()[0]:
            raise UnknownCarton(carton=code)
        record_audit(actor=decided_by, action="shipping.remove_carton", subject_kind="carton", subject_key=code)


_NAMES: Final = tuple(CartonRow.__dataclass_fields__)


def _tuples(row: Sequence[Any]) -> list[Any]:
    return [tuple(one) if isinstance(one, list) else one for one in row]


def _write(carton: CartonRow) -> bool:
    values = asdict(replace(carton, name=carton.name.strip()))
    code, place_code = values.pop("code"), values.pop("place_code")
    values["temperature_classes"] = [one for one in TEMPERATURES if one in carton.temperature_classes]
    values["place_id"] = _place_id(carton=code, code=place_code) if place_code else None
    _, is_new = Carton.objects.update_or_create(code=code, defaults=values)
    return is_new


def _place_id(*, carton: str, code: str) -> int:
    found = Place.objects.filter(code=code.replace("\x00", "")).values_list("pk", flat=True).first()
    if found is None:
        raise BadCarton(carton=carton, reason="there is no place with this code")
    return int(found)
