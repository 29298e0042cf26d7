"""Nights note what the parts say, write beside it what came, and weigh bottom-up by it."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from reorder.domain.planning import part_scores
from reorder.domain.planning.models import DemandGate, PartOrigin, PartScore, Run
from reorder.flows.demand_plan.gating import note_origins, open_gates, settle_origins
from reorder.flows.demand_plan.looking_back import choose_origins
from reorder.flows.file_import import import_file
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place
from tests.factories.purchasing import MONDAY_MORNING

pytestmark = pytest.mark.django_db(transaction=True)
# Every fourteenth day of the calendar is one of the grid.
GRID = dt.date.fromordinal(dt.date(2026, 11, 1).toordinal() // 14 * 14)


def daily(*, units: float = 2.0) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "sku": ["OOLONG-150"] * 14,
            "date": [GRID + dt.timedelta(days=day) for day in range(14)],
            "mean_units": [units] * 14,
            "committed_units": [0.5] * 14,
        }
    )


def note(*, as_of: dt.date = GRID) -> int:
    expected = pl.DataFrame({"sku": ["OOLONG-150"], "units_7": [3.0], "units_14": [5.0]})
    return note_origins(as_of=as_of, forecast=daily(), expected=expected, plan=daily())


def test_a_night_of_the_grid_notes_its_parts_and_a_later_one_what_came(tmp_path: Path) -> None:
    make_place()
    make_product()
    assert note(as_of=GRID + dt.timedelta(days=1)) == 0
    assert note() == 2
    path = tmp_path / "orders.csv"
    days = [GRID + dt.timedelta(days=day) for day in (0, 6, 7, 14)]
    rows = [f"{number},{day} 10:00,c1,OOLONG-150,{number + 1}" for number, day in enumerate(days)]
    path.write_text("\n".join(["order_id,ordered_at,customer_id,sku,quantity", *rows]) + "\n")
    import_file(path=path)

    assert settle_origins(as_of=GRID + dt.timedelta(days=10)) == 1
    assert settle_origins(as_of=GRID + dt.timedelta(days=20)) == 1
    assert settle_origins(as_of=GRID + dt.timedelta(days=20)) == 0

    found = PartOrigin.objects.order_by("horizon_days").values_list(
        "horizon_days", "top_down_units", "bottom_up_units", "committed_units", "sold_units"
    )
    assert list(found) == [(7, 14.0, 3.0, 3.5, 3.0), (14, 28.0, 5.0, 7.0, 6.0)]


def test_looks_back_open_gates_and_are_scored() -> None:
    run = Run.objects.create(kind="night", as_of_date=GRID, started_at=MONDAY_MORNING, state="running")
    make_product()
    for number in range(20):
        sold = 60.0 if number % 2 else 140.0
        table = pl.DataFrame(
            {
                "sku": ["OOLONG-150"],
                "horizon_days": [14],
                "top_down_units": [100.0],
                "bottom_up_units": [sold / 2],
                "sold_units": [sold],
            }
        )
        part_scores.save_origins(as_of=GRID - dt.timedelta(days=14 * (number + 1)), origins=table)
    gates = open_gates(run_id=run.pk, as_of=GRID)
    assert gates["sku"].to_list() == ["OOLONG-150"]
    assert DemandGate.objects.get().weight_share == pytest.approx(gates["weight_share"].item())
    scores = dict(PartScore.objects.filter(scope="shop").values_list("part", "error_share"))
    assert scores["gated"] < scores["top_down"] == pytest.approx(0.4)


def test_days_of_the_grid_are_chosen_whose_month_is_over() -> None:
    span = (GRID - dt.timedelta(days=300), GRID + dt.timedelta(days=40))
    chosen = choose_origins(span=span, as_of=GRID + dt.timedelta(days=30), count=3)
    assert chosen == [GRID - dt.timedelta(days=28), GRID - dt.timedelta(days=14), GRID]
    assert choose_origins(span=(GRID, GRID + dt.timedelta(days=60)), as_of=GRID, count=3) == []
    assert choose_origins(span=None, as_of=GRID, count=3) == []
