"""What every page warns of."""

import datetime as dt

import pytest
from django.core.cache import cache

from reorder.domain.planning import operations
from reorder.domain.staff.rules import ROLE_ABILITIES, Actor, Role
from reorder.insights.alerts import find_alerts, list_alerts

pytestmark = pytest.mark.django_db
NIGHT = dt.datetime(2026, 11, 22, 18, 30, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 23)


def actor(role: Role) -> Actor:
    return Actor(name=role.value, abilities=ROLE_ABILITIES[role], role=role)


def test_a_failed_night_says_where_it_stopped() -> None:
    run = operations.open_run(kind="night", as_of_date=DAY, moment=NIGHT)
    operations.close_run(run_id=run.id, moment=NIGHT, error="forecast_demand: disk full")
    first, *_rest = find_alerts(moment=NIGHT)
    assert (first.code, first.sentence) == (
        "night_failed",
        "The night of 2026-11-23 failed: forecast_demand: disk full",
    )


def test_old_figures_are_called_old_after_a_day_and_a_half() -> None:
    run = operations.open_run(kind="night", as_of_date=DAY, moment=NIGHT)
    operations.close_run(run_id=run.id, moment=NIGHT)
    codes = {a.code for a in find_alerts(moment=NIGHT + dt.timedelta(hours=35))}
    assert codes == {"worker_gone"}
    later = find_alerts(moment=NIGHT + dt.timedelta(hours=37))
    assert [a.code for a in later] == ["night_stale", "worker_gone"]


def test_only_those_who_can_mend_it_are_told() -> None:
    cache.clear()
    assert [a.code for a in list_alerts(actor=actor(Role.BUYER), moment=NIGHT)] == ["worker_gone"]
    assert list_alerts(actor=actor(Role.WAREHOUSE), moment=NIGHT) == []
