"""Lead times: the SKU's own receipts count as far as SKUs of a supplier really differ; without receipts a prior speaks."""

import numpy as np
import polars as pl
import pytest

from reorder.engine.stocking.leads import MOST_POINTS, group_lead_times
from tests.engine.stocking.shelves import receipts, terms


def leads(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(received_date=pl.lit(None, dtype=pl.Date))


def test_products_of_one_supplier_that_do_not_differ_share_all_its_receipts() -> None:
    past = leads(receipts({"Oolong": [4, 6], "Matcha": [4, 6], "Sencha": [4, 6, 4, 6, 4, 6]}))

    (group,) = group_lead_times(keys=terms("Oolong", "Matcha"), lead_times=past)

    assert group.days.tolist() == [4, 6]
    assert group.shares.tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert (group.evidence, group.receipts.tolist()) == ("supplier", [10, 10])


def test_products_of_one_supplier_that_differ_keep_mostly_their_own_receipts() -> None:
    past = leads(receipts({"Oolong": [3, 4] * 10, "Matcha": [30, 31] * 10}))

    (group,) = group_lead_times(keys=terms("Oolong", "Matcha"), lead_times=past)

    assert group.mean_days == pytest.approx([3.5, 30.5], abs=0.1)


def test_a_product_without_receipts_takes_its_named_supplier() -> None:
    past = leads(receipts({"Oolong": [5] * 12}))

    (group,) = group_lead_times(keys=terms("New tea", supplier="Mei"), lead_times=past)

    assert (group.days.tolist(), group.evidence) == ([5], "supplier")


def test_without_any_receipt_the_prior_is_a_week_give_or_take() -> None:
    (group,) = group_lead_times(keys=terms("Oolong"), lead_times=leads(receipts({})))

    assert group.days.tolist() == [4, 5, 7, 8, 11]
    assert (group.mean_days.tolist(), group.evidence, group.receipts.tolist()) == ([pytest.approx(7.0)], "prior", [0])


def test_a_quoted_lead_time_moves_the_prior() -> None:
    (group,) = group_lead_times(keys=terms("Oolong", quoted_lead_days=20), lead_times=leads(receipts({})))

    assert group.mean_days == pytest.approx([20.0], abs=0.3)
    assert group.evidence == "quoted"


def test_few_receipts_replace_a_quoted_lead_time_in_proportion() -> None:
    past = leads(receipts({"Oolong": [40] * 5}))

    (group,) = group_lead_times(keys=terms("Oolong", quoted_lead_days=20), lead_times=past)

    assert group.mean_days == pytest.approx([30.0], abs=0.3)  # five of ten receipts: half and half


def test_an_unknown_supplier_is_judged_by_all_receipts_of_the_merchant() -> None:
    past = leads(receipts({"Oolong": [5] * 12}))

    (group,) = group_lead_times(keys=terms("New tea"), lead_times=past)

    assert (group.days.tolist(), group.evidence) == ([5], "all_suppliers")


def test_the_supplier_with_most_receipts_speaks_for_a_product() -> None:
    past = leads(pl.concat([receipts({"Oolong": [5] * 12}), receipts({"Oolong": [50] * 11}, supplier="Chen")]))

    (group,) = group_lead_times(keys=terms("Oolong"), lead_times=past)

    assert group.days.tolist() == [5]


def test_many_different_days_are_merged_without_moving_mean_or_tail() -> None:
    days = np.random.default_rng(3).gamma(5, 6, size=2000).round().astype(int)

    (group,) = group_lead_times(keys=terms("Oolong"), lead_times=leads(receipts({"Oolong": days.tolist()})))

    assert len(group.days) <= MOST_POINTS
    assert group.shares.sum() == pytest.approx(1.0)
    assert group.mean_days[0] == pytest.approx(days.mean(), abs=0.5)
    assert group.variance_days[0] ** 0.5 == pytest.approx(days.std(), rel=0.05)
