"""Ready-made segments in the reader's words: what each is called, and what it is good for."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

READY: Final[Mapping[str, tuple[Promise, Promise]]] = {
    "champions": (_("Champions"), _("Bought lately and often. Thank them, show them what is new first.")),
    "loyal": (_("Loyal"), _("Come again and again. Good for reviews, recommendations and subscriptions.")),
    "promising": (_("Promising"), _("Bought lately, more than once but seldom. Show what goes with what they have.")),
    "new-customers": (_("New customers"), _("Bought lately for the first time. How-to and a second order come next.")),
    "needs-attention": (_("Need attention"), _("Middling in both. A reminder of what is due says the most.")),
    "about-to-sleep": (_("About to sleep"), _("Bought middling lately and seldom. Ask before they forget the shop.")),
    "at-risk": (_("At risk of leaving"), _("Bought often, but long ago. A personal letter before any discount.")),
    "cannot-lose": (_("Cannot lose"), _("The best by frequency and money, and long away. Worth a call.")),
    "hibernating": (_("Hibernating"), _("Bought seldom and long ago. Write rarely, with a good reason.")),
    "lost": (_("Lost customers"), _("Longest ago. Leave them out of most campaigns.")),
    "vip-at-risk": (_("VIP at risk"), _("Among the best by money, and more likely gone than not.")),
    "one-time-buyers": (_("One-time buyers"), _("Exactly one order. The second one makes a customer.")),
    "price-sensitive": (_("Price-sensitive"), _("Half of their orders or more were at a discount. Bundles suit them.")),
    "full-price": (_("Buy at full price"), _("Hardly ever buy at a discount. Do not teach them to wait for one.")),
    "due-this-week": (_("Due this week"), _("Something that they buy again runs out within seven days.")),
    "overdue": (_("Overdue"), _("Should have bought again in the last 30 days and did not.")),
    "cart-abandoners": (_("Left a cart"), _("Put something into the cart in the last 14 days and did not buy it.")),
    "window-shoppers": (_("Only looking"), _("Looked at products three times in 30 days without an order.")),
    "birthday-soon": (_("Birthday soon"), _("Have their birthday within 14 days.")),
    "mail-readers": (_("Read mail"), _("Agreed to e-mail and opened one in 90 days.")),
    "silent-readers": (_("Do not read mail"), _("Got four messages or more in 90 days and opened none. Write less.")),
    "reachable-by-mail": (_("Reachable by e-mail"), _("Have an address that works and agreed to marketing.")),
    "returners": (_("Return often"), _("Two returns or more within a year. Size and how-to help more than offers.")),
}


def say_segment(*, code: str, name: str) -> str:
    """What a segment is called: a ready-made one in the reader's language, until somebody gives it another name."""
    return str(READY[code][0]) if code in READY and name in _written(code=code, part=0) else name


def say_purpose(*, code: str, text: str) -> str:
    """What it is good for, likewise."""
    return str(READY[code][1]) if code in READY and text in _written(code=code, part=1) else text


def say_segments(*, choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Codes with their names."""
    return [(code, say_segment(code=code, name=name)) for code, name in choices]


@lru_cache
def _written(*, code: str, part: int) -> frozenset[str]:
    """What it is called in every language."""
    found = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            found.add(str(READY[code][part]))
    return frozenset(found)
