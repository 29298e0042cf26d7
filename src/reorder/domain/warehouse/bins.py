"""Bins of a place: saved many at once, all or nothing, with every fault of every bin told.

A bin that goods stand in is neither closed nor moved into a zone for something else; a bin that was ever used is
closed, never deleted, since the ledger of bins names it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.inventory.models import Place
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.errors import UnknownBin
from reorder.domain.warehouse.floor_errors import BadBin, BadFloorPlan, BinsHoldGoods
from reorder.domain.warehouse.floor_models import Bin, BinMove, BinStock, StorageZone
from reorder.domain.warehouse.floor_plans import get_plan
from reorder.domain.warehouse.floor_rules import (
    MOST_MM,
    AislePlan,
    BinSpot,
    Plan,
    distances_mm,
    normal_code,
)

MOST_BINS: Final = 50_000
_MOST_LEVELS: Final = 60
_MOST_GRAMS: Final = 100_000_000
_CHANGED: Final = (
    "zone", "aisle", "at_mm", "side", "level", "point", "length_mm", "width_mm", "height_mm", "max_grams", "is_active",
)  # fmt: skip
# Reasons that errors give, for who translates them.
REASON_TEMPLATES: Final = (
    "a bin of this code stands at another place",
    "a size or weight is above 0; leave it empty where it is not known",
    "goods stand in it: it cannot be closed",
    "goods stand in it: its zone must be for the same and as cold",
    "it is behind the end of its aisle where one can only walk in, not out",
    "levels are numbered from 1 to 60",
    "the code is there twice",
    "the place has no such zone",
    "the side is L or R",
    "there is no such aisle",
    "there is no such point",
    "there are at most 50,000 bins",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBin:
    """A bin as it should be: `aisle` is a position in the plan's aisles, `point` the code of one in a graph."""

    code: str
    zone: str
    aisle: int = 0
    at_mm: int = 0
    side: str = "L"
    level: int = 1
    point: str = ""
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    max_grams: int | None = None
    is_active: bool = True

    @property
    def spot(self) -> BinSpot:
        """Where it lies."""
        return BinSpot(
            code=self.code, aisle=self.aisle, at_mm=self.at_mm, side=self.side, level=self.level, point=self.point
        )


@dataclass(frozen=True, slots=True)
class BinFault:
    """What is wrong with the bin at `position` of those given."""

    position: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class BinChanges:
    """What saving bins comes to."""

    new_count: int
    changed_count: int
    same_count: int
    closed_count: int = 0


def place_of_bin(*, code: str) -> str:
    """The code of the place that a bin belongs to. Raises UnknownBin."""
    found = Bin.objects.filter(code=code).values_list("place__code", flat=True).first()
    if found is None:
        raise UnknownBin(bin=code)
    return str(found)


def list_bins_of_place(*, place_code: str) -> list[NewBin]:
    """Every bin of a place as it could be saved again, by code, open and closed ones."""
    rows = Bin.objects.filter(place__code=place_code).select_related("zone").order_by("code")
    names = [name for name in _CHANGED if name != "zone"]
    return [NewBin(code=row.code, zone=row.zone.code, **{name: getattr(row, name) for name in names}) for row in rows]


def list_faults(*, place_code: str, bins: Sequence[NewBin], plan: Plan | None = None) -> list[BinFault]:
    """Everything that is wrong with these bins of a place, in their order; empty when they can be saved.

    `plan` is the floor that they are for where it is not the saved one. Raises NoFloorPlan.
    """
    floor = plan or get_plan(place_code=place_code)
    zones = {zone.code: zone for zone in StorageZone.objects.filter(place__code=place_code)}
    known = {one.code: one for one in Bin.objects.select_related("place", "zone").filter(code__in=_codes(bins))}
    used = set(BinStock.objects.filter(bin__code__in=known).values_list("bin__code", flat=True))
    twice = {code for code, count in Counter(one.code for one in bins).items() if count > 1}
    reached = _reached(plan=floor, bins=bins)
    faults = []
    for position, one in enumerate(bins):
        reason = (
            _wrong_in_itself(one, plan=floor, twice=twice)
            or _wrong_with_zone(one, zones=zones, known=known.get(one.code), place_code=place_code, used=used)
            or ("" if one.code in reached else "it is behind the end of its aisle where one can only walk in, not out")
        )
        if reason:
            faults.append(BinFault(position=position, code=one.code, reason=reason))
    return faults


