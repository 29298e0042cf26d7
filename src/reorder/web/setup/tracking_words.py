"""What becomes of tracked calls, as people read it."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# What a source may take before somebody agreed.
BEFORE_WORDS: Mapping[str, Promise] = {
    "counts": _("only how often (nothing is stored on the device, no event is kept)"),
    "nothing": _("nothing at all"),
    "events": _("everything: the pages ask elsewhere, or need not ask"),
}
# Outcomes in the order in which the page lists them.
OUTCOME_WORDS: Mapping[str, Promise] = {
    "taken": _("Events kept"),
    "cookieless": _("Only counted: nobody agreed"),
    "duplicate": _("Sent twice, taken once"),
    "order": _("About orders: those come from the shop itself"),
    "bot": _("Sent by programs, not kept"),
    "named": _("Told who somebody is"),
    "unproved": _("Named somebody without proof: kept without a name"),
    "passed_over": _("Known, but nothing follows from it"),
    "incomplete": _("Without a product or words"),
    "of_nobody": _("Of nobody: neither a visitor nor a customer we know"),
    "unknown_name": _("Names that nobody knows"),
    "no_product": _("Products that are not ours"),
    "refused": _("Refused"),
}
KIND_WORDS: Mapping[str, Promise] = {
    "view": _("product viewed"),
    "cart": _("put in the cart"),
    "cart_removed": _("taken out of the cart"),
    "cart_viewed": _("cart viewed"),
    "checkout": _("checkout begun"),
    "search": _("searched"),
    "list_viewed": _("list of products viewed"),
    "promotion": _("answered a promotion"),
    "liked": _("liked"),
    "unliked": _("no longer liked"),
    "page": _("page viewed"),
    "engaged": _("time on a page"),
    "crawler": _("says by its name that it is a program"),
    "automated": _("a browser that is driven by a program"),
    "too_fast": _("faster than people are"),
}
REFUSED_WORDS: Mapping[str, Promise] = {
    "behaviour.too_large": _("larger than an event may be"),
    "behaviour.clock_wrong": _("the sender's clock is wrong by more than a week"),
    "behaviour.in_future": _("from the future"),
    "behaviour.too_old": _("older than events are kept"),
    "behaviour.moment_unreadable": _("a moment that cannot be read"),
    "behaviour.unknown_type": _("no type that we know"),
    "behaviour.not_an_object": _("no event at all"),
}


def say_subject(*, what: str, subject: str) -> str:
    """What was counted, in words where there are any; names and products as they were sent."""
    if what == "refused":
        return str(REFUSED_WORDS.get(subject, subject))
    return str(KIND_WORDS.get(subject, subject)) if subject else ""
