"""What ready-made segments are called, and what each is good for: in English, to be translated by whoever shows it."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_noop

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "champions": (
        gettext_noop("Champions"),
        gettext_noop("Bought lately and often. Thank them, show them what is new first."),
    ),
    "loyal": (
        gettext_noop("Loyal"),
        gettext_noop("Come again and again. Good for reviews, recommendations and subscriptions."),
    ),
    "promising": (
        gettext_noop("Promising"),
        gettext_noop("Bought lately, more than once but seldom. Show what goes with what they have."),
    ),
    "new-customers": (
        gettext_noop("New customers"),
        gettext_noop("Bought lately for the first time. How-to and a second order come next."),
    ),
    "needs-attention": (
        gettext_noop("Need attention"),
        gettext_noop("Middling in both. A reminder of what is due says the most."),
    ),
    "about-to-sleep": (
        gettext_noop("About to sleep"),
        gettext_noop("Bought middling lately and seldom. Ask before they forget the shop."),
    ),
    "at-risk": (
        gettext_noop("At risk of leaving"),
        gettext_noop("Bought often, but long ago. A personal letter before any discount."),
    ),
    "cannot-lose": (
        gettext_noop("Cannot lose"),
        gettext_noop("The best by frequency and money, and long away. Worth a call."),
    ),
    "hibernating": (
        gettext_noop("Hibernating"),
        gettext_noop("Bought seldom and long ago. Write rarely, with a good reason."),
    ),
    "lost": (gettext_noop("Lost customers"), gettext_noop("Longest ago. Leave them out of most campaigns.")),
    "vip-at-risk": (
        gettext_noop("VIP at risk"),
        gettext_noop("Among the best by money, and more likely gone than not."),
    ),
    "one-time-buyers": (
        gettext_noop("One-time buyers"),
        gettext_noop("Exactly one order. The second one makes a customer."),
    ),
    "price-sensitive": (
        gettext_noop("Price-sensitive"),
        gettext_noop("Half of their orders or more were at a discount. Bundles suit them."),
    ),
    "full-price": (
        gettext_noop("Buy at full price"),
        gettext_noop("Hardly ever buy at a discount. Do not teach them to wait for one."),
    ),
    "due-this-week": (
        gettext_noop("Due this week"),
        gettext_noop("Something that they buy again runs out within seven days."),
    ),
    "overdue": (gettext_noop("Overdue"), gettext_noop("Should have bought again in the last 30 days and did not.")),
    "cart-abandoners": (
        gettext_noop("Left a cart"),
        gettext_noop("Put something into the cart in the last 14 days and did not buy it."),
    ),
    "window-shoppers": (
        gettext_noop("Only looking"),
        gettext_noop("Looked at products three times in 30 days without an order."),
    ),
    "birthday-soon": (gettext_noop("Birthday soon"), gettext_noop("Have their birthday within 14 days.")),
    "mail-readers": (gettext_noop("Read mail"), gettext_noop("Agreed to e-mail and opened one in 90 days.")),
    "silent-readers": (
        gettext_noop("Do not read mail"),
        gettext_noop("Got four messages or more in 90 days and opened none. Write less."),
    ),
    "reachable-by-mail": (
        gettext_noop("Reachable by e-mail"),
        gettext_noop("Have an address that works and agreed to marketing."),
    ),
    "returners": (
        gettext_noop("Return often"),
        gettext_noop("Two returns or more within a year. Size and how-to help more than offers."),
    ),
}
