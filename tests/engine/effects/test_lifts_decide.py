"""What comparisons taught decides which channel carries a message and which offer goes with it."""

import datetime as dt

from reorder.engine import contact
from reorder.engine.contact import Lifts, Offer, Person, Reach, Rules, Wanted

MORNING = dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.UTC)
REACHES = tuple(
    Reach(channel=name, address=f"mei by {name}", is_granted=True, response_share=0.1) for name in ("email", "line")
)
TEN = Offer(code="TEN", takes_share=0.10)
TWENTY = Offer(code="TWENTY", takes_share=0.20)


def decide(*, lifts: Lifts, segments: frozenset[str] = frozenset(), margin_minor: float = 600.0) -> contact.Decision:
    wanted = Wanted(
        key="due",
        customer_id=1,
        purpose="marketing",
        source_kind="journey",
        source_key="replenishment",
        earliest_at=MORNING,
        latest_at=MORNING + dt.timedelta(days=3),
        reason_code="journey.step",
        channels=("email", "line"),
        offers=("TEN", "TWENTY"),
        value_minor=50.0,
        goods_minor=1_000.0,
        margin_minor=margin_minor,
    )
    rules = Rules(offers={"TEN": TEN, "TWENTY": TWENTY}, lifts=lifts)
    person = Person(customer_id=1, reaches=REACHES, segment_codes=segments)
    return contact.decide(wanted=wanted, person=person, rules=rules, moment=MORNING)


def test_nothing_compared_leaves_the_order_of_the_source_and_the_least_offer() -> None:
    made = decide(lifts=Lifts())
    assert (made.channel, made.offer) == ("email", "TEN")


def test_a_channel_that_adds_more_goes_first_for_whom_it_does() -> None:
    lifts = Lifts(
        overall=0.1,
        shares={
            ("channel", "line", ""): 0.25,
            ("channel", "email", ""): 0.08,
            ("channel", "line", "champions"): 0.0,
        },
    )
    assert decide(lifts=lifts).channel == "line"
    assert decide(lifts=lifts, segments=frozenset({"champions"})).channel == "email"
    # Where marketing as a whole adds nothing, no channel is better than another.
    assert decide(lifts=Lifts(overall=0.0, shares=lifts.shares)).channel == "email"


def test_the_offer_that_leaves_most_is_made_once_two_were_compared() -> None:
    # 20% off brings five times the orders of 10% off, and of goods with this margin it still leaves more.
    shares = {("offer", "TEN", ""): 0.2, ("offer", "TWENTY", ""): 1.0}
    assert decide(lifts=Lifts(shares=shares)).offer == "TWENTY"
    assert decide(lifts=Lifts(shares={**shares, ("offer", "TWENTY", ""): 0.3})).offer == "TEN"
    assert decide(lifts=Lifts(shares={("offer", "TWENTY", ""): 9.0})).offer == "TEN"
    # A thinner margin gives the same extra orders less to earn.
    assert decide(lifts=Lifts(shares=shares), margin_minor=300.0).offer == "TEN"