def save_bins(*, place_code: str, bins: Sequence[NewBin], changed_by: str) -> BinChanges:
    """Add or change bins of a place, all or nothing. Raises NoFloorPlan, BadBin for the first that cannot be."""
    if len(bins) > MOST_BINS:
        raise BadBin(bin=len(bins), reason="there are at most 50,000 bins")
    with one_transaction():
        place = Place.objects.select_for_update().get(code=place_code)
        # Nobody puts goods into a bin between the look and the change: whoever does holds its row.
        list(Bin.objects.select_for_update().filter(code__in=_codes(bins)).order_by("pk").values_list("pk"))
        for fault in list_faults(place_code=place_code, bins=bins):
            raise BadBin(bin=fault.code, reason=fault.reason)
        changes = count_changes(bins=bins)
        zones = dict(StorageZone.objects.filter(place=place).values_list("code", "pk"))
        Bin.objects.bulk_create(
            [_row(one, place_id=place.pk, zone_id=zones[one.zone]) for one in bins],
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=list(_CHANGED),
            batch_size=2000,
        )
        _tell(place_code=place_code, changes=changes, changed_by=changed_by)
    return changes


def close_other_bins(*, place_code: str, kept_codes: Sequence[str], changed_by: str) -> int:
    """Close all bins of a place but these; those that no goods ever were in are deleted. Returns how many.

    Raises BinsHoldGoods when one of them holds goods; nothing is changed then.
    """
    with one_transaction():
        Place.objects.select_for_update().get(code=place_code)
        others = Bin.objects.filter(place__code=place_code, is_active=True).exclude(code__in=list(kept_codes))
        ids = list(others.select_for_update().order_by("pk").values_list("pk", flat=True))
        _refuse_held(ids)
        moved = BinMove.objects.filter(source_id__in=ids).values_list("source_id", flat=True)
        filled = BinMove.objects.filter(target_id__in=ids).values_list("target_id", flat=True)
        used = {*moved, *filled}
        Bin.objects.filter(pk__in=used).update(is_active=False)
        # Other parts of the floor may know an unused bin too (counts, batches): it is closed then, like the others.
        _delete_unused([one for one in ids if one not in used])
        if ids:
            _tell(place_code=place_code, changes=BinChanges(0, 0, 0, len(ids)), changed_by=changed_by)
    return len(ids)


def count_changes(*, bins: Sequence[NewBin]) -> BinChanges:
    """What saving these bins would come to."""
    known = {one.code: one for one in Bin.objects.select_related("zone").filter(code__in=_codes(bins))}
    new = sum(one.code not in known for one in bins)
    same = sum(one.code in known and _is_same(one, known[one.code]) for one in bins)
    return BinChanges(new_count=new, changed_count=len(bins) - new - same, same_count=same)


def _codes(bins: Iterable[NewBin]) -> list[str]:
    return [one.code for one in bins]


def _reached(*, plan: Plan, bins: Sequence[NewBin]) -> set[str]:
    """Codes of bins that one can walk to; those that are nowhere count, since that is another fault."""
    there = [one for one in bins if not _where_fault(one, plan=plan)]
    nowhere = {one.code for one in bins} - {one.code for one in there}
    found = set(distances_mm(plan=plan, spots=[one.spot for one in there])) if there else set()
    if isinstance(plan, AislePlan):
        low, high = min(plan.cross_aisles_mm), max(plan.cross_aisles_mm)
        one_way = {position for position, code in enumerate(plan.aisle_codes) if code in plan.one_way_aisles}
        found -= {one.code for one in there if one.aisle in one_way and not low <= one.at_mm <= high}
    return found | nowhere


