"""The moment to write to a customer: what moves it, what it is worth, and what holds whatever the prediction."""

import datetime as dt
import json
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.engine import reasons, repurchase
from reorder.engine.frames import InvalidFrame
from reorder.engine.repurchase.contact import curve
from tests.engine.repurchase.contacts import MONDAY, choose, due_frame, due_row
from tests.engine.repurchase.shop import TODAY, regular_shop

TAIPEI = ZoneInfo("Asia/Taipei")
SHARP = due_row(ahead=(10, 10, 10, 10, 10), within=(0.0, 0.9, 0.9))


def day_after(days: int) -> dt.date:
    return MONDAY + dt.timedelta(days=days)


def test_the_reminder_precedes_the_due_day_by_the_days_that_a_parcel_takes() -> None:
    due = due_frame(SHARP)

    days = [choose(due, delivery_days=delivery)["contact_date"].item() for delivery in (0, 1, 2, 5)]

    assert days == [day_after(10), day_after(9), day_after(8), day_after(5)]


def test_the_moment_stands_at_the_shop_s_hour_with_its_reason() -> None:
    [row] = choose(due_frame(SHARP)).rows(named=True)

    assert row["contact_at"] == dt.datetime(2026, 12, 1, 2, 0, tzinfo=dt.UTC)
    assert (row["contact_date"], row["contact_hour"], row["arrival_date"]) == (day_after(8), 10, day_after(10))
    assert row["window_until_date"] == day_after(13)
    assert row["lateness"] == "on_time"
    assert row["reason"] == (
        "2026-12-01 at 10:00, the shop's hour; a parcel takes 2 days, and the purchase is 89% likely until 2026-12-06."
    )
    assert row["reason_code"] == "contact.shop_hour"
    assert reasons.render(code=row["reason_code"], parameters=json.loads(row["reason_parameters"])) == row["reason"]


def test_the_extra_margin_is_orders_won_times_margin_less_the_cost_of_the_message() -> None:
    due = due_frame(SHARP | {"expected_units": 2.0})
    [row] = choose(due, cost=300.0).rows(named=True)

    # The eighth to the thirteenth day; the tenth is the day of arrival and counts most.
    shares = curve.daily_shares(due=due, as_of=MONDAY, days=14)[0, 8:]
    won = 0.1 * sum(
        share * weight for share, weight in zip(shares, (0.875, 1.3125, 1.75, 1.3125, 0.875, 0.4375), strict=True)
    )
    assert row["window_share"] == pytest.approx(shares.sum())
    assert row["expected_extra_orders"] == pytest.approx(won)
    assert row["gross_extra_margin_minor"] == pytest.approx(won * 2 * 25_000)
    assert row["expected_extra_margin_minor"] == pytest.approx(won * 2 * 25_000 - 300)


def test_a_customer_is_written_to_at_the_own_hour_on_the_own_clock() -> None:
    due = due_frame(SHARP, SHARP | {"customer_id": "Anna"}, SHARP | {"customer_id": "Bo"})
    hours = [("Mei", 19, True, None), ("Anna", 9, True, "Europe/Berlin"), ("Bo", 3, True, None)]

    chosen = choose(due, hours=hours)

    assert chosen["contact_at"].to_list() == [
        dt.datetime(2026, 12, 1, 11, 0, tzinfo=dt.UTC),
        dt.datetime(2026, 12, 1, 8, 0, tzinfo=dt.UTC),
        dt.datetime(2026, 12, 1, 2, 0, tzinfo=dt.UTC),
    ]
    assert chosen["reason_code"].to_list() == ["contact.own_hour", "contact.own_hour", "contact.shop_hour"]


def test_a_clock_that_jumps_over_the_hour_rings_an_hour_later() -> None:
    night_of_the_change = dt.date(2026, 3, 29)
    due = due_frame(due_row(ahead=(2, 2, 2, 2, 2), within=(0.9, 0.9, 0.9), predicted=night_of_the_change))

    chosen = choose(due, as_of=night_of_the_change, hours=[("Mei", 2, False, "Europe/Berlin")], send_hour=2)

    assert chosen["contact_at"].item() == dt.datetime(2026, 3, 29, 1, 0, tzinfo=dt.UTC)


