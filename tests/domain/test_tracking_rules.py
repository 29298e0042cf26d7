"""What words about a parcel come to: the same in whatever order, and however often, they were told."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.domain.shipping.parcel_models import PARCEL_STATES
from reorder.domain.shipping.tracking_rules import (
    CarrierWord,
    SaidOfParcel,
    fault_of,
    key_of,
    next_poll_at,
    plain_text,
    standing_of,
)

NOON = dt.datetime(2026, 11, 27, 4, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
SAID = st.builds(
    SaidOfParcel,
    st.sampled_from(PARCEL_STATES),
    st.integers(0, 6).map(lambda hours: NOON + hours * HOUR),
    st.sampled_from(["", "consignee_not_home"]),
    st.sampled_from(["a", "b"]),
)


def state_of(*said: tuple[str, int]) -> str:
    return standing_of(events=[SaidOfParcel(state, NOON + hours * HOUR) for state, hours in said]).state


@settings(max_examples=300)
@given(st.lists(SAID, min_size=1, max_size=8), st.data())
def test_any_order_and_any_doubling_of_words_comes_to_the_same(said: list[SaidOfParcel], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(said + data.draw(st.lists(st.sampled_from(said), max_size=4))))

    assert standing_of(events=shuffled) == standing_of(events=said)


@settings(max_examples=200)
@given(st.lists(SAID, max_size=6))
def test_what_went_back_stays_so_and_what_was_delivered_only_goes_back(said: list[SaidOfParcel]) -> None:
    states = {one.state for one in said}
    found = standing_of(events=said).state

    if "return_to_sender" in states:
        assert found == "return_to_sender"
    elif "delivered" in states:
        assert found == "delivered"
    else:
        assert found in states or found == "pending"


@pytest.mark.parametrize(
    ("said", "comes_to"),
    [
        ([], "pending"),
        ([("picked_up", 1), ("in_transit", 2)], "in_transit"),
        ([("in_transit", 2), ("picked_up", 1)], "in_transit"),
        ([("delivered", 3), ("in_transit", 4)], "delivered"),
        ([("delivered", 3), ("return_to_sender", 5), ("in_transit", 6), ("delivered", 7)], "return_to_sender"),
        ([("in_transit", 2), ("unknown", 3)], "in_transit"),
        ([("unknown", 3)], "unknown"),
        ([("cancelled", 1), ("picked_up", 2)], "picked_up"),
        ([("delivery_failed", 2), ("out_for_delivery", 3)], "out_for_delivery"),
        ([("out_for_delivery", 2), ("delivery_failed", 2)], "delivery_failed"),
    ],
)
def test_the_newest_word_by_the_carriers_clock_holds(said: list[tuple[str, int]], comes_to: str) -> None:
    assert state_of(*said) == comes_to


def test_a_standing_tells_when_it_left_arrived_and_was_last_heard_of() -> None:
    said = [("pending", 0), ("in_transit", 2), ("delivered", 5), ("unknown", 6)]

    found = standing_of(events=[SaidOfParcel(state, NOON + hours * HOUR) for state, hours in said])

    assert (found.left_at, found.delivered_at, found.state_at) == (NOON + 2 * HOUR, NOON + 5 * HOUR, NOON + 5 * HOUR)
    assert (found.heard_at, found.is_newest_unknown) == (NOON + 6 * HOUR, True)


def of(state: str = "in_transit", at: dt.datetime = NOON, **more: str) -> CarrierWord:
    return CarrierWord(tracking_number="T1", state=state, happened_at=at, **more)


@pytest.mark.parametrize(
    ("word", "fault"),
    [
        (of(), ""),
        (of("arrived_on_mars"), "bad_state"),
        (of(at=NOON.replace(tzinfo=None)), "no_time_zone"),
        (of(at=NOON + 15 * HOUR), "ahead"),
        (of(at=NOON + 13 * HOUR), ""),
        (of(at=NOON - 3 * DAY), "another_parcel"),
    ],
)
def test_words_that_cannot_be_of_the_parcel_have_their_reason(word: CarrierWord, fault: str) -> None:
    assert fault_of(word=word, packed_at=NOON, moment=NOON) == fault


def test_the_same_word_has_one_key_in_every_zone_and_another_one_elsewhere() -> None:
    taipei = of(at=NOON.astimezone(dt.timezone(8 * HOUR)))

    def key(word: CarrierWord, parcel_id: int = 1, account: str = "cat") -> str:
        return key_of(word=word, parcel_id=parcel_id, account_code=account)

    assert key(of()) == key(taipei)
    assert len({key(of()), key(of(), parcel_id=2), key(of(), account="dog"), key(of("delivered"))}) == 4
    assert key(of(key="e1")) == key(of("delivered", key="e1"))


def test_texts_of_carriers_are_one_line_of_three_hundred_characters() -> None:
    assert plain_text(text=" 已到\n門市\x00\t!") == "已到 門市 !"
    assert len(plain_text(text="長" * 400)) == 300


def test_carriers_are_asked_less_often_the_longer_nothing_happens_or_the_more_often_they_fail() -> None:
    def waits(failed: int, quiet: dt.timedelta) -> dt.timedelta:
        return next_poll_at(moment=NOON, failed_polls=failed, heard_at=NOON - quiet) - NOON

    assert [waits(0, quiet) for quiet in (HOUR, 3 * DAY, 8 * DAY)] == [HOUR, 4 * HOUR, DAY]
    assert [waits(failed, HOUR) for failed in (1, 2, 3, 20)] == [HOUR / 6, HOUR / 3, 2 * HOUR / 3, DAY]
