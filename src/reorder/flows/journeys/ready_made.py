"""Ready-made journeys: the moments of a customer's life that shops write about, each switched on as it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext_noop

Document = dict[str, Any]
_ORDERED: Final = {"facts": ["ordered"], "about": "anything"}
_ORDERED_IT: Final = {"facts": ["ordered"], "about": "goods"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyMade:
    """A journey that is there to be switched on; `templates` are those that its messages need, ready-made as well.

    `source` says where what starts it comes from, for shops that wonder why nobody comes in.
    """

    code: str
    name: str
    what: str
    source: str
    document: Document
    templates: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter that the shop sends for its orders anyway, whoever switches what: it is not marketing."""

    name: str
    what: str


def wait(*, then: str | None, days: int = 0, hours: int = 0) -> Document:
    """A step that waits."""
    step: Document = {"kind": "wait", "next": then}
    return step | ({"days": days} if days else {}) | ({"hours": hours} if hours else {})


def message(*, template: str, then: str | None = None, **options: Any) -> Document:
    """A step that writes to the customer."""
    return {"kind": "message", "template": template, "next": then, **options}


def journey(
    *,
    facts: Sequence[str],
    steps: Mapping[str, Document],
    exits: Sequence[Document] = (_ORDERED,),
    settings: Document | None = None,
    **trigger: Any,
) -> Document:
    """A whole document; the first step is the one that is named first."""
    return {
        "trigger": {"facts": list(facts), **trigger},
        "start": next(iter(steps)),
        "steps": dict(steps),
        "exits": [dict(one) for one in exits],
        "settings": {"channels": ["email"], "offers": [], "offset_days": 0, "valid_days": 3, **(settings or {})},
    }


def unless_carted(*, fact: str, template: str) -> Document:
    """Writes four hours after a fact, unless something was put into the cart; once a fortnight at most."""
    watch = {"kind": "listen", "facts": ["carted"], "about": "anything", "hours": 4, "next": None, "otherwise": "ask"}
    return journey(
        facts=[fact],
        again="after",
        again_days=14,
        steps={"watch": watch, "ask": message(template=template)},
    )