def test_who_grows_less_likely_every_day_is_written_to_at_once() -> None:
    fading = due_row(ahead=(1, 3, 9, 20, 40), within=(0.4, 0.5, 0.6))

    assert choose(due_frame(fading))["contact_date"].item() == MONDAY


def test_an_old_prediction_is_read_on_from_the_days_that_passed_without_a_purchase() -> None:
    a_week_ago = MONDAY - dt.timedelta(days=7)
    old = due_row(predicted=a_week_ago, ahead=(7, 8, 10, 12, 13), within=(0.0, 0.8, 0.8))

    shares = curve.daily_shares(due=due_frame(old), as_of=MONDAY, days=7)[0]
    later = curve.daily_shares(due=due_frame(old), as_of=MONDAY + dt.timedelta(days=7), days=7)[0]

    assert shares.sum() == pytest.approx(0.8)
    # Fourteen days passed of which the first held nothing: almost nothing of 0.8 is left of the 0.2 + that remain.
    assert later.sum() < 0.2
    assert choose(due_frame(old))["contact_date"].item() >= MONDAY


def test_an_unknown_margin_counts_as_an_average_one_and_none_at_all_stays_unknown() -> None:
    due = due_frame(*(SHARP | {"sku": sku} for sku in ("OOLONG-150", "MATCHA-30", "PUERH-357")))

    priced = choose(due, margins={"OOLONG-150": 10_000.0, "MATCHA-30": 30_000.0, "PUERH-357": None})
    unpriced = choose(due, margins={})

    first, second, third = priced["gross_extra_margin_minor"]
    assert (first + second) / 2 == pytest.approx(third)
    assert unpriced["expected_extra_margin_minor"].to_list() == [None, None, None]
    assert unpriced["contact_date"].to_list() == [day_after(8)] * 3


def test_a_lift_that_is_learned_to_come_late_moves_the_moment() -> None:
    due = due_frame(due_row(ahead=(6, 8, 10, 14, 20), within=(0.15, 0.6, 0.9)))
    uplift = pl.DataFrame(
        {
            "lateness": ["early", "on_time", "late", ""],
            "evidence": [""] * 4,
            "segment": [""] * 4,
            "lift_share": [0.0, 0.0, 0.3, 0.0],
        }
    )
    empty = {"customer_id": pl.String, "message_cost_minor": pl.Float64}
    hours = {"customer_id": pl.String, "hour": pl.Int64, "is_own": pl.Boolean}

    chosen = repurchase.choose_contact(
        due=due,
        margins=pl.DataFrame({"sku": ["OOLONG-150"], "margin_minor": [100.0]}),
        uplift=uplift,
        costs=pl.DataFrame(schema=empty),
        best_hours=pl.DataFrame(schema=hours),
        as_of=MONDAY,
    )

    assert chosen["lateness"].item() == "late"
    assert chosen["arrival_date"].item() == day_after(14)
    assert chosen["lift_share"].item() == 0.3


def test_a_model_s_own_due_table_goes_in_as_it_is() -> None:
    due = repurchase.fit(order_lines=regular_shop(customers=60), as_of=TODAY).due(as_of=TODAY)

    chosen = choose(due, margins={}, as_of=TODAY)

    assert chosen.height == due.height
    assert chosen["window_share"].is_between(0, 1).all()
    assert (chosen["contact_date"] >= TODAY).all()


def test_no_pair_at_all_gives_no_row() -> None:
    assert choose(due_frame().clear()).height == 0


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"horizon_days": 0}, "horizon_days must be from 1 to 365, got 0"),
        ({"delivery_days": -1}, "delivery_days must be from 0 to 60, got -1"),
        ({"send_hour": 24}, "send_hour must be from 0 to 23, got 24"),
    ],
)
def test_numbers_that_make_no_sense_are_named(numbers: dict[str, int], said: str) -> None:
    with pytest.raises(repurchase.BadContact, match=said):
        choose(due_frame(), **numbers)  # type: ignore[arg-type]


