"""What erasing does with a table, and why something is kept, as staff read it."""

from collections.abc import Mapping
from typing import Final

ERASURE_TEMPLATES: Final[Mapping[str, str]] = {
    "delete": "deleted",
    "empty": "kept without a word of the person",
    "keep": "kept",
}
# The reasons that declarations give (domain/*/personal).
WHY_TEMPLATES: Final = (
    "an answer that a system repeats within a week must not be made anew",
    "counted from orders that stay, without a name; demand is forecast from it",
    "counted in what marketing earned; without the person it names nobody",
    "counted in what messages did",
    "counted in what messages did; when and by what source it went",
    "discounts that orders got are booked by it",
    "events of others who used the same browser point to it",
    "goods that came back, and money that went, are booked by it",
    "orders point to it",
    "orders and parcels point to it",
    "proves what was declared and when; says nothing of who it was",
    "says which rows of a file were refused",
    "says which webhooks went; what they said goes",
    "shows that the person's right was served; holds no name and no address",
    "the law asks for books; amounts, goods and days stay, nobody's name",
    "the law asks for books; amounts and days stay",
    "the order's history points to it",
    "what shipping cost and how long it took is counted",
    "who of the staff did what stays provable",
)
