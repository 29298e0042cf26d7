"""The model over time: updates equal rebuilds, files carry their version, the same lines give the same numbers."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from reorder.engine import repurchase
from tests.engine.repurchase.shop import TODAY, every, line, order_lines, regular_shop


def assert_same_model(one: repurchase.RepurchaseModel, other: repurchase.RepurchaseModel) -> None:
    for name, frame in one.state.items():
        assert_frame_equal(frame, other.state[name], check_exact=False, rel_tol=0, abs_tol=1e-9)
    assert_frame_equal(one.due(as_of=TODAY), other.due(as_of=TODAY), abs_tol=1e-9)
    assert one.summary == other.summary


def test_an_update_equals_a_rebuild_on_all_lines() -> None:
    lines = regular_shop()
    split = TODAY - dt.timedelta(days=20)
    old, new = (lines.filter((pl.col("ordered_at").dt.date() < split) == early) for early in (True, False))

    updated = repurchase.fit(order_lines=old, as_of=split).update(order_lines=new, as_of=TODAY)

    assert_same_model(updated, repurchase.fit(order_lines=lines, as_of=TODAY))


def test_lines_that_arrive_late_and_out_of_order_make_no_difference() -> None:
    lines = regular_shop(customers=60).with_row_index("row")
    odd, even = (lines.filter(pl.col("row") % 2 == part).drop("row") for part in (1, 0))
    start = repurchase.fit(order_lines=odd, as_of=TODAY)

    updated = start.update(order_lines=even, as_of=TODAY)

    assert_same_model(updated, repurchase.fit(order_lines=lines.drop("row"), as_of=TODAY))


def test_a_second_line_of_the_same_day_in_an_update_is_no_second_purchase() -> None:
    morning = order_lines(line("Mei", "Oolong", TODAY))
    evening = order_lines(line("Mei", "Oolong", TODAY, quantity=2.0))

    model = repurchase.fit(order_lines=morning, as_of=TODAY).update(order_lines=evening, as_of=TODAY)

    assert model.state["pairs"].select("repurchases_count", "units").row(0) == (0, 3.0)


def test_an_update_may_move_a_product_to_another_category() -> None:
    old = order_lines(*every(10, times=4, ago=20))
    new = order_lines(line("Hui", "Oolong", TODAY, category="Fine tea"))

    model = repurchase.fit(order_lines=old, as_of=TODAY).update(order_lines=new, as_of=TODAY)

    assert model.state["products"]["category"].to_list() == ["Fine tea"]
    assert_same_model(model, repurchase.fit(order_lines=pl.concat([old, new]), as_of=TODAY))


def test_an_update_with_nothing_new_only_lets_time_pass() -> None:
    model = repurchase.fit(order_lines=order_lines(*every(10, times=4)), as_of=TODAY)
    tomorrow = TODAY + dt.timedelta(days=1)

    updated = model.update(order_lines=order_lines(), as_of=tomorrow)

    assert updated.as_of == tomorrow
    assert_frame_equal(
        updated.state["pairs"].drop("prior_rate_per_day"), model.state["pairs"].drop("prior_rate_per_day")
    )


def test_an_update_cannot_go_back_in_time() -> None:
    model = repurchase.fit(order_lines=order_lines(*every(10, times=4)), as_of=TODAY)

    with pytest.raises(repurchase.DateBeforeModel):
        model.update(order_lines=order_lines(), as_of=TODAY - dt.timedelta(days=1))


def test_the_order_of_the_lines_makes_no_difference() -> None:
    lines = regular_shop(customers=60)

    forwards = repurchase.fit(order_lines=lines, as_of=TODAY)
    backwards = repurchase.fit(order_lines=lines.reverse(), as_of=TODAY)

    assert_same_model(forwards, backwards)


def test_state_counts_repurchases_on_every_level() -> None:
    lines = order_lines(*every(10, times=4), *every(9, times=3, sku="Sencha"), line("Hui", "Oolong", TODAY))

    state = repurchase.fit(order_lines=lines, as_of=TODAY).state

    assert set(state) == {"pairs", "products", "categories", "customers"}
    assert state["pairs"].select("customer_id", "sku", "repurchases_count").rows() == [
        ("Hui", "Oolong", 0),
        ("Mei", "Oolong", 3),
        ("Mei", "Sencha", 2),
    ]
    assert state["products"].select("sku", "category", "repurchases_count").rows() == [
        ("Oolong", "Tea", 3),
        ("Sencha", "Tea", 2),
    ]
    assert state["categories"].select("category", "repurchases_count").rows() == [("Tea", 5)]
    assert state["customers"].select("customer_id", "repurchases_count").rows() == [("Hui", 0), ("Mei", 5)]


@pytest.mark.parametrize("lines", [regular_shop(), order_lines(*every(10, times=4)), order_lines()])
def test_a_saved_model_answers_as_before_and_can_be_updated(lines: pl.DataFrame, tmp_path: Path) -> None:
    model = repurchase.fit(order_lines=lines, as_of=TODAY)
    new = order_lines(line("Hui", "Oolong", TODAY))

    model.save(tmp_path / "model.zip")
    loaded = repurchase.load(tmp_path / "model.zip")

    assert_same_model(loaded, model)
    assert_same_model(loaded.update(order_lines=new, as_of=TODAY), model.update(order_lines=new, as_of=TODAY))
    assert [path.name for path in tmp_path.iterdir()] == ["model.zip"]


def test_a_model_file_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    repurchase.fit(order_lines=order_lines(), as_of=TODAY).save(path)
    path.write_bytes(path.read_bytes().replace(b"reorder.repurchase.model 2", b"reorder.repurchase.model 999", 1))

    with pytest.raises(repurchase.ModelFileRefused, match=r"version 2: it says reorder\.repurchase\.model 999"):
        repurchase.load(path)


def test_a_damaged_model_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    repurchase.fit(order_lines=regular_shop(customers=5), as_of=TODAY).save(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    with pytest.raises(repurchase.ModelFileRefused, match="the checksum does not fit"):
        repurchase.load(path)


@pytest.mark.parametrize("content", [b"", b"not a model", b"PK\x03\x04 half"])
def test_a_file_that_is_no_model_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    path.write_bytes(content)

    with pytest.raises(repurchase.ModelFileRefused):
        repurchase.load(path)
