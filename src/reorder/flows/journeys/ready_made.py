"""Ready-made journeys: the moments of a customer's life that shops write about, each switched on as it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_noop

Document = dict[str, Any]
_ORDERED: Final = {"facts": ["ordered"], "about": "anything"}
_ORDERED_IT: Final = {"facts": ["ordered"], "about": "goods"}
_WHATEVER_STOCK: Final = {"stock_rule": "ignore"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyMade:
    """A journey that is there to be switched on; `source` says where what starts it comes from."""

    code: str
    name: str
    what: str
    source: str
    document: Document

    @property
    def templates(self) -> tuple[str, ...]:
        """Those that its messages need, ready-made as well."""
        steps = self.document["steps"].values()
        return tuple(dict.fromkeys(step["template"] for step in steps if step["kind"] == "message"))


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
    every_days: int | None = None,
    **trigger: Any,
) -> Document:
    """A whole document; the first step is the one that is named first. `every_days`: nobody enters again before."""
    again = {"again": "after", "again_days": every_days} if every_days else {}
    return {
        "trigger": {"facts": list(facts), **again, **trigger},
        "start": next(iter(steps)),
        "steps": dict(steps),
        "exits": [dict(one) for one in exits],
        "settings": {"channels": ["email"], "offers": [], "offset_days": 0, "valid_days": 3, **(settings or {})},
    }


def one_message(
    *,
    fact: str,
    template: str,
    step: str = "tell",
    first_days: int = 0,
    after_days: int = 0,
    said: Document | None = None,
    **shape: Any,
) -> Document:
    """One message, `first_days` after a fact; for `after_days` what comes of it counts. `said`: its options."""
    before = {"wait": wait(then=step, days=first_days)} if first_days else {}
    after = {"after": wait(then=None, days=after_days)} if after_days else {}
    told = {step: message(template=template, then=next(iter(after), None), **(said or {}))}
    return journey(facts=[fact], steps={**before, **told, **after}, **shape)


def ask_and_offer(*, fact: str, template: str, between_days: int, first_days: int = 0, **shape: Any) -> Document:
    """A message and, to who did not take it up, another one with an offer."""
    steps = {
        "ask": message(template=template, then="more"),
        "more": wait(then="offer", days=between_days),
        "offer": message(template=template),
    }
    before = {"wait": wait(then="ask", days=first_days)} if first_days else {}
    return journey(facts=[fact], steps={**before, **steps}, **shape)


def unless_carted(*, fact: str, template: str) -> Document:
    """Writes four hours after a fact, unless something was put into the cart; once a fortnight at most."""
    watch = {"kind": "listen", "facts": ["carted"], "about": "anything", "hours": 4, "next": None, "otherwise": "ask"}
    return journey(facts=[fact], every_days=14, steps={"watch": watch, "ask": message(template=template)})


_MADE: Final = (
    ReadyMade(
        code="replenishment",
        name=gettext_noop("Due again"),
        what=gettext_noop(
            "What a customer is about to need again, several products in one message, with a cart filled by one "
            "tap. The night decides who is due and when it helps most."
        ),
        source=gettext_noop("The night hands over who is due. While this is off it writes plain reminders instead."),
        document=one_message(
            fact="due",
            template="replenishment",
            step="remind",
            after_days=14,
            said={"at_moment": True},
            exits=[_ORDERED_IT],
        ),
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
    ),
    ReadyMade(
        code="browse-left",
        name=gettext_noop("Looked at and left"),
        what=gettext_noop("Products that a known customer looked at and neither put into the cart nor bought."),
        source=gettext_noop("Events of the shop's pages."),
        document=unless_carted(fact="viewed", template="browse-left"),
    ),
    ReadyMade(
        code="search-left",
        name=gettext_noop("Searched and left"),
        what=gettext_noop("What a known customer searched for and did not buy."),
        source=gettext_noop("Events of the shop's search."),
        document=unless_carted(fact="searched", template="search-left"),
    ),
    ReadyMade(
        code="how-to",
        name=gettext_noop("How to use it"),
        what=gettext_noop("How to make the most of what was bought, by product, a few days after the order."),
        source=gettext_noop("Orders."),
        document=one_message(
            fact="ordered",
            template="how-to",
            first_days=5,
            said=_WHATEVER_STOCK,
            exits=[{"facts": ["order_cancelled"], "about": "subject"}, {"facts": ["return_settled"], "about": "goods"}],
        ),
    ),
    ReadyMade(
        code="second-order",
        name=gettext_noop("Second order"),
        what=gettext_noop("Who bought once and not again: after three weeks, and once more with an offer."),
        source=gettext_noop("Orders."),
        document=ask_and_offer(
            fact="first_order",
            template="second-order",
            first_days=21,
            between_days=14,
            again="once",
            exits=[_ORDERED, {"facts": ["order_cancelled"], "about": "subject"}],
        ),
    ),
    ReadyMade(
        code="review-request",
        name=gettext_noop("Ask for a review"),
        what=gettext_noop("A week after the parcel was delivered, unless it came back."),
        source=gettext_noop("Parcels that carriers report as delivered."),
        document=one_message(
            fact="delivered",
            template="review-request",
            step="ask",
            first_days=7,
            said=_WHATEVER_STOCK,
            every_days=30,
            exits=[{"facts": ["return_settled"], "about": "goods"}],
        ),
    ),
    ReadyMade(
        code="back-in-stock",
        name=gettext_noop("Back in stock"),
        what=gettext_noop("For who looked at it, put it into the cart, or is due for it while it was not there."),
        source=gettext_noop("Receipts of goods, for customers who looked for them in the last 60 days."),
        document=one_message(fact="back_in_stock", template="back-in-stock", after_days=7, exits=[_ORDERED_IT]),
    ),
    ReadyMade(
        code="price-drop",
        name=gettext_noop("Cheaper now"),
        what=gettext_noop("For who looked at it or put it into the cart in the last 30 days and did not buy."),
        source=gettext_noop("Prices of the catalogue, looked at every minute."),
        document=one_message(
            fact="price_dropped", template="price-drop", after_days=5, every_days=7, exits=[_ORDERED_IT]
        ),
    ),
    ReadyMade(
        code="new-arrival",
        name=gettext_noop("New arrival"),
        what=gettext_noop("New products, for who liked or bought several of the same category."),
        source=gettext_noop("Products that are new in the catalogue, looked for every minute."),
        document=one_message(fact="new_arrival", template="new-arrival", every_days=7, exits=[_ORDERED_IT]),
    ),
    ReadyMade(
        code="win-back",
        name=gettext_noop("Win back"),
        what=gettext_noop("Who has probably left for good; a second time with an offer."),
        source=gettext_noop("The chance of having left, counted every night: 60 % and more, from the second order on."),
        document=ask_and_offer(
            fact="churning",
            template="win-back",
            between_days=10,
            every_days=120,
            at_least={"churn_share": 0.6},
        ),
    ),
    ReadyMade(
        code="birthday",
        name=gettext_noop("Birthday"),
        what=gettext_noop("On the customer's birthday, in the morning."),
        source=gettext_noop("Birthdays of customers, looked for every night."),
        document=one_message(
            fact="birthday",
            template="birthday",
            said={"at_moment": True},
            every_days=300,
            exits=[],
            settings={"valid_days": 2},
        ),
    ),
    ReadyMade(
        code="anniversary",
        name=gettext_noop("Anniversary"),
        what=gettext_noop("A year after the first order, and every year again."),
        source=gettext_noop("First orders, looked for every night."),
        document=one_message(
            fact="anniversary", template="anniversary", said={"at_moment": True}, every_days=300, exits=[]
        ),
    ),
    ReadyMade(
        code="subscription-upsell",
        name=gettext_noop("Recurring order suits"),
        what=gettext_noop("Who buys the same product steadily: would it suit them to get it by itself?"),
        source=gettext_noop("Steady purchases, looked for every night: from the fourth on."),
        document=one_message(
            fact="subscription_suited", template="subscription-upsell", step="ask", every_days=180, exits=[]
        ),
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
    ),
    ReadyMade(
        code="tier-change",
        name=gettext_noop("Member tier"),
        what=gettext_noop("Who rose to another tier: what that brings."),
        source=gettext_noop("Facts that a loyalty system sends."),
        document=one_message(fact="tier_changed", template="tier-change", said=_WHATEVER_STOCK, exits=[]),
    ),
    ReadyMade(
        code="points-expiring",
        name=gettext_noop("Points expire"),
        what=gettext_noop("Points that will be lost soon, and what they could buy."),
        source=gettext_noop("Facts that a loyalty system sends."),
        document=one_message(fact="points_expiring", template="points-expiring", said=_WHATEVER_STOCK),
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
