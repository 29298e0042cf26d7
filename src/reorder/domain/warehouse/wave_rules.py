"""What a pick line is still worth, whatever happened to its order meanwhile; and which parcels make a wave. Pure."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

# Tags and ways of shipping that put a parcel before others of its cut-off.
EXPRESS_TAGS: Final = frozenset({"express", "priority", "urgent", "急件", "加急"})
_EXPRESS_WORD: Final = "express"
_COLDEST: Final = ("ambient", "chilled", "frozen")
# Why a line is not to be picked (any more), as pages and handhelds say it.
WHY_TEMPLATES: Final = {
    "cancelled": "The order was cancelled.",
    "taken_back": "The order was taken back from the warehouse.",
    "done_elsewhere": "The order was picked without this list.",
    "changed": "The order was changed and needs fewer.",
    "held": "The order is held.",
    "unpicked": "The goods were put back.",
    "wave_cancelled": "The wave was cancelled.",
    "not_found": "The goods were not found.",
    "other_bin": "The goods are taken from another bin.",
    "other_lot": "Another lot is taken.",
    "split": "The parcel was moved to another wave.",
}
_BY_STATE: Final = {"cancelled": "cancelled", "allocated": "taken_back", "waiting": "taken_back"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A parcel that could be in a wave; `units` are selling units, `temperature_class` that of its coldest product."""

    fulfilment_id: int
    order_id: int
    ship_by_at: dt.datetime | None
    service_code: str
    ship_method: str
    tags: tuple[str, ...]
    temperature_class: str
    lines_count: int
    units: Decimal

    @property
    def is_express(self) -> bool:
        """Whether it goes before others of its cut-off."""
        named = f"{self.service_code} {self.ship_method}".lower()
        return _EXPRESS_WORD in named or bool(EXPRESS_TAGS.intersection(tag.lower() for tag in self.tags))


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveProposal:
    """Parcels that would leave together. `key` finds the same proposal again, as long as it is one."""

    key: str
    cut_off_at: dt.datetime | None
    temperature_class: str
    is_express: bool
    fulfilment_ids: tuple[int, ...]
    orders_count: int
    lines_count: int
    single_count: int
    units: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingLine:
    """A pick line beside what its parcel wants now; `wanted_units` None: the parcel has no such line any more."""

    id: int
    batch_id: int
    fulfilment_id: int
    order_line_id: int
    product_id: int
    state: str
    units: Decimal
    picked_units: Decimal
    sequence: int
    parcel_state: str
    is_held: bool
    wanted_units: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An open line that is to be picked with fewer `units`, or (none) not at all, and why."""

    line_id: int
    units: Decimal
    why: str


def propose(*, candidates: Sequence[Candidate], most_orders: int) -> list[WaveProposal]:
    """Waves by cut-off, express first, each temperature class for itself, of at most `most_orders` parcels."""
    groups: dict[tuple[bool, float, int, str], list[Candidate]] = defaultdict(list)
    for one in candidates:
        at = one.ship_by_at.timestamp() if one.ship_by_at else float("inf")
        groups[one.ship_by_at is None, at, 0 if one.is_express else 1, one.temperature_class].append(one)
    proposals = []
    for key in sorted(groups):
        every = sorted(groups[key], key=lambda one: (one.order_id, one.fulfilment_id))
        for number, start in enumerate(range(0, len(every), most_orders)):
            proposals.append(_proposal(parcels=every[start : start + most_orders], number=number))
    return proposals


def coldest(*, classes: Iterable[str]) -> str:
    """The class that rules a parcel of several."""
    return max(classes, key=_COLDEST.index, default=_COLDEST[0])


def judge_lines(*, lines: Sequence[StandingLine]) -> list[Verdict]:
    """Which open lines of parcels are to be picked less, or not at all; all lines of a parcel must be given."""
    left: dict[tuple[int, int, int], Decimal] = {}
    for one in lines:
        goods = (one.fulfilment_id, one.order_line_id, one.product_id)
        left.setdefault(goods, one.wanted_units or Decimal(0))
        if one.state == "picked":
            left[goods] -= one.picked_units
    verdicts = []
    for one in sorted(lines, key=lambda each: (each.sequence, each.id)):
        if one.state != "open":
            continue
        why = _why_not(one)
        goods = (one.fulfilment_id, one.order_line_id, one.product_id)
        units = Decimal(0) if why else max(min(one.units, left[goods]), Decimal(0))
        left[goods] -= units
        if units < one.units:
            verdicts.append(Verdict(line_id=one.id, units=units, why=why or "changed"))
    return verdicts


def is_wave_over(*, states: Iterable[str]) -> bool:
    """Whether all batches of a wave are finished."""
    return all(state in {"done", "cancelled"} for state in states)


def _why_not(line: StandingLine) -> str:
    if line.parcel_state != "released":
        return _BY_STATE.get(line.parcel_state, "done_elsewhere")
    if line.is_held:
        return "held"
    return "" if line.wanted_units else "changed"


def _proposal(*, parcels: Sequence[Candidate], number: int) -> WaveProposal:
    first = parcels[0]
    at = first.ship_by_at.astimezone(dt.UTC).strftime("%Y%m%dT%H%M") if first.ship_by_at else "any"
    key = f"{at}-{first.temperature_class}-{'express' if first.is_express else 'usual'}-{number}"
    return WaveProposal(
        key=key,
        cut_off_at=first.ship_by_at,
        temperature_class=first.temperature_class,
        is_express=first.is_express,
        fulfilment_ids=tuple(one.fulfilment_id for one in parcels),
        orders_count=len({one.order_id for one in parcels}),
        lines_count=sum(one.lines_count for one in parcels),
        single_count=sum(one.lines_count == 1 for one in parcels),
        units=sum((one.units for one in parcels), Decimal(0)),
    )
