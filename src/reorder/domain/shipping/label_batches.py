"""Labels for many parcels at once: who asked for which, how far the job is, and which parcels got none and why."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from reorder.domain.shipping.label_errors import UnknownBatch
from reorder.domain.shipping.label_models import LabelBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """One batch; `faults` by parcel id as text."""

    id: int
    place_code: str
    parcel_ids: tuple[int, ...]
    started_at: dt.datetime
    started_by: str
    finished_at: dt.datetime | None
    done_count: int
    faults: Mapping[str, Any]

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        return min(self.done_count / len(self.parcel_ids), 1.0) if self.parcel_ids else 1.0


def create_batch(*, place_code: str, parcel_ids: Sequence[int], started_by: str, moment: dt.datetime) -> BatchRow:
    """Put down what is wanted; a job does it."""
    made = LabelBatch.objects.create(
        place_code=place_code, parcel_ids=list(parcel_ids), started_by=started_by, started_at=moment
    )
    return get_batch(batch_id=made.pk)


def get_batch(*, batch_id: int) -> BatchRow:
    """One batch; raises UnknownBatch."""
    found = LabelBatch.objects.filter(pk=batch_id).first()
    if found is None:
        raise UnknownBatch(batch=batch_id)
    return BatchRow(
        id=found.pk,
        place_code=found.place_code,
        parcel_ids=tuple(found.parcel_ids),
        started_at=found.started_at,
        started_by=found.started_by,
        finished_at=found.finished_at,
        done_count=found.done_count,
        faults=found.faults,
    )


def note_done(*, batch_id: int) -> None:
    """One more parcel is through, whatever became of it."""
    LabelBatch.objects.filter(pk=batch_id).update(done_count=F("done_count") + 1)


def finish_batch(*, batch_id: int, faults: Mapping[str, Any], moment: dt.datetime) -> None:
    """All parcels are through."""
    LabelBatch.objects.filter(pk=batch_id).update(finished_at=moment, faults=dict(faults), done_count=_count(batch_id))


def restart_batch(*, batch_id: int) -> None:
    """A job that died begins again; what it bought keeps its claim."""
    LabelBatch.objects.filter(pk=batch_id, finished_at=None).update(done_count=0)


def _count(batch_id: int) -> int:
    found = LabelBatch.objects.filter(pk=batch_id).values_list("parcel_ids", flat=True).first()
    return len(found or ())
