"""The learned ranking: better than frequency, the same for the same seed, blind to what comes later, safe in a file."""

import datetime as dt

import polars as pl
import pytest

from reorder.engine import reasons, recommend
from reorder.engine.recommend import levels, purchases
from tests.engine.recommend.learnable import CUSTOMERS, LAST_DAY, shop_lines
from tests.engine.recommend.test_recommend_basket import lines_of


@pytest.fixture(scope="module")
def model() -> recommend.BasketModel:
    return recommend.fit(order_lines=shop_lines())


@pytest.fixture(scope="module")
def ranked(model: recommend.BasketModel) -> pl.DataFrame:
    return model.next_basket(order_lines=shop_lines(), size=10)


def hits_at_3(*, ranked: pl.DataFrame, wanted: pl.DataFrame) -> int:
    top = ranked.filter(pl.col("rank") <= 3)
    return top.join(wanted.select("customer_id", "sku").unique(), on=["customer_id", "sku"], how="semi").height


def test_enough_baskets_are_learned_from_and_the_model_says_so(model: recommend.BasketModel) -> None:
    assert model.method == "learned"
    assert model.summary.startswith("ranking learned from 512 baskets over 60 products; on baskets kept back ")
    assert model.as_of == LAST_DAY


def test_too_few_baskets_are_ranked_by_frequency_and_say_so() -> None:
    lines = shop_lines().filter(pl.col("customer_id") < "customer 010")

    model = recommend.fit(order_lines=lines)

    assert model.method == "frequency"
    assert model.summary.endswith("no learned ranking found more")
    assert model.next_basket(order_lines=lines)["method"].unique().to_list() == ["frequency"]


def test_every_customer_gets_a_full_list_without_repeats(ranked: pl.DataFrame) -> None:
    lists = ranked.group_by("customer_id").agg(pl.col("rank"), pl.col("sku").n_unique(), pl.col("score"))

    assert lists.height == CUSTOMERS
    assert all(ranks == list(range(1, 11)) for ranks in lists["rank"].to_list())
    assert lists["sku"].unique().to_list() == [10]
    assert all(scores == sorted(scores, reverse=True) for scores in lists["score"].to_list())


def test_what_a_customer_takes_every_time_ranks_in_front(ranked: pl.DataFrame) -> None:
    counts = shop_lines().group_by("customer_id", "sku").len().sort("len", descending=True)
    habit = counts.group_by("customer_id", maintain_order=True).first().filter(pl.col("len") == 12)

    found = ranked.filter(pl.col("rank") <= 2).join(habit, on=["customer_id", "sku"], how="semi")

    assert found.height >= 0.85 * habit.height


def test_hidden_baskets_are_guessed_better_than_by_frequency_where_products_have_a_rhythm() -> None:
    lines = shop_lines().with_columns(day=pl.col("ordered_at").dt.date())
    last = pl.col("day") == pl.col("day").max().over("customer_id")
    known, hidden = lines.filter(~last), lines.filter(last)

    learned = recommend.next_basket(order_lines=known, size=3)
    plain = recommend.fit(order_lines=known)
    by_frequency = recommend.BasketModel(shop=plain.shop, ranking=None).next_basket(order_lines=known, size=3)

    assert learned["method"][0] == "learned"
    assert hits_at_3(ranked=learned, wanted=hidden) > 1.05 * hits_at_3(ranked=by_frequency, wanted=hidden)


def test_the_same_seed_gives_the_same_bytes_and_lists(model: recommend.BasketModel, ranked: pl.DataFrame) -> None:
    again = recommend.fit(order_lines=shop_lines().reverse())

    assert again.to_bytes() == model.to_bytes()
    assert again.next_basket(order_lines=shop_lines(), size=10).equals(ranked)


def test_one_customer_alone_gets_the_list_that_they_get_among_all(
    model: recommend.BasketModel, ranked: pl.DataFrame
) -> None:
    lines = shop_lines().filter(pl.col("customer_id") == "customer 007")

    alone = model.next_basket(order_lines=lines, as_of=LAST_DAY, size=10)

    assert alone.equals(ranked.filter(pl.col("customer_id") == "customer 007"))


