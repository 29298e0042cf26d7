"""Floor plans of places: kept by people, walked by the engine.

A plan is saved whole or not at all; bins keep their aisles by code when aisles are added or change places.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, PositiveSmallIntegerField, Value, When
from django.db.models.functions import Now

from reorder.domain.inventory.models import Place
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.floor_errors import BinsHoldGoods, NoFloorPlan, UnknownZone
from reorder.domain.warehouse.floor_models import Bin, FloorPlan, StorageZone
from reorder.domain.warehouse.floor_rules import (
    PURPOSES,
    AislePlan,
    BinSpot,
    GraphPlan,
    Plan,
    Way,
    graph_of,
    normal_code,
    point_of,
    refuse_bad_plan,
)
from reorder.engine import picking

_MM = 1000.0
DEMO = "demo"


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A zone of a place."""

    code: str
    name: str
    purpose: str
    temperature_class: str


@dataclass(frozen=True, slots=True)
class FloorLayout:
    """What the engine plans walks on, in metres, and where each bin lies; `bins` by code."""

    layout: picking.Layout
    bins: Mapping[str, picking.Bin]


def find_plan(*, place_code: str) -> Plan | None:
    """The plan of a place; None where none was made."""
    found = FloorPlan.objects.filter(place__code=place_code).first()
    return _plan(found) if found else None


def get_plan(*, place_code: str) -> Plan:
    """The plan of a place. Raises NoFloorPlan."""
    found = find_plan(place_code=place_code)
    if found is None:
        raise NoFloorPlan(place=place_code)
    return found


def is_synthetic(*, place_code: str) -> bool:
    """Whether the plan is the demonstration's."""
    return FloorPlan.objects.filter(place__code=place_code, changed_by=DEMO).exists()


def list_spots(*, place_code: str) -> list[BinSpot]:
    """Where the open bins of a place lie, by code."""
    rows = (
        Bin.objects.filter(place__code=place_code, is_active=True)
        .order_by("code")
        .values_list("code", "aisle", "at_mm", "side", "level", "point", "zone__purpose")
    )
    return [
        BinSpot(code=code, aisle=aisle, at_mm=at_mm, side=side, level=level, point=point, purpose=purpose)
        for code, aisle, at_mm, side, level, point, purpose in rows
    ]


def load_layout(*, place_code: str) -> FloorLayout:
    """The engine's layout of a place and each open bin on it. Raises NoFloorPlan."""
    plan = get_plan(place_code=place_code)
    spots = list_spots(place_code=place_code)
    if isinstance(plan, AislePlan) and not plan.one_way_aisles:
        return FloorLayout(
            layout=picking.AisleLayout(
                aisle_pitch=plan.aisle_pitch_mm / _MM,
                cross_aisles=tuple(one / _MM for one in plan.cross_aisles_mm),
                depot_aisle=plan.depot_aisle,
                depot_at=plan.depot_at_mm / _MM,
            ),
            bins={one.code: picking.Bin(aisle=one.aisle, at=one.at_mm / _MM) for one in spots},
        )
    return _as_graph(plan=plan, spots=spots)


def _as_graph(*, plan: Plan, spots: Sequence[BinSpot]) -> FloorLayout:
    """Points and ways, also of one-way aisles: whoever may not turn round comes back through aisles without a stop."""
    graph = graph_of(plan=plan, spots=spots)
    return FloorLayout(
        layout=picking.GraphLayout(
            points=tuple(graph.points),
            ways=tuple((way.source, way.target, way.length_mm / _MM, way.is_one_way) for way in graph.ways),
            depot_point=graph.depot_point,
        ),
        bins={one.code: picking.Bin(aisle=0, at=0.0, point=point_of(plan=plan, spot=one)) for one in spots},
    )


def save_plan(*, place_code: str, plan: Plan, changed_by: str) -> None:
    """Lay down how one walks through a place; its bins stay in the aisles of the same codes.

    Raises BadFloorPlan, and BinsHoldGoods where an aisle or point with bins that hold goods would go; bins without
    goods of such an aisle are closed.
    """
    refuse_bad_plan(plan=plan)
    with one_transaction():
        place = Place.objects.select_for_update().get(code=place_code)
        before = FloorPlan.objects.filter(place=place).first()
        _keep_bins(place=place, before=_plan(before) if before else None, plan=plan)
        FloorPlan.objects.update_or_create(place=place, defaults=_columns(plan) | {"changed_by": changed_by})
        record_audit(
            actor=changed_by,
            action="warehouse.save_floor_plan",
            subject_kind="place",
            subject_key=place_code,
            details=_said(plan),
        )


def list_zones(*, place_code: str) -> list[ZoneRow]:
    """Zones of a place by code."""
    rows = StorageZone.objects.filter(place__code=place_code).order_by("code")
    return [ZoneRow(*row) for row in rows.values_list("code", "name", "purpose", "temperature_class")]


