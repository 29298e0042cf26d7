"""What becomes of one message to Mei in Taipei, check by check."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from reorder.engine.contact import (
    CHECKS,
    Cap,
    Contact,
    Decision,
    Holdout,
    Moved,
    Offer,
    Pause,
    Person,
    Reach,
    Rules,
    Shelf,
    Wanted,
    decide,
    decide_many,
    is_held_out,
    recheck,
)

TAIPEI = ZoneInfo("Asia/Taipei")
# 02:30 and 10:00 on Sunday in Taipei.
NIGHT = dt.datetime(2026, 11, 21, 18, 30, tzinfo=dt.UTC)
MORNING = dt.datetime(2026, 11, 22, 2, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
MAIL = Reach(channel="email", address="mei@example.org", is_granted=True)
LINE = Reach(channel="line", address="U1", is_granted=True)
MEI = Person(customer_id=1, zone=TAIPEI, reaches=(MAIL,))
WISH = Wanted(
    key="a",
    customer_id=1,
    purpose="marketing",
    source_kind="journey",
    source_key="due",
    earliest_at=NIGHT,
    latest_at=NIGHT + 5 * DAY,
    reason_code="reminder.planned",
    value_minor=1000.0,
)
RULES = Rules()


def decided(
    wanted: Wanted = WISH,
    person: Person = MEI,
    rules: Rules = RULES,
    moment: dt.datetime = NIGHT,
    shelf: Shelf | None = None,
    shelves: tuple[Shelf, ...] = (),
) -> Decision:
    known = (shelf, *shelves) if shelf else shelves
    return decide(wanted=wanted, person=person, rules=rules, moment=moment, shelves={one.sku: one for one in known})


def sent(
    at: dt.datetime, *, number: int = 7, value: float = 0.0, movable: bool = False, channel: str = "email"
) -> Contact:
    return Contact(
        message_id=number, channel=channel, at=at, value_minor=value, is_movable=movable, latest_at=at + 5 * DAY
    )


def test_it_goes_at_the_shops_hour_on_her_clock_and_all_checks_are_told_in_order() -> None:
    decision = decided()
    assert (decision.outcome, decision.at, decision.channel, decision.address) == (
        "planned",
        MORNING,
        "email",
        "mei@example.org",
    )
    assert decision.reason_code == "reminder.planned"
    assert tuple(check.name for check in decision.trace) == CHECKS
    assert {check.verdict for check in decision.trace} == {"passed"}


@pytest.mark.parametrize(
    ("person", "wanted", "code"),
    [
        (replace(MEI, reaches=()), WISH, "message.no_address"),
        (replace(MEI, reaches=(replace(MAIL, is_granted=None),)), WISH, "message.no_consent"),
        (replace(MEI, reaches=(replace(MAIL, is_granted=False),)), WISH, "message.consent_withdrawn"),
        (replace(MEI, reaches=(replace(MAIL, is_reachable=False),)), WISH, "message.unreachable"),
        (replace(MEI, reaches=(replace(MAIL, has_complained=True),)), WISH, "message.complained"),
        (replace(MEI, is_erased=True), WISH, "message.erased"),
        (replace(MEI, refused_topics=frozenset({"offers"})), replace(WISH, topic="offers"), "message.topic_refused"),
        (replace(MEI, age_years=12), WISH, "message.too_young"),
        (replace(MEI, age_years=None), replace(WISH, category_codes=("wine",)), "message.adults_only"),
        (replace(MEI, age_years=30), replace(WISH, category_codes=("health",)), "message.sensitive"),
        (replace(MEI, pauses=(Pause(cause=""),)), WISH, "message.paused.person"),
        (MEI, replace(WISH, written_channels=frozenset()), "message.no_words"),
        (MEI, replace(WISH, latest_at=NIGHT - DAY), "message.too_late"),
    ],
)
def test_what_keeps_it_for_good(person: Person, wanted: Wanted, code: str) -> None:
    rules = replace(
        RULES,
        least_age_years=13,
        adult_categories=frozenset({"wine"}),
        sensitive_categories=frozenset({"health"}),
    )
    decision = decided(wanted, person, rules)
    assert (decision.outcome, decision.reason_code, decision.at) == ("suppressed", code, None)


def test_what_was_asked_for_in_so_many_words_may_be_sensitive() -> None:
    rules = replace(RULES, sensitive_categories=frozenset({"health"}))
    person = replace(MEI, sensitive_allowed=frozenset({"health"}))
    assert decided(replace(WISH, category_codes=("health",)), person, rules).outcome == "planned"


def test_a_letter_that_people_need_asks_only_for_an_address() -> None:
    person = replace(
        MEI,
        reaches=(replace(MAIL, is_granted=False),),
        pauses=(Pause(cause="parcel"),),
        contacts=(sent(NIGHT), sent(NIGHT)),
    )
    rules = replace(RULES, global_holdout=Holdout(salt="global", share=1.0))
    decision = decided(replace(WISH, purpose="transactional"), person, rules)
    assert (decision.outcome, decision.at) == ("planned", NIGHT)


def test_marketing_waits_for_a_parcel_and_for_the_end_of_a_dated_pause() -> None:
    assert decided(person=replace(MEI, pauses=(Pause(cause="parcel"),))).at == NIGHT + DAY
    until = NIGHT + 2 * DAY
    waits = decided(person=replace(MEI, pauses=(Pause(cause=""), Pause(cause="", resumes_at=until))[1:]))
    assert (waits.outcome, waits.reason_code, waits.at) == ("rescheduled", "message.paused.person", until)
    late = decided(person=replace(MEI, pauses=(Pause(cause="", resumes_at=NIGHT + 9 * DAY),)))
    assert late.outcome == "suppressed"


def test_goods_that_are_not_there_hold_it_until_they_come() -> None:
    wish = replace(WISH, skus=("OOLONG-150",))
    assert decided(wish, shelf=Shelf(sku="OOLONG-150", free_units=3)).outcome == "planned"
    unknown = decided(wish, shelf=Shelf(sku="OOLONG-150", free_units=0))
    assert (unknown.outcome, unknown.reason_code, unknown.at) == (
        "held_for_stock",
        "message.held_for_stock",
        NIGHT + DAY,
    )
    coming = decided(wish, shelf=Shelf(sku="OOLONG-150", free_units=0, expected_date=dt.date(2026, 11, 24)))
    assert (coming.reason_code, coming.at) == ("message.held_for_delivery", MORNING + 2 * DAY)
    late = decided(wish, shelf=Shelf(sku="OOLONG-150", free_units=0, expected_date=dt.date(2026, 12, 24)))
    assert (late.outcome, late.reason_code) == ("suppressed", "message.stock_too_late")


def test_goods_are_dropped_or_replaced_where_the_source_says_so() -> None:
    gone = Shelf(sku="OOLONG-150", free_units=0, substitutes=("PUERH-357", "MATCHA-30"))
    others = (Shelf(sku="PUERH-357", free_units=0), Shelf(sku="MATCHA-30", free_units=5))
    both = replace(WISH, skus=("OOLONG-150", "MATCHA-30"), stock_rule="drop")
    assert decided(both, shelf=gone, shelves=others).skus == ("MATCHA-30",)
    alone = replace(both, skus=("OOLONG-150",))
    assert decided(alone, shelf=gone, shelves=others).reason_code == "message.no_stock"
    assert decided(replace(alone, stock_rule="substitute"), shelf=gone, shelves=others).skus == ("MATCHA-30",)
    assert decided(replace(alone, stock_rule="ignore"), shelf=gone).skus == ("OOLONG-150",)


def test_twenty_units_are_not_promised_five_hundred_times() -> None:
    wanted = [
        replace(WISH, key=f"{n:03}", customer_id=n, skus=("OOLONG-150",), value_minor=float(n)) for n in range(1, 501)
    ]
    people = {n: replace(MEI, customer_id=n) for n in range(1, 501)}
    shelves = {"OOLONG-150": Shelf(sku="OOLONG-150", free_units=20.0)}
    rules = replace(RULES, promise_units=0.25)
    decisions = decide_many(wanted=wanted, people=people, shelves=shelves, rules=rules, moment=NIGHT)
    planned = [one for one in decisions if one.outcome == "planned"]
    assert len(planned) == 80
    # The most valuable first.
    assert {one.customer_id for one in planned} == set(range(421, 501))


def test_a_full_week_moves_it_to_the_first_day_that_is_not() -> None:
    person = replace(MEI, contacts=(sent(MORNING - 6 * DAY), sent(MORNING - 2 * DAY, number=8)))
    decision = decided(person=person)
    # The oldest falls out of the seven days on Monday.
    assert (decision.outcome, decision.reason_code, decision.at) == ("rescheduled", "message.cap", MORNING + DAY)
    assert decision.reason_parameters == {"limit": 2, "hours": 168, "channel": ""}
    short = decided(replace(WISH, latest_at=MORNING), person)
    assert (short.outcome, short.reason_code) == ("suppressed", "message.cap_too_late")


def test_what_is_worth_less_gives_way_and_is_moved() -> None:
    lesser = sent(MORNING, number=8, value=200.0, movable=True)
    decision = decided(person=replace(MEI, contacts=(lesser,)))
    assert (decision.outcome, decision.at) == ("planned", MORNING)
    assert decision.moved == (Moved(8, MORNING + DAY),)
    for stays in (replace(lesser, value_minor=1000.0), replace(lesser, is_movable=False)):
        waits = decided(person=replace(MEI, contacts=(stays,)))
        assert (waits.outcome, waits.at, waits.moved) == ("rescheduled", MORNING + DAY, ())


def test_two_wishes_of_one_evening_share_the_caps() -> None:
    wanted = [replace(WISH, key="small", value_minor=1.0), replace(WISH, key="great", value_minor=9.0)]
    small, great = decide_many(wanted=wanted, people={1: MEI}, shelves={}, rules=RULES, moment=NIGHT)
    assert (great.outcome, great.at) == ("planned", MORNING)
    assert (small.outcome, small.at) == ("rescheduled", MORNING + DAY)


def test_a_cap_of_a_channel_leaves_the_others_open() -> None:
    rules = replace(RULES, caps=(Cap(hours=168, limit=1, channel="line"), Cap(hours=168, limit=5)))
    person = replace(MEI, reaches=(MAIL, LINE), contacts=(sent(NIGHT - DAY, channel="line"),))
    decision = decided(replace(WISH, channels=("line", "email")), person, rules)
    assert (decision.outcome, decision.channel) == ("planned", "email")


def test_her_own_hour_her_own_cap_and_hours_of_her_country() -> None:
    assert decided(person=replace(MEI, best_hour=19)).at == MORNING + dt.timedelta(hours=9)
    assert decided(person=replace(MEI, best_hour=23)).at == MORNING + dt.timedelta(hours=9)
    assert decided(person=replace(MEI, waking=(12, 18))).at == MORNING + dt.timedelta(hours=2)
    capped = decided(person=replace(MEI, own_cap=1, contacts=(sent(MORNING - 6 * DAY - dt.timedelta(hours=1)),)))
    assert (capped.outcome, capped.at) == ("rescheduled", MORNING + DAY)
    # New York sleeps when Taipei's shop opens.
    york = decided(person=replace(MEI, zone=ZoneInfo("America/New_York")))
    assert york.at == dt.datetime(2026, 11, 21, 18, 30, tzinfo=dt.UTC)


def test_what_cannot_wait_for_the_best_hour_goes_as_soon_as_she_is_awake() -> None:
    hurried = replace(WISH, latest_at=NIGHT + dt.timedelta(hours=6))
    assert decided(hurried).at == MORNING - dt.timedelta(hours=2)
    asleep = replace(WISH, latest_at=NIGHT + dt.timedelta(hours=2))
    assert decided(asleep).reason_code == "message.too_late"


def test_the_channel_is_chosen_by_answers_order_and_cost() -> None:
    person = replace(MEI, reaches=(replace(MAIL, response_share=0.1), replace(LINE, response_share=0.3)))
    wish = replace(WISH, channels=("email", "line"))
    rules = replace(RULES, response_shares={"email": 0.2, "line": 0.2})
    assert decided(wish, person, rules).channel == "line"
    assert decided(wish, replace(MEI, reaches=(MAIL, LINE)), rules).channel == "email"
    dear = replace(rules, costs_minor={"line": 1400.0})
    assert decided(wish, person, dear).channel == "email"
    only = decided(replace(WISH, channels=("line",)), person, dear)
    assert (only.outcome, only.reason_code) == ("suppressed", "message.too_dear")
    assert only.trace[-1].name == "channel"


def test_the_offer_fits_the_person_and_leaves_its_margin() -> None:
    ladder = {
        "FIVE": Offer(code="FIVE", takes_share=0.05),
        "MINE": Offer(code="MINE", takes_share=0.1, is_personal=True, is_limited=True),
        "PAIR": Offer(code="PAIR", kind="bundle", takes_share=0.15),
        "HALF": Offer(code="HALF", takes_share=0.5),
    }
    rules = replace(RULES, offers=ladder, margin_floor_share=0.2)
    wish = replace(WISH, offers=tuple(ladder), goods_minor=1000.0, margin_minor=400.0)
    assert decided(wish, rules=rules).offer == "FIVE"
    assert decided(wish, replace(MEI, is_high_value=True), rules).offer == "MINE"
    assert decided(wish, replace(MEI, is_price_sensitive=True), rules).offer == "PAIR"
    assert decided(wish, replace(MEI, churn_share=0.9), rules).offer == "PAIR"
    thin = replace(wish, margin_minor=230.0)
    assert decided(thin, rules=rules).offer == ""
    # What nobody knows the cost of is offered nothing that takes something off; without goods the price decides.
    unknown = replace(wish, margin_minor=None)
    assert decided(unknown, rules=rules).offer == ""
    free = replace(rules, offers=ladder | {"POST": Offer(code="POST", kind="free_shipping")})
    assert decided(replace(unknown, offers=("FIVE", "POST")), rules=free).offer == "POST"
    assert decided(replace(unknown, goods_minor=None), rules=rules).offer == "FIVE"
    members = replace(rules, offers={"FIVE": replace(ladder["FIVE"], segment_codes=frozenset({"vip"}))})
    assert decided(wish, rules=members).offer == ""
    assert decided(wish, replace(MEI, segment_codes=frozenset({"vip"})), members).offer == "FIVE"


def test_held_out_people_stay_so_and_a_larger_share_holds_the_smaller() -> None:
    held = [n for n in range(2000) if is_held_out(salt="journey:due", customer_id=n, share=0.1)]
    more = {n for n in range(2000) if is_held_out(salt="journey:due", customer_id=n, share=0.2)}
    assert 150 < len(held) < 250
    assert set(held) < more
    rules = replace(RULES, holdouts={("journey", "due"): Holdout(salt="journey:due", share=0.1)})
    decision = decided(replace(WISH, customer_id=held[0]), replace(MEI, customer_id=held[0]), rules)
    assert (decision.outcome, decision.holdout, decision.reason_code) == (
        "held_out",
        "source",
        "message.held_out.source",
    )
    assert decided(replace(WISH, source_key="other", customer_id=held[0]), MEI, rules).outcome == "planned"
    everybody = replace(rules, global_holdout=Holdout(salt="global", share=1.0))
    assert decided(rules=everybody).holdout == "global"


def test_at_the_last_moment_what_is_late_moves_on() -> None:
    evening = MORNING + dt.timedelta(hours=11)
    due = sent(MORNING, number=1, value=5.0)
    found = recheck(due=[due], short_ids=frozenset(), person=replace(MEI, contacts=(due,)), rules=RULES, moment=evening)
    assert [(one.cause, one.at) for one in found] == [("quiet_hours", MORNING + DAY)]
    two = (due, replace(due, message_id=2, value_minor=9.0))
    found = recheck(due=two, short_ids=frozenset(), person=replace(MEI, contacts=two), rules=RULES, moment=MORNING)
    assert [(one.message_id, one.cause, one.at) for one in found] == [(1, "cap", MORNING + DAY)]
    found = recheck(
        due=[due], short_ids=frozenset({1}), person=replace(MEI, contacts=(due,)), rules=RULES, moment=MORNING
    )
    assert [(one.cause, one.at) for one in found] == [("stock", MORNING + DAY)]