def test_frames_that_break_their_contract_are_named_with_column_and_row() -> None:
    with pytest.raises(InvalidFrame, match=r"due\.within_7_days: the column is missing"):
        choose(due_frame().drop("within_7_days"))
    with pytest.raises(InvalidFrame, match=r"due\.customer_id\+sku: repeats the key"):
        choose(due_frame(SHARP, SHARP))
    with pytest.raises(InvalidFrame, match=r"best_hours\.time_zone: is not an IANA time zone: 'Mars/Olympus'"):
        choose(due_frame(), hours=[("Mei", 9, True, "Mars/Olympus")])


due_rows = st.builds(
    lambda customer, ahead, within, active, units, back: (
        due_row(
            customer=f"customer {customer}",
            ahead=tuple(sorted(ahead)),
            within=tuple(sorted(within)),
            units=units,
            predicted=MONDAY - dt.timedelta(days=back),
        )
        | {"active_share": active}
    ),
    st.integers(0, 10**6),
    st.tuples(*[st.integers(0, 400)] * 5),
    st.tuples(*[st.floats(0, 1)] * 3),
    st.floats(0, 1),
    st.floats(0, 10**6),
    st.integers(0, 60),
)
shops = st.lists(due_rows, min_size=1, max_size=12, unique_by=lambda row: row["customer_id"])
hours_of_day = st.integers(0, 23)


@settings(max_examples=60, deadline=None)
@given(rows=shops, hour=hours_of_day, send_hour=hours_of_day, delivery=st.integers(0, 20), lift=st.floats(-1, 3))
def test_no_moment_lies_before_today_or_at_night_and_no_figure_is_odd(
    rows: list[dict[str, object]], hour: int, send_hour: int, delivery: int, lift: float
) -> None:
    due = due_frame(*rows)
    hours = [(str(row["customer_id"]), hour, True, "America/New_York") for row in rows[::2]]

    chosen = choose(due, hours=hours, send_hour=send_hour, delivery_days=delivery, lift=lift)

    first, last = min(repurchase.FIRST_HOUR, send_hour), max(repurchase.LAST_HOUR, send_hour + 1)
    assert (chosen["contact_date"] >= MONDAY).all()
    assert (chosen["contact_date"] < MONDAY + dt.timedelta(days=28)).all()
    assert chosen["contact_hour"].is_between(first, last, closed="left").all()
    assert (chosen["contact_at"] >= dt.datetime.combine(MONDAY, dt.time(), TAIPEI).astimezone(dt.UTC)).all()
    assert chosen["window_share"].is_between(0, 1).all()
    assert chosen["expected_extra_orders"].is_finite().all()
    assert chosen["expected_extra_margin_minor"].is_finite().all()


@settings(max_examples=40, deadline=None)
@given(rows=shops, costs=st.tuples(st.floats(0, 10**6), st.floats(0, 10**6)))
def test_a_dearer_message_is_never_worth_sending_more_often(
    rows: list[dict[str, object]], costs: tuple[float, float]
) -> None:
    cheap, dear = (choose(due_frame(*rows), cost=cost) for cost in sorted(costs))

    assert (dear["expected_extra_margin_minor"] > 0).sum() <= (cheap["expected_extra_margin_minor"] > 0).sum()
    assert dear["contact_at"].equals(cheap["contact_at"])


@settings(max_examples=40, deadline=None)
@given(rows=shops)
def test_the_curve_goes_through_the_horizons_and_only_rises(rows: list[dict[str, object]]) -> None:
    due = due_frame(*(row | {"as_of_date": MONDAY} for row in rows))

    shares = curve.daily_shares(due=due, as_of=MONDAY, days=60)

    assert (shares >= 0).all()
    assert (shares.sum(axis=1) <= 1 + 1e-9).all()
    for days in (7, 14, 30):
        assert shares[:, :days].sum(axis=1) == pytest.approx(due[f"within_{days}_days"].to_numpy(), abs=1e-9)