def save_zone(*, place_code: str, zone: ZoneRow, changed_by: str) -> None:
    """Add a zone to a place, or change what its bins are for. Raises BadFloorPlan, BinsHoldGoods.

    The purpose and the temperature of a zone whose bins hold goods stay: those goods would stand in the wrong place.
    """
    code = normal_code(text=zone.code)
    if zone.purpose not in PURPOSES or zone.temperature_class not in {"ambient", "chilled", "frozen"}:
        raise UnknownZone(place=place_code, zone=f"{zone.purpose}, {zone.temperature_class}")
    with one_transaction():
        place = Place.objects.select_for_update().get(code=place_code)
        found = StorageZone.objects.filter(place=place, code=code).first()
        wanted = (zone.purpose, zone.temperature_class)
        if found and (found.purpose, found.temperature_class) != wanted:
            refuse_with_goods(bins=Bin.objects.filter(zone=found))
        values = {"name": zone.name.strip() or code, "purpose": wanted[0], "temperature_class": wanted[1]}
        StorageZone.objects.update_or_create(place=place, code=code, defaults=values)
        record_audit(
            actor=changed_by,
            action="warehouse.save_zone",
            subject_kind="place",
            subject_key=place_code,
            details={"zone": code, **values},
        )


def refuse_with_goods(*, bins: Any) -> None:
    """Raises BinsHoldGoods when something stands in any of these bins (a query set)."""
    holding = bins.filter(stock__isnull=False).distinct()
    count = holding.count()
    if count:
        first = holding.order_by("code").values_list("code", flat=True)[0]
        raise BinsHoldGoods(count=count, bin=first)


def _keep_bins(*, place: Place, before: Plan | None, plan: Plan) -> None:
    """Bins of aisles that changed places follow; those of aisles and points that go are closed."""
    bins = Bin.objects.filter(place=place)
    if isinstance(plan, GraphPlan):
        gone = bins.exclude(point__in=list(plan.points))
    elif isinstance(before, AislePlan):
        new = {code: position for position, code in enumerate(plan.aisle_codes)}
        gone = bins.exclude(aisle__in=[n for n, code in enumerate(before.aisle_codes) if code in new])
        moved = {n: new[code] for n, code in enumerate(before.aisle_codes) if code in new and new[code] != n}
        refuse_with_goods(bins=gone)
        gone.update(is_active=False)
        if moved:
            whens = [When(aisle=old, then=Value(position)) for old, position in moved.items()]
            bins.filter(aisle__in=list(moved)).update(
                aisle=Case(*whens, default=F("aisle"), output_field=PositiveSmallIntegerField())
            )
        return
    else:
        gone = bins.filter(aisle__gte=len(plan.aisle_codes)) if before is None else bins
    refuse_with_goods(bins=gone)
    gone.update(is_active=False)


def _plan(found: FloorPlan) -> Plan:
    if found.kind == FloorPlan.Kind.GRAPH:
        return GraphPlan(
            points={code: (x_mm, y_mm) for code, x_mm, y_mm in found.points},
            ways=tuple(Way(*row) for row in found.ways),
            depot_point=found.depot_point,
        )
    return AislePlan(
        aisle_codes=tuple(found.aisle_codes),
        aisle_pitch_mm=found.aisle_pitch_mm,
        cross_aisles_mm=tuple(found.cross_aisles_mm),
        depot_aisle=found.depot_aisle,
        depot_at_mm=found.depot_at_mm,
        one_way_aisles=found.one_way_aisles,
    )


def _columns(plan: Plan) -> dict[str, Any]:
    if isinstance(plan, GraphPlan):
        return {
            "kind": FloorPlan.Kind.GRAPH,
            "points": [[code, *spot] for code, spot in plan.points.items()],
            "ways": [[way.source, way.target, way.length_mm, way.is_one_way] for way in plan.ways],
            "depot_point": plan.depot_point,
            "changed_at": Now(),
        }
    return {
        "kind": FloorPlan.Kind.AISLES,
        "aisle_codes": list(plan.aisle_codes),
        "aisle_pitch_mm": plan.aisle_pitch_mm,
        "cross_aisles_mm": list(plan.cross_aisles_mm),
        "depot_aisle": plan.depot_aisle,
        "depot_at_mm": plan.depot_at_mm,
        "one_way_aisles": dict(plan.one_way_aisles),
        "changed_at": Now(),
    }


def _said(plan: Plan) -> dict[str, object]:
    if isinstance(plan, GraphPlan):
        return {"kind": "graph", "points": len(plan.points), "ways": len(plan.ways)}
    return {"kind": "aisles", "aisles": len(plan.aisle_codes), "cross_aisles": len(plan.cross_aisles_mm)}
