"""The plan of a night: parts out of the database, put together, saved with every part."""

import datetime as dt

from django.conf import settings
from django.db import transaction

from reorder.domain.planning import operations, queries
from reorder.flows.demand_plan.parts import compose_plan


def build_demand_plan(*, run_id: int, as_of: dt.date) -> tuple[int, dict[str, float]]:
    """Compose and save the demand plan from `as_of` on; returns rows written and the units of each part."""
    plan = compose_plan(
        forecast=queries.frame_forecast(),
        expected=queries.frame_expected_reorders(),
        commitments=queries.frame_commitments(
            from_date=as_of, before_date=as_of + dt.timedelta(days=settings.REORDER.horizon_days)
        ),
    )
    with transaction.atomic():
        written = operations.save_demand_plan(run_id=run_id, plan=plan)
    parts = ("baseline_units", "known_customers_units", "committed_units", "adjustment_units", "mean_units")
    return written, {name: round(float(plan[name].sum()), 1) for name in parts}
