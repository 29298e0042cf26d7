"""Conditions of segments in the reader's words: their names, their fields, their choices."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FAMILIES: Final[Mapping[str, Promise]] = {
    "person": _("The person"),
    "contact": _("Contact and consent"),
    "orders": _("Orders"),
    "behaviour": _("What they did in the shop"),
    "predicted": _("What is predicted"),
    "messages": _("Messages"),
    "groups": _("Other segments"),
}
KINDS: Final[Mapping[str, Promise]] = {
    "everybody": _("Everybody"),
    "language": _("Language"),
    "country": _("Country"),
    "postcode": _("Postcode begins with"),
    "region": _("State or city"),
    "birthday": _("Birthday soon"),
    "birth_month": _("Birthday in month"),
    "age": _("Age"),
    "known_since": _("Known since"),
    "tag": _("Tag"),
    "attribute": _("Attribute"),
    "reachable": _("Can be reached by"),
    "consented": _("Agreed to marketing by"),
    "paused": _("Marketing is paused"),
    "orders_count": _("Number of orders"),
    "orders_value": _("Money spent"),
    "orders_average": _("Mean value of an order"),
    "first_order": _("First order"),
    "last_order": _("Last order"),
    "returned": _("Returns"),
    "did": _("Looked, carted, searched …"),
    "time_on_page": _("Time on pages, in seconds"),
    "likes": _("Products they like now"),
    "carted_not_bought": _("In the cart and not bought"),
    "due": _("Due to buy again"),
    "value": _("Customer value"),
    "chance": _("Churn risk"),
    "rfm_score": _("Score of recency, frequency or money"),
    "rfm_segment": _("RFM segment"),
    "price_sensitivity": _("Buys at a discount"),
    "usual_hour": _("Usual hour of ordering"),
    "message": _("Messages sent, opened, clicked"),
    "segment": _("In a segment"),
}
FIELDS: Final[Mapping[str, Promise]] = {
    "values": _("Any of"),
    "days": _("Within days"),
    "months": _("Months"),
    "least": _("From age"),
    "most": _("To age"),
    "op": _("How"),
    "value": _("Value"),
    "name": _("Name"),
    "channel": _("Channel"),
    "products": _("Products (SKUs)"),
    "categories": _("Categories (codes)"),
    "channels": _("Shops"),
    "coupons": _("Coupon codes"),
    "what": _("What"),
    "words": _("With these words"),
    "page": _("Address of the page contains"),
    "hours": _("At least hours ago"),
    "from_days": _("From days ahead"),
    "until_days": _("To days ahead"),
    "active_share": _("Still buys it, chance at least"),
    "from_hour": _("From hour"),
    "until_hour": _("To hour"),
    "sources": _("Journeys and campaigns (codes)"),
}
HELP: Final[Mapping[str, Promise]] = {
    "values": _("Separate several by commas."),
    "products": _("Separate several by commas; empty: all products."),
    "categories": _("Separate several by commas; with the categories below them; empty: all."),
    "channels": _("Separate several by commas; empty: all shops."),
    "coupons": _("Separate several by commas; empty: with or without."),
    "sources": _("Separate several by commas; empty: all."),
    "days": _("Counted back from now; empty: ever."),
    "from_days": _("0 is today; -7 is a week ago: overdue."),
    "active_share": _("0.5 is 50 %."),
}
_COMPARED: Final[Mapping[str, Promise]] = {
    "at_least": _("at least"),
    "at_most": _("at most"),
    "exactly": _("exactly"),
    "within": _("within the last days"),
    "before": _("longer ago than days"),
    "is": _("is"),
    "contains": _("contains"),
    "known": _("is known"),
}
_DEEDS: Final[Mapping[str, Promise]] = {
    "viewed": _("looked at a product"),
    "carted": _("put into the cart"),
    "searched": _("searched"),
    "begun_checkout": _("began to check out"),
    "liked": _("liked a product"),
    "answered_promotion": _("answered a promotion"),
    "sent": _("were sent"),
    "delivered": _("were delivered"),
    "opened": _("were opened"),
    "clicked": _("were clicked"),
    "bounced": _("bounced"),
    "complained": _("brought a complaint"),
}
_MEASURES: Final[Mapping[str, Promise]] = {
    "expected_value": _("value next year"),
    "expected_value_90": _("value in 90 days"),
    "expected_orders": _("orders next year"),
    "expected_orders_90": _("orders in 90 days"),
    "monetary": _("money so far"),
    "churn_share": _("churn risk"),
    "active_share": _("chance of being active"),
    "recency": _("recency"),
    "frequency": _("frequency"),
    "money": _("money"),
}
_CHANNELS: Final[Mapping[str, Promise]] = {
    "email": _("e-mail"),
    "web_push": _("web push"),
    "app_push": _("app push"),
    "line": _("LINE"),
    "sms": _("SMS"),
    "chat": _("chat"),
    "webhook": _("webhook"),
}
CHOICES: Final[Mapping[str, Promise]] = {**_COMPARED, **_DEEDS, **_MEASURES, **_CHANNELS}
REJECTIONS: Final[Mapping[str, Promise]] = {
    "empty": _("names nobody"),
    "unknown": _("no customer has this id or address"),
    "several": _("several customers have this address"),
    "twice": _("names somebody whom a row above named"),
}
MODES: Final[Mapping[str, Promise]] = {
    "add": _("Add its people"),
    "remove": _("Take its people off"),
    "replace": _("Its people, and nobody else"),
}
USES: Final[Mapping[str, Promise]] = {
    "segment": _("segment"),
    "journey": _("journey"),
    "campaign": _("campaign"),
    "template": _("template"),
    "article": _("article"),
    "offer": _("offer"),
}


def choice_word(choice: str) -> str:
    """A choice of a field; what has no word is a name or number."""
    known = CHOICES.get(choice)
    return str(known) if known is not None else choice
