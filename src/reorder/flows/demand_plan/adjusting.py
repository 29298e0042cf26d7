"""A person changes the plan: recorded with author and reason, and counted at once for the subject it is about."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from reorder.domain.planning import adjusting, operations
from reorder.domain.planning.errors import NotPlanned
from reorder.domain.planning.rules import ALL_PLACES, NewAdjustment, refuse_bad, spread
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction, take_transaction_locks, try_transaction_lock
from reorder.flows.demand_plan.parts import compose_plan, sum_commitments


@dataclass(frozen=True, slots=True)
class Adjusted:
    """What became of it: `is_new` is false for a repetition, `is_counted` when a night holds the plan just now."""

    subject: str
    is_new: bool
    is_counted: bool


def adjust_demand(
    *, adjustment: NewAdjustment, place_codes: frozenset[str], today: dt.date, decided_by: str
) -> Adjusted:
    """Add units to the plan of one subject, spread evenly over its days, in one transaction with the audit entry.

    `place_codes` limits the places (empty: all). The plan by days and weeks, targets and the list of products follow
    at once; proposals are made again by the next drain of dirty marks. While a night runs it is only recorded, and
    counts from the next plan on. Raises BadAdjustment, NotPlanned.
    """
    refuse_bad(adjustment=adjustment, today=today)
    with one_transaction():
        is_free = hold_plan()
        standing = adjusting.read_standing_plan(subject=adjustment.subject)
        planned = _planned(standing=standing, place=adjustment.place_code, place_codes=place_codes)
        if not planned:
            raise NotPlanned(subject=adjustment.subject)
        days = spread(adjustment=adjustment, planned=planned)
        is_new = adjusting.record_adjustment(adjustment=adjustment, days=days, author=decided_by) > 0
        if is_new:
            record_audit(
                actor=decided_by,
                action="planning.adjust_demand",
                subject_kind="demand",
                subject_key=adjustment.subject,
                details={
                    "key": adjustment.key,
                    "place": adjustment.place_code,
                    "from": adjustment.from_date.isoformat(),
                    "until": adjustment.until_date.isoformat(),
                    "units": adjustment.units,
                    "reason": adjustment.reason,
                },
            )
            if is_free:
                count_subject(subject=adjustment.subject)
    return Adjusted(subject=adjustment.subject, is_new=is_new, is_counted=is_free)


def withdraw_adjustment(*, key: str, place_codes: frozenset[str], moment: dt.datetime, decided_by: str) -> Adjusted:
    """Undo an adjustment; the plan is as it was. Raises UnknownAdjustment."""
    with one_transaction():
        is_free = hold_plan()
        subject = adjusting.withdraw_adjustment(key=key, place_codes=place_codes, moment=moment)
        record_audit(
            actor=decided_by,
            action="planning.withdraw_adjustment",
            subject_kind="demand",
            subject_key=subject,
            details={"key": key},
        )
        if is_free:
            count_subject(subject=subject)
    return Adjusted(subject=subject, is_new=True, is_counted=is_free)


def hold_plan() -> bool:
    """One adjustment after the other; False while a night holds the plan."""
    take_transaction_locks(names=["reorder.adjusting"])
    return try_transaction_lock(name="reorder.night")


def _planned(
    *, standing: adjusting.StandingPlan | None, place: str, place_codes: frozenset[str]
) -> Mapping[str, float]:
    """Planned units by place, of the places that the adjustment is for and the person may change."""
    if standing is None:
        return {}
    sums: dict[str, float] = {}
    for code, units in standing.plan.select("place", "mean_units").iter_rows():
        if (place in {ALL_PLACES, code}) and (not place_codes or code in place_codes):
            sums[code] = sums.get(code, 0.0) + units
    return sums


def count_subject(*, subject: str) -> None:
    """Compose the plan of a subject again, and all that follows from it; nothing where no night has planned it."""
    standing = adjusting.read_standing_plan(subject=subject)
    if standing is None:
        return
    plan = compose_plan(
        forecast=standing.forecast,
        expected=standing.expected,
        commitments=sum_commitments(rows=standing.commitments),
        gates=standing.gates,
    )
    adjusting.replace_plan(standing=standing, plan=plan, subject=subject, review_days=settings.REORDER.review_days)
    places = sorted(set(plan["place"].to_list()))
    operations.mark_dirty(kind="position", subject_keys=[f"{subject}|{place}" for place in places])
