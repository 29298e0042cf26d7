"""Shares of customers who are kept back to measure what marketing earns: choices are kept, the latest holds."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings

from reorder.domain.marketing.proof_models import HoldoutChoice, ProofState

# The whole of marketing, as a source: whoever it holds out hears nothing from any source.
GLOBAL_KIND: Final = "global"
# Reminders held people out before there were journeys; the salt stays, so that everybody stays on one side.
_OWN_SALTS: Final = {("reminder", "due"): "reminders", (GLOBAL_KIND, ""): "global"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldoutRow:
    """One choice; a source without one follows its kind's, and that the setting."""

    source_kind: str
    source_key: str
    share: float
    note: str
    decided_by: str
    decided_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Holdouts:
    """The choices that hold, by (source kind, source key); `usual_share` for sources without one."""

    chosen: Mapping[tuple[str, str], HoldoutRow]
    usual_share: float

    @property
    def global_share(self) -> float:
        """Of all customers, who hear no marketing at all; nobody until somebody chose it."""
        row = self.chosen.get((GLOBAL_KIND, ""))
        return row.share if row else 0.0

    def find(self, *, source_kind: str, source_key: str) -> HoldoutRow | None:
        """The choice that holds for a source: its own, else its kind's; None while nobody chose."""
        return self.chosen.get((source_kind, source_key)) or self.chosen.get((source_kind, ""))

    def share_of(self, *, source_kind: str, source_key: str) -> float:
        """The share of customers that a source keeps back."""
        if source_kind == GLOBAL_KIND:
            return self.global_share
        row = self.find(source_kind=source_kind, source_key=source_key)
        return row.share if row else self.usual_share

    def since_of(self, *, source_kind: str, source_key: str) -> dt.datetime | None:
        """Since when the present share holds: exposures before it belong to another comparison."""
        row = self.find(source_kind=source_kind, source_key=source_key)
        return row.decided_at if row else None


def salt_of(*, source_kind: str, source_key: str) -> str:
    """By what the held-out customers of a source are drawn; it never changes, so that nobody changes sides."""
    return _OWN_SALTS.get((source_kind, source_key), f"{source_kind}:{source_key}")


def load_holdouts() -> Holdouts:
    """The choices that hold."""
    latest = HoldoutChoice.objects.order_by("source_kind", "source_key", "-pk").distinct("source_kind", "source_key")
    return Holdouts(
        chosen={(row.source_kind, row.source_key): _row(row) for row in latest},
        usual_share=settings.REORDER.holdout_share,
    )


def list_holdout_choices(*, source_kind: str, source_key: str, limit: int) -> list[HoldoutRow]:
    """What was chosen for one source, the latest first."""
    rows = HoldoutChoice.objects.filter(source_kind=source_kind, source_key=source_key).order_by("-pk")
    return [_row(row) for row in rows[:limit]]


def record_holdout(
    *, source_kind: str, source_key: str, share: float, note: str, decided_by: str, decided_at: dt.datetime
) -> None:
    """Keep a new choice; the ones before stay as they were."""
    HoldoutChoice.objects.create(
        source_kind=source_kind,
        source_key=source_key,
        share=share,
        note=note,
        decided_by=decided_by,
        decided_at=decided_at,
    )


@dataclass(frozen=True, slots=True)
class ProofStateRow:
    """How far messages were looked through, and when it was last measured."""

    last_message_key: int
    measured_at: dt.datetime | None
    as_of_date: dt.date | None
    base: Mapping[str, Any] = field(default_factory=dict)


def get_state() -> ProofStateRow:
    """How far it has come; the beginning before the first night."""
    row = ProofState.objects.order_by("pk").first()
    if row is None:
        return ProofStateRow(0, None, None)
    return ProofStateRow(row.last_message_key, row.measured_at, row.as_of_date, row.base)


def save_state(*, last_message_key: int, measured_at: dt.datetime, as_of: dt.date, base: Mapping[str, Any]) -> None:
    """Remember how far it has come, and whom there is to write to (see insights/effect_base)."""
    ProofState.objects.update_or_create(
        pk=1,
        defaults={
            "last_message_key": last_message_key,
            "measured_at": measured_at,
            "as_of_date": as_of,
            "base": dict(base),
        },
    )


def _row(row: HoldoutChoice) -> HoldoutRow:
    return HoldoutRow(
        source_kind=row.source_kind,
        source_key=row.source_key,
        share=row.share,
        note=row.note,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
