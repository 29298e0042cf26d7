"""What-ifs of the catalogue of cartons: asked, followed, kept with their outcome."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from reorder.domain.shipping.carton_models import CartonTrial
from reorder.domain.shipping.carton_rules import CartonRow, refuse_bad_carton
from reorder.domain.shipping.errors import BadCarton
from reorder.domain.staff.operations import record_audit

_MOST_SHIPMENTS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRow:
    """A what-if: the carton that is added (None: none), codes that are left out, and how far it is."""

    id: int
    asked_at: dt.datetime
    asked_by: str
    state: str
    added: CartonRow | None
    removed_codes: tuple[str, ...]
    shipments: int
    packed_count: int
    outcome: dict[str, Any] | None
    finished_at: dt.datetime | None


def ask_trial(*, added: CartonRow | None, removed_codes: Sequence[str], shipments: int, asked_by: str) -> int:
    """Keep a what-if to be worked out; its number. Part of a transaction. Raises BadCarton."""
    if added is not None:
        refuse_bad_carton(carton=added)
    if added is None and not removed_codes:
        raise BadCarton(carton="–", reason="nothing is to be tried")
    if not 0 < shipments <= _MOST_SHIPMENTS:
        raise BadCarton(carton=added.code if added else "–", reason="try 1 to 5,000 shipments")
    made = CartonTrial.objects.create(
        added=asdict(added) if added else {},
        removed_codes=list(removed_codes),
        shipments=shipments,
        asked_by=asked_by,
    )
    record_audit(
        actor=asked_by,
        action="shipping.try_carton",
        subject_kind="carton",
        subject_key=added.code if added else ", ".join(removed_codes),
        details={"shipments": shipments},
    )
    return int(made.pk)


def find_trial(*, trial_id: int) -> TrialRow | None:
    """One what-if."""
    found = CartonTrial.objects.filter(pk=trial_id).first()
    return None if found is None else _row(found)


def list_trials(*, limit: int = 10) -> list[TrialRow]:
    """The latest what-ifs first."""
    return [_row(one) for one in CartonTrial.objects.order_by("-pk")[:limit]]


def begin_trial(*, trial_id: int, shipments: int) -> bool:
    """It is being worked out over so many shipments; False when it is done already."""
    waiting = CartonTrial.objects.filter(pk=trial_id, state__in=["waiting", "running"])
    return bool(waiting.update(state="running", packed_count=0, shipments=max(shipments, 1)))


def note_progress(*, trial_id: int, packed_count: int) -> None:
    """So many shipments are packed in thought."""
    CartonTrial.objects.filter(pk=trial_id, state="running").update(packed_count=packed_count)


def end_trial(*, trial_id: int, outcome: dict[str, Any], has_failed: bool, moment: dt.datetime) -> None:
    """It is done, or cannot be done."""
    CartonTrial.objects.filter(pk=trial_id, state="running").update(
        state="failed" if has_failed else "done", outcome=outcome, finished_at=moment
    )


def _row(found: CartonTrial) -> TrialRow:
    added = None
    if found.added:
        added = CartonRow(**(found.added | {"temperature_classes": tuple(found.added["temperature_classes"])}))
    return TrialRow(
        id=found.pk,
        asked_at=found.asked_at,
        asked_by=found.asked_by,
        state=found.state,
        added=added,
        removed_codes=tuple(found.removed_codes),
        shipments=found.shipments,
        packed_count=found.packed_count,
        outcome=found.outcome,
        finished_at=found.finished_at,
    )