_MADE: Final = (
    ReadyMade(
        code="replenishment",
        name=gettext_noop("Due again"),
        what=gettext_noop(
            "What a customer is about to need again, several products in one message, with a cart filled by one "
            "tap. The night decides who is due and when it helps most."
        ),
        source=gettext_noop("The night hands over who is due. While this is off it writes plain reminders instead."),
        document=journey(
            facts=["due"],
            steps={
                "remind": message(template="replenishment", then="after", at_moment=True),
                "after": wait(then=None, days=14),
            },
            exits=[_ORDERED_IT],
        ),
        templates=("replenishment",),
    ),
    ReadyMade(
        code="cart-left",
        name=gettext_noop("Cart left"),
        what=gettext_noop(
            "A cart that nobody touched for an hour; once more a day later, with an offer if you have one."
        ),
        source=gettext_noop("Carts of the portal, and of shops that send events."),
        document=journey(
            facts=["cart_left"],
            steps={
                "ask": message(template="cart-left", then="day"),
                "day": wait(then="again", days=1),
                "again": message(template="cart-left", then="after"),
                "after": wait(then=None, days=2),
            },
        ),
        templates=("cart-left",),
    ),
    ReadyMade(
        code="browse-left",
        name=gettext_noop("Looked at and left"),
        what=gettext_noop("Products that a known customer looked at and neither put into the cart nor bought."),
        source=gettext_noop("Events of the shop's pages."),
        document=unless_carted(fact="viewed", template="browse-left"),
        templates=("browse-left",),
    ),
    ReadyMade(
        code="search-left",
        name=gettext_noop("Searched and left"),
        what=gettext_noop("What a known customer searched for and did not buy."),
        source=gettext_noop("Events of the shop's search."),
        document=unless_carted(fact="searched", template="search-left"),
        templates=("search-left",),
    ),
    ReadyMade(
        code="how-to",
        name=gettext_noop("How to use it"),
        what=gettext_noop("How to make the most of what was bought, by product, a few days after the order."),
        source=gettext_noop("Orders."),
        document=journey(
            facts=["ordered"],
            steps={"wait": wait(then="tell", days=5), "tell": message(template="how-to", stock_rule="ignore")},
            exits=[{"facts": ["order_cancelled"], "about": "subject"}, {"facts": ["return_settled"], "about": "goods"}],
        ),
        templates=("how-to",),
    ),
    ReadyMade(
        code="second-order",
        name=gettext_noop("Second order"),
        what=gettext_noop("Who bought once and not again: after three weeks, and once more with an offer."),
        source=gettext_noop("Orders."),
        document=journey(
            facts=["first_order"],
            again="once",
            steps={
                "wait": wait(then="ask", days=21),
                "ask": message(template="second-order", then="more"),
                "more": wait(then="offer", days=14),
                "offer": message(template="second-order"),
            },
            exits=[_ORDERED, {"facts": ["order_cancelled"], "about": "subject"}],
        ),
        templates=("second-order",),
    ),
    ReadyMade(
        code="review-request",
        name=gettext_noop("Ask for a review"),
        what=gettext_noop("A week after the parcel was delivered, unless it came back."),
        source=gettext_noop("Parcels that carriers report as delivered."),
        document=journey(
            facts=["delivered"],
            again="after",
            again_days=30,
            steps={"wait": wait(then="ask", days=7), "ask": message(template="review-request", stock_rule="ignore")},
            exits=[{"facts": ["return_settled"], "about": "goods"}],
        ),
        templates=("review-request",),
    ),
    ReadyMade(
        code="back-in-stock",
        name=gettext_noop("Back in stock"),
        what=gettext_noop("For who looked at it, put it into the cart, or is due for it while it was not there."),
        source=gettext_noop("Receipts of goods, for customers who looked for them in the last 60 days."),
        document=journey(
            facts=["back_in_stock"],
            steps={"tell": message(template="back-in-stock", then="after"), "after": wait(then=None, days=7)},
            exits=[_ORDERED_IT],
        ),
        templates=("back-in-stock",),
    ),
    ReadyMade(
        code="price-drop",
        name=gettext_noop("Cheaper now"),
        what=gettext_noop("For who looked at it or put it into the cart in the last 30 days and did not buy."),
        source=gettext_noop("Prices of the catalogue, looked at every minute."),
        document=journey(
            facts=["price_dropped"],
            again="after",
            again_days=7,
            steps={"tell": message(template="price-drop", then="after"), "after": wait(then=None, days=5)},
            exits=[_ORDERED_IT],
        ),
        templates=("price-drop",),
    ),
    ReadyMade(
        code="new-arrival",
        name=gettext_noop("New arrival"),
        what=gettext_noop("New products, for who liked or bought several of the same category."),
        source=gettext_noop("Products that are new in the catalogue, looked for every minute."),
        document=journey(
            facts=["new_arrival"],
            again="after",
            again_days=7,
            steps={"tell": message(template="new-arrival")},
            exits=[_ORDERED_IT],
        ),
        templates=("new-arrival",),
    ),
    ReadyMade(
        code="win-back",
        name=gettext_noop("Win back"),
        what=gettext_noop("Who has probably left for good; a second time with an offer."),
        source=gettext_noop("The chance of having left, counted every night: 60 % and more, from the second order on."),
        document=journey(
            facts=["churning"],
            again="after",
            again_days=120,
            at_least={"churn_share": 0.6},
            steps={
                "ask": message(template="win-back", then="more"),
                "more": wait(then="offer", days=10),
                "offer": message(template="win-back"),
            },
        ),
        templates=("win-back",),
    ),
    ReadyMade(
        code="birthday",
        name=gettext_noop("Birthday"),
        what=gettext_noop("On the customer's birthday, in the morning."),
        source=gettext_noop("Birthdays of customers, looked for every night."),
        document=journey(
            facts=["birthday"],
            again="after",
            again_days=300,
            steps={"tell": message(template="birthday", at_moment=True)},
            exits=[],
            settings={"valid_days": 2},
        ),
        templates=("birthday",),
    ),
    ReadyMade(
        code="anniversary",
        name=gettext_noop("Anniversary"),
        what=gettext_noop("A year after the first order, and every year again."),
        source=gettext_noop("First orders, looked for every night."),
        document=journey(
            facts=["anniversary"],
            again="after",
            again_days=300,
            steps={"tell": message(template="anniversary", at_moment=True)},
            exits=[],
        ),
        templates=("anniversary",),
    ),
    ReadyMade(
        code="subscription-upsell",
        name=gettext_noop("Recurring order suits"),
        what=gettext_noop("Who buys the same product steadily: would it suit them to get it by itself?"),
        source=gettext_noop("Steady purchases, looked for every night: from the fourth on."),
        document=journey(
            facts=["subscription_suited"],
            again="after",
            again_days=180,
            steps={"ask": message(template="subscription-upsell")},
            exits=[],
        ),
        templates=("subscription-upsell",),
    ),
    ReadyMade(
        code="trial-follow-up",
        name=gettext_noop("After a trial"),
        what=gettext_noop("Who got something to try, once it is used up."),
        source=gettext_noop("Order lines at no charge, or facts that other systems send."),
        document=journey(
            facts=["trial_started"],
            steps={
                "wait": wait(then="ask", days=5),
                "ask": message(template="trial-follow-up", then="more"),
                "more": wait(then="bought", days=7),
                "bought": {"kind": "condition", "test": "bought", "about": "goods", "yes": None, "no": "offer"},
                "offer": message(template="trial-follow-up"),
            },
            exits=[_ORDERED_IT],
        ),
        templates=("trial-follow-up",),
    ),
    ReadyMade(
        code="tier-change",
        name=gettext_noop("Member tier"),
        what=gettext_noop("Who rose to another tier: what that brings."),
        source=gettext_noop("Facts that a loyalty system sends."),
        document=journey(
            facts=["tier_changed"], steps={"tell": message(template="tier-change", stock_rule="ignore")}, exits=[]
        ),
        templates=("tier-change",),
    ),
    ReadyMade(
        code="points-expiring",
        name=gettext_noop("Points expire"),
        what=gettext_noop("Points that will be lost soon, and what they could buy."),
        source=gettext_noop("Facts that a loyalty system sends."),
        document=journey(
            facts=["points_expiring"], steps={"tell": message(template="points-expiring", stock_rule="ignore")}
        ),
        templates=("points-expiring",),
    ),
)
READY_MADE: Final[Mapping[str, ReadyMade]] = {one.code: one for one in _MADE}
LETTERS: Final = (
    Letter(name=gettext_noop("Order placed, changed, cancelled"), what=gettext_noop("Sent when it happens.")),
    Letter(name=gettext_noop("Parcel on its way, ready to collect, late"), what=gettext_noop("Sent when it happens.")),
    Letter(name=gettext_noop("Payment asked for, received, paid back"), what=gettext_noop("Sent when it happens.")),
    Letter(name=gettext_noop("Return accepted, received, settled"), what=gettext_noop("Sent when it happens.")),
)


def find_ready_made(*, code: str) -> ReadyMade | None:
    """A ready-made journey by its code."""
    return READY_MADE.get(code)