def _where_fault(one: NewBin, *, plan: Plan) -> str:
    if isinstance(plan, AislePlan):
        is_there = 0 <= one.aisle < len(plan.aisle_codes) and 0 <= one.at_mm <= MOST_MM
        return "" if is_there else "there is no such aisle"
    return "" if one.point in plan.points else "there is no such point"


def _wrong_in_itself(one: NewBin, *, plan: Plan, twice: set[str]) -> str:
    sizes = (one.length_mm, one.width_mm, one.height_mm, one.max_grams)
    checks = (
        (one.code in twice, "the code is there twice"),
        (one.side not in {"L", "R"}, "the side is L or R"),
        (not 1 <= one.level <= _MOST_LEVELS, "levels are numbered from 1 to 60"),
        (
            any(size is not None and not 0 < size <= _MOST_GRAMS for size in sizes),
            "a size or weight is above 0; leave it empty where it is not known",
        ),
    )
    found = next((reason for is_wrong, reason in checks if is_wrong), "") or _where_fault(one, plan=plan)
    return found or _code_fault(one.code)


def _code_fault(code: str) -> str:
    try:
        is_normal = normal_code(text=code) == code
    except BadFloorPlan as fault:
        return str(fault.parameters["reason"])
    return "" if is_normal else "a bin's code has at most 32 letters, digits, dots and dashes"


def _wrong_with_zone(
    one: NewBin, *, zones: Mapping[str, StorageZone], known: Bin | None, place_code: str, used: set[str]
) -> str:
    zone = zones.get(one.zone)
    if known is not None and known.place.code != place_code:
        return "a bin of this code stands at another place"
    if zone is None:
        return "the place has no such zone"
    if known is None or one.code not in used:
        return ""
    if not one.is_active:
        return "goods stand in it: it cannot be closed"
    before = (known.zone.purpose, known.zone.temperature_class)
    if before != (zone.purpose, zone.temperature_class):
        return "goods stand in it: its zone must be for the same and as cold"
    return ""


def _is_same(one: NewBin, known: Bin) -> bool:
    return known.zone.code == one.zone and all(
        getattr(known, name) == getattr(one, name) for name in _CHANGED if name != "zone"
    )


def _row(one: NewBin, *, place_id: int, zone_id: int) -> Bin:
    values = {name: getattr(one, name) for name in _CHANGED if name != "zone"}
    return Bin(code=one.code, place_id=place_id, zone_id=zone_id, **values)


def _refuse_held(ids: Sequence[int]) -> None:
    held = BinStock.objects.filter(bin_id__in=ids).order_by("bin__code").values_list("bin__code", flat=True)
    codes = list(dict.fromkeys(held))
    if codes:
        raise BinsHoldGoods(count=len(codes), bin=codes[0])


def _delete_unused(ids: Sequence[int]) -> None:
    known_elsewhere = {
        number
        for relation in Bin._meta.related_objects  # noqa: SLF001 - Django's documented way to ask a model's relations
        if relation.related_model not in {BinStock, BinMove} and relation.on_delete.__name__ == "PROTECT"
        for number in relation.related_model.objects.filter(  # type: ignore[union-attr]
            **{f"{relation.field.name}__in": ids}
        ).values_list(f"{relation.field.name}_id", flat=True)
    }
    Bin.objects.filter(pk__in=known_elsewhere).update(is_active=False)
    Bin.objects.filter(pk__in=[one for one in ids if one not in known_elsewhere]).delete()


def _tell(*, place_code: str, changes: BinChanges, changed_by: str) -> None:
    record_audit(
        actor=changed_by,
        action="warehouse.save_bins",
        subject_kind="place",
        subject_key=place_code,
        details={
            "new": changes.new_count,
            "changed": changes.changed_count,
            "closed": changes.closed_count,
        },
    )
