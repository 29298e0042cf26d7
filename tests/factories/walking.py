"""A Keelung warehouse with a floor: two aisles of bins, and goods put into them."""

import datetime as dt
from decimal import Decimal
from typing import Any

from reorder.domain.catalog.models import Product
from reorder.domain.inventory.models import Place
from reorder.domain.warehouse.bin_stock import NewBinMove, list_excess, move_between_bins
from reorder.domain.warehouse.floor_models import Bin, BinStock, FloorPlan, StorageZone
from reorder.domain.warehouse.models import PickBatch, PickLine
from reorder.flows import waves
from reorder.flows.floor import pick
from reorder.flows.floor.scanning import AnsweredScan, take_scan
from reorder.flows.floor.values import FloorScan
from reorder.kernel.ids import idempotency_key
from tests.factories.inventory import KEELUNG, make_place
from tests.factories.placing import MERCHANT, NOON

LATER = NOON + dt.timedelta(hours=2)
# Aisle, metres along it.
BINS = {"A-01": (0, 2), "A-02": (0, 8), "B-01": (1, 2), "B-02": (1, 8), "C-01": (2, 5)}


def lay_floor(*, place: str = KEELUNG) -> None:
    """Three aisles 3 m apart and 10 m long, a depot before the first, and five bins of a pick zone."""
    make_place(code=place, name=place)
    row = Place.objects.get(code=place)
    FloorPlan.objects.create(
        place=row, aisle_codes=["A", "B", "C"], aisle_pitch_mm=3000, cross_aisles_mm=[0, 10_000], changed_by="mei"
    )
    zone = StorageZone.objects.create(place=row, code=f"PICK-{place}", name="Pick faces")
    prefix = "" if place == KEELUNG else f"{place[0]}-"
    for code, (aisle, at) in BINS.items():
        Bin.objects.create(code=prefix + code, place=row, zone=zone, aisle=aisle, at_mm=at * 1000)


def put_in(
    code: str,
    *,
    sku: str = "OOLONG-150",
    units: int | str,
    lot: str = "",
    expires: dt.date | None = None,
    owner: str = "self",
) -> None:
    """Goods of a place that are in no bin, into one."""
    product = Product.objects.get(sku=sku)
    move_between_bins(
        moves=[
            NewBinMove(
                key=f"put {code} {sku} {lot} {units}",
                kind="put_away",
                product_id=product.pk,
                units=Decimal(units),
                source="",
                target=code,
                cause_kind="test",
                cause_key="test",
                actor="mei",
                happened_at=NOON,
                owner=owner,
                lot=lot,
                expires_date=expires,
            )
        ]
    )


def in_bins(sku: str = "OOLONG-150") -> dict[str, int]:
    """Units of a product by bin."""
    rows = BinStock.objects.filter(product__sku=sku).values_list("bin__code", "units")
    return {code: int(units) for code, units in rows}


def wave_at(place: str = KEELUNG) -> int:
    """The number of a released wave of the first proposal."""
    first = waves.propose_waves(place_code=place, actor=MERCHANT)[0]
    wave_id = waves.make_wave(place_code=place, key=first.key, actor=MERCHANT, moment=LATER)
    waves.release_wave(wave_id=wave_id, actor=MERCHANT, moment=LATER)
    return wave_id


def lines_of(wave_id: int) -> list[tuple[str, str, int, str]]:
    """Bin, lot, units and state of the lines of a wave, in walking order."""
    rows = PickLine.objects.filter(batch__wave_id=wave_id).order_by("batch__number", "sequence", "pk")
    return [
        (bin_code or "", lot, int(units), state)
        for bin_code, lot, units, state in rows.values_list("bin__code", "lot", "units", "state")
    ]


def batch_of(wave_id: int, *, number: int = 1) -> PickBatch:
    return PickBatch.objects.get(wave_id=wave_id, number=number)


def scan(batch: PickBatch, step: str, code: str, *, key: str = "", by: Any = MERCHANT, **more: Any) -> AnsweredScan:
    """The answer to a scan of a step of a batch."""
    sent = FloorScan(
        key=key or idempotency_key(batch.pk, step, code, str(sorted(more.items())), by.name),
        work="pick",
        task=str(batch.pk),
        step=step,
        place_code=more.pop("place_code", KEELUNG),
        code=code,
        scanned_at=LATER,
        **more,
    )
    return take_scan(scan=sent, actor=by, moment=LATER)


def plan(batch: PickBatch) -> list[tuple[str, str]]:
    """What the steps of a batch ask for, and the first thing that each takes for an answer."""
    made = pick.plan_of(task=str(batch.pk), place_code=KEELUNG, actor=MERCHANT)
    return [(step["id"], step["ask"]) for step in made["steps"] if step["id"] not in made["done_steps"]]


def pick_all(batch: PickBatch) -> str:
    """Work through a batch as planned; returns the last outcome."""
    outcome = ""
    for number in range(200):
        made = pick.plan_of(task=str(batch.pk), place_code=KEELUNG, actor=MERCHANT)
        left = [step for step in made["steps"] if step["id"] not in made["done_steps"]]
        if not left:
            return outcome
        step = left[0]
        code = step["expect"][-1] if step["expect"] else step["choices"][0]["value"]
        units = Decimal(step["units"]) if step["units"] else None
        answered = scan(batch, step["id"], code, key=f"all {batch.pk} {number}", units=units)
        outcome = answered.answer.outcome
        assert outcome in {"right", "done"}, answered
    return outcome


def bins_agree(place: str = KEELUNG) -> bool:
    """No bin says that it holds what the place does not have on its shelves."""
    return list_excess(place_code=place) == []
