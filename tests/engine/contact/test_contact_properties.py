"""Whatever comes in whatever order: no message without consent, in quiet hours, above a cap, to a holdout, for no stock."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.engine.contact import (
    Cap,
    Contact,
    Decision,
    Holdout,
    Pause,
    Person,
    Reach,
    Rules,
    Shelf,
    Wanted,
    decide_many,
    is_held_out,
)

START = dt.datetime(2026, 3, 27, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
# Days on which clocks jump in both directions lie within reach.
ZONES = [ZoneInfo(name) for name in ("Asia/Taipei", "America/New_York", "Europe/Berlin", "Pacific/Apia", "UTC")]
SKUS = ("OOLONG-150", "MATCHA-30")
moments = st.integers(0, 24 * 20).map(lambda hours: START + hours * HOUR)
reaches = st.builds(
    lambda channel, granted, there, complained: Reach(
        channel=channel, address=channel, is_granted=granted, is_reachable=there, has_complained=complained
    ),
    st.sampled_from(["email", "line", "sms"]),
    st.sampled_from([True, True, True, False, None]),
    st.sampled_from([True, True, True, False]),
    st.sampled_from([False, False, False, True]),
)
contacts = st.builds(
    lambda number, channel, at, value, movable: Contact(
        message_id=number, channel=channel, at=at, value_minor=value, is_movable=movable, latest_at=at + 100 * HOUR
    ),
    st.integers(1, 10_000),
    st.sampled_from(["email", "line"]),
    moments,
    st.integers(0, 50).map(float),
    st.booleans(),
)


@st.composite
def people(draw: st.DrawFn, number: int, moment: dt.datetime, rules: Rules) -> Person:
    """Somebody whose messages so far keep to the caps, as those that were decided do."""
    kept: list[Contact] = []
    for one in draw(st.lists(contacts, max_size=4, unique_by=lambda each: each.message_id)):
        fixed = replace(one, is_movable=one.is_movable and one.at > moment)
        if not _breaks([*kept, fixed], rules.caps):
            kept.append(fixed)
    return Person(
        customer_id=number,
        zone=draw(st.sampled_from(ZONES)),
        reaches=tuple(draw(st.lists(reaches, max_size=3, unique_by=lambda each: each.channel))),
        pauses=tuple(draw(st.lists(st.sampled_from([Pause(cause="parcel"), Pause(cause="")]), max_size=1))),
        contacts=tuple(kept),
        best_hour=draw(st.none() | st.integers(0, 23)),
        waking=draw(st.sampled_from([None, (9, 18), (21, 23)])),
    )


wishes = st.builds(
    lambda number, purpose, key, channels, skus, rule, begin, length, value: Wanted(
        key=key,
        customer_id=number,
        purpose=purpose,
        source_kind="journey",
        source_key="due",
        earliest_at=begin,
        latest_at=begin + length * HOUR,
        reason_code="reminder.planned",
        channels=tuple(channels),
        skus=tuple(skus),
        stock_rule=rule,
        value_minor=value,
    ),
    st.integers(1, 3),
    st.just("marketing"),
    st.integers(0, 10**9).map(str),
    st.lists(st.sampled_from(["email", "line", "sms"]), min_size=1, max_size=3, unique=True),
    st.lists(st.sampled_from(SKUS), max_size=2, unique=True),
    st.sampled_from(["hold", "substitute", "drop"]),
    moments,
    st.integers(0, 200),
    st.integers(0, 60).map(float),
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_nothing_is_planned_that_must_not_go(data: st.DataObject) -> None:
    moment = data.draw(moments)
    rules = Rules(
        caps=(
            Cap(hours=24, limit=data.draw(st.integers(0, 2))),
            Cap(hours=168, limit=data.draw(st.integers(0, 3))),
            Cap(hours=168, limit=1, channel="line"),
        ),
        holdouts={("journey", "due"): Holdout(salt="due", share=data.draw(st.sampled_from([0.0, 0.3])))},
        promise_units=0.5,
    )
    known = {number: data.draw(people(number, moment, rules)) for number in (1, 2, 3)}
    shelves = {
        sku: Shelf(sku=sku, free_units=float(data.draw(st.integers(0, 2))), substitutes=tuple(set(SKUS) - {sku}))
        for sku in SKUS
    }
    wanted = data.draw(st.lists(wishes, max_size=8, unique_by=lambda one: one.key))
    decisions = decide_many(wanted=wanted, people=known, shelves=shelves, rules=rules, moment=moment)
    assert [one.key for one in decisions] == [one.key for one in wanted]
    written = [(w, d) for w, d in zip(wanted, decisions, strict=True) if d.outcome in {"planned", "held_out"}]
    for wish, decision in written:
        _check_one(wish, decision, known[wish.customer_id], rules, moment)
    for number, person in known.items():
        own = [(w, d) for w, d in written if w.customer_id == number]
        _check_caps(person, own, rules)
    for sku, shelf in shelves.items():
        promised = sum(sku in d.skus for _, d in written if d.outcome == "planned") * rules.promise_units
        assert promised <= shelf.free_units


def _check_one(wish: Wanted, decision: Decision, person: Person, rules: Rules, moment: dt.datetime) -> None:
    reach = next(one for one in person.reaches if one.channel == decision.channel)
    assert reach.is_granted is True
    assert reach.is_reachable
    assert not reach.has_complained
    assert not person.pauses
    assert decision.at is not None
    assert max(moment, wish.earliest_at) <= decision.at <= wish.latest_at
    hour = decision.at.astimezone(person.zone).hour
    allowed = (max(8, person.waking[0]), min(20, person.waking[1])) if person.waking else (8, 20)
    first, last = allowed if allowed[0] < allowed[1] else (person.waking or (8, 20))
    assert first <= hour < last
    share = rules.holdouts["journey", "due"].share
    is_held = is_held_out(salt="due", customer_id=wish.customer_id, share=share)
    assert decision.outcome == ("held_out" if is_held else "planned")


def _check_caps(person: Person, own: Sequence[tuple[Wanted, Decision]], rules: Rules) -> None:
    ranked = sorted(own, key=lambda pair: (-pair[0].value_minor, pair[0].key))
    moved = {one.message_id: one.at for _, decision in ranked for one in decision.moved}
    stays = [one for one in person.contacts if one.message_id not in moved]
    again = [replace(one, at=at) for one in person.contacts if (at := moved.get(one.message_id)) is not None]
    new = [Contact(message_id=0, channel=d.channel, at=d.at) for _, d in own if d.at is not None]
    if own:
        assert not _breaks([*stays, *again, *new], rules.caps)


def _breaks(messages: Sequence[Contact], caps: Sequence[Cap]) -> bool:
    """Whether more than the limit lie within the hours of any cap, counted from each message on."""
    for cap in caps:
        near = sorted(one.at for one in messages if cap.channel in {"", one.channel})
        width = dt.timedelta(hours=cap.hours)
        if any(sum(at <= each < at + width for each in near) > cap.limit for at in near):
            return True
    return False


def test_the_check_of_this_file_sees_a_broken_cap() -> None:
    times = [START, START + 23 * HOUR, START + 47 * HOUR]
    assert all(b - a < 24 * HOUR for a, b in pairwise(times[:2]))
    messages = [Contact(message_id=n, channel="email", at=at) for n, at in enumerate(times)]
    assert _breaks(messages[:2], [Cap(hours=24, limit=1)])
    assert not _breaks([messages[0], messages[2]], [Cap(hours=24, limit=1)])