def test_a_model_survives_its_file(model: recommend.BasketModel, ranked: pl.DataFrame) -> None:
    read = recommend.read_basket_model(model.to_bytes())

    assert read.next_basket(order_lines=shop_lines(), size=10).equals(ranked)
    assert (read.as_of, read.summary) == (model.as_of, model.summary)
    assert read.companions.equals(model.companions)


def test_other_versions_damage_and_foreign_bytes_are_refused(model: recommend.BasketModel) -> None:
    content = model.to_bytes()

    with pytest.raises(recommend.BasketModelRefused, match="its checksum differs"):
        recommend.read_basket_model(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(recommend.BasketModelRefused, match="its version is 99"):
        recommend.read_basket_model(content.replace(b"basket %d " % recommend.VERSION, b"basket 99 ", 1))
    for foreign in (b"", b"PK\x03\x04", b"\x80\x04\x95\n\x00", b"reorder-basket"):
        with pytest.raises(recommend.BasketModelRefused, match="it is something else"):
            recommend.read_basket_model(foreign)


def test_what_is_excluded_never_comes(model: recommend.BasketModel) -> None:
    lines = shop_lines()
    banned = [f"sku {number:02}" for number in range(0, 60, 2)]

    without = model.next_basket(order_lines=lines, size=10, exclude_skus=banned)
    only = model.next_basket(order_lines=lines, size=10, only_skus=["sku 05", "sku 07", "no such thing"])

    assert not set(without["sku"]) & set(banned)
    assert without.group_by("customer_id").len()["len"].unique().to_list() == [10]
    assert set(only["sku"]) == {"sku 05", "sku 07"}


def test_sensitive_products_come_only_to_those_who_bought_them(model: recommend.BasketModel) -> None:
    lines = shop_lines()
    sensitive = [f"sku {number:02}" for number in range(20)]

    ranked = model.next_basket(order_lines=lines, size=20, only_if_bought_skus=sensitive)

    shown = ranked.filter(pl.col("sku").is_in(sensitive)).select("customer_id", "sku")
    assert shown.height > CUSTOMERS
    assert shown.join(lines, on=["customer_id", "sku"], how="anti").height == 0


def test_reasons_are_true_and_can_be_rendered_again(ranked: pl.DataFrame) -> None:
    lines = shop_lines().with_columns(day=pl.col("ordered_at").dt.date())
    bought = {
        (customer, sku): days
        for customer, sku, days in lines.group_by("customer_id", "sku").agg(pl.col("day").n_unique()).iter_rows()
    }
    for row in ranked.iter_rows(named=True):
        parameters = reasons.parameters_of(encoded=row["reason_parameters"])
        assert reasons.render(code=row["reason_code"], parameters=parameters) == row["reason"]
        times = bought.get((row["customer_id"], row["sku"]), 0)
        if times:
            assert row["reason_code"] == ("recommend.rhythm" if times >= 3 else "recommend.own")
            assert parameters["baskets_count"] == times
        else:
            assert row["reason_code"] in {"recommend.with", "recommend.category", "recommend.popular"}
        if row["reason_code"] == "recommend.with":
            assert (row["customer_id"], parameters["with_sku"]) in bought


def test_what_belongs_together_is_found_as_companions(model: recommend.BasketModel) -> None:
    first = model.companions.filter(pl.col("sku") == "sku 00").row(0, named=True)

    assert (first["other_sku"], first["rank"]) == ("sku 01", 1)
    assert first["lift"] > 2


def test_a_day_of_the_shop_is_learned_from_days_before_it() -> None:
    model = recommend.fit(order_lines=shop_lines(), as_of=LAST_DAY)

    ranked = model.next_basket(order_lines=shop_lines(), as_of=LAST_DAY + dt.timedelta(days=3), size=5)

    assert model.method == "learned"
    assert ranked.height == 5 * CUSTOMERS
    with pytest.raises(recommend.OrdersAfterDate, match="lie after 2026-05-20"):
        recommend.fit(order_lines=shop_lines(), as_of=dt.date(2026, 5, 20))
    with pytest.raises(recommend.OrdersAfterDate):
        model.next_basket(order_lines=shop_lines(), as_of=dt.date(2026, 5, 20))


@pytest.mark.parametrize("as_of", [None, LAST_DAY])
def test_what_is_learned_from_never_holds_its_own_answer(as_of: dt.date | None) -> None:
    lines = purchases.require_lines(shop_lines())
    numbered, _ = purchases.number_purchases(lines=lines, assortment=purchases.list_assortment(lines))

    made = list(levels.list_levels(purchases=numbered, as_of=as_of))

    assert len(made) >= 3
    for level in made:
        assert level.history["day"].max() <= level.end
        last = level.history.group_by("customer").agg(pl.col("day").max().alias("known_until"))
        answered = numbered.join(level.wanted, on=["customer", "item"], how="semi").join(last, on="customer")
        assert answered.filter(pl.col("day") > pl.col("known_until")).select("customer", "item").unique().height == (
            level.wanted.height
        )


def test_later_baskets_of_others_do_not_change_what_was_known_at_a_level() -> None:
    lines = purchases.require_lines(shop_lines())
    numbered, _ = purchases.number_purchases(lines=lines, assortment=purchases.list_assortment(lines))
    cut = purchases.day_number(LAST_DAY) - 14
    early = numbered.filter(pl.col("day") <= cut + 14)
    first = next(iter(levels.list_levels(purchases=early, as_of=LAST_DAY)))

    changed = early.with_columns(item=pl.when(pl.col("day") > first.end).then(0).otherwise("item").cast(pl.Int32))
    again = next(iter(levels.list_levels(purchases=changed, as_of=LAST_DAY)))

    assert again.history.equals(first.history)
    assert not again.wanted.equals(first.wanted)


def test_due_probabilities_that_are_given_take_the_place_of_the_own_ones(model: recommend.BasketModel) -> None:
    lines = shop_lines().filter(pl.col("customer_id") == "customer 007")
    pairs = lines.select("customer_id", "sku").unique().sort("sku")

    sure = model.next_basket(order_lines=lines, due=pairs.with_columns(within_7_days=pl.lit(1.0)))
    never = model.next_basket(order_lines=lines, due=pairs.with_columns(within_7_days=pl.lit(0.0)))

    own = pl.col("sku").is_in(pairs["sku"].implode())
    assert sure.filter(own)["score"].sum() > never.filter(own)["score"].sum()
    with pytest.raises(recommend.BadDue, match="within_…_days"):
        model.next_basket(order_lines=lines, due=pairs)


def test_customers_without_a_known_product_get_what_is_popular(model: recommend.BasketModel) -> None:
    ranked = model.next_basket(order_lines=lines_of(("林小姐 🍵", "brand new", 0)), size=4)

    assert ranked["customer_id"].unique().to_list() == ["林小姐 🍵"]
    assert ranked["rank"].to_list() == [1, 2, 3, 4]
    assert set(ranked["reason_code"]) == {"recommend.popular"}


def test_nobody_gets_nothing(model: recommend.BasketModel) -> None:
    ranked = model.next_basket(order_lines=lines_of())

    assert ranked.height == 0
    assert ranked.schema == model.next_basket(order_lines=shop_lines(), size=1).schema
    with pytest.raises(recommend.BadSize):
        model.next_basket(order_lines=shop_lines(), size=0)


def test_one_customer_with_one_basket_is_a_shop_too() -> None:
    ranked = recommend.next_basket(order_lines=lines_of(("Mei", "Oolong", 0), ("Mei", "'; DROP\n\"✓", 0)))

    assert sorted(ranked["sku"]) == ["'; DROP\n\"✓", "Oolong"]
    assert ranked["method"].to_list() == ["frequency", "frequency"]
