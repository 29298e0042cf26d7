"""What other cartons would mean: shipments of the past packed twice, with today's cartons and with the changed ones.

Worked out by a job, with its progress in the row; run again after a crash it begins anew. Figures are of the cartons'
volumes and prices, not of carriers' bills.
"""

import datetime as dt
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reorder.domain.shipping import carton_trials as trials
from reorder.domain.shipping.carton_rules import CartonRow
from reorder.domain.shipping.carton_trials import TrialRow
from reorder.domain.shipping.cartons import list_cartons
from reorder.domain.storage import one_transaction
from reorder.flows.packing.planning import ShipmentPlan, plan_shipment
from reorder.insights.packing import PackGoods, list_past_shipments
from reorder.kernel.jobs import JobName, defer_job

_SHIPMENT_SECONDS: Final = 0.02
_PROGRESS_SECONDS: Final = 1.0


@dataclass(slots=True)
class Tally:
    """What shipments came to with one catalogue: parcels, outer and inner volume in mm³, cost in minor units."""

    parcels: int = 0
    outer_mm3: int = 0
    inner_mm3: int = 0
    goods_mm3: int = 0
    cost_minor: int = 0
    uncartoned: int = 0
    by_carton: Counter[str] = field(default_factory=Counter)

    def add(self, plan: ShipmentPlan, *, book: dict[str, CartonRow]) -> None:
        """Count the parcels of a shipment; what no carton holds counts on both sides alike."""
        for one in plan.parcels:
            self.parcels += 1
            row = book.get(one.carton_code)
            if row is None:
                self.uncartoned += 1
                continue
            self.outer_mm3 += row.outer_mm3
            self.inner_mm3 += row.inner_mm3
            self.goods_mm3 += one.goods_mm3
            self.cost_minor += row.cost_minor
            self.by_carton[row.code] += 1

    def told(self) -> dict[str, Any]:
        """As the row keeps it."""
        return {
            "parcels": self.parcels,
            "outer_mm3": self.outer_mm3,
            "inner_mm3": self.inner_mm3,
            "goods_mm3": self.goods_mm3,
            "cost_minor": self.cost_minor,
            "uncartoned": self.uncartoned,
            "by_carton": dict(self.by_carton),
        }


def ask_trial(*, added: CartonRow | None, removed_codes: Sequence[str], shipments: int, asked_by: str) -> int:
    """Let a job work out a what-if; its number. Raises BadCarton."""
    with one_transaction():
        trial_id = trials.ask_trial(added=added, removed_codes=removed_codes, shipments=shipments, asked_by=asked_by)
        defer_job(name=JobName.TRY_CARTON, arguments={"trial_id": trial_id}, once_key=f"try_carton {trial_id}")
    return trial_id


def run_trial(*, trial_id: int, moment: dt.datetime) -> TrialRow | None:
    """Work out a what-if that was asked; None when there is no such one. Done ones stay as they are."""
    asked = trials.find_trial(trial_id=trial_id)
    if asked is None or asked.state in {"done", "failed"}:
        return asked
    past = list_past_shipments(limit=asked.shipments)
    if not trials.begin_trial(trial_id=trial_id, shipments=len(past.goods)):
        return trials.find_trial(trial_id=trial_id)
    today, other = catalogues(cartons=list_cartons(), trial=asked)
    before, after = Tally(), Tally()
    estimated = 0
    told_at = time.monotonic()
    for number, goods in enumerate(past.goods, start=1):
        before.add(_planned(goods, today, month=moment.month), book={one.code: one for one in today})
        after.add(_planned(goods, other, month=moment.month), book={one.code: one for one in other})
        estimated += any(one.is_size_estimate for one in goods)
        if time.monotonic() - told_at > _PROGRESS_SECONDS:
            trials.note_progress(trial_id=trial_id, packed_count=number)
            told_at = time.monotonic()
    outcome = {
        "before": before.told(),
        "after": after.told(),
        "shipments": len(past.goods),
        "estimated": estimated,
        "is_of_orders": past.is_of_orders,
    }
    trials.note_progress(trial_id=trial_id, packed_count=len(past.goods))
    trials.end_trial(trial_id=trial_id, outcome=outcome, has_failed=not past.goods, moment=moment)
    return trials.find_trial(trial_id=trial_id)


def catalogues(*, cartons: Sequence[CartonRow], trial: TrialRow) -> tuple[list[CartonRow], list[CartonRow]]:
    """Today's cartons in use, and those with the change; a carton of the same code is replaced."""
    today = [one for one in cartons if one.is_active]
    gone = {*trial.removed_codes, *([trial.added.code] if trial.added else [])}
    return today, [*(one for one in today if one.code not in gone), *([trial.added] if trial.added else [])]


def _planned(goods: Sequence[PackGoods], cartons: Sequence[CartonRow], *, month: int) -> ShipmentPlan:
    return plan_shipment(goods=goods, cartons=cartons, month=month, seed=0, budget_seconds=_SHIPMENT_SECONDS)
