"""What templates may name: the one list of variables, and which kinds of messages have them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.marketing.content_text import Fault, Tag

VALUE, LIST, SECTION = "value", "list", "section"


@dataclass(frozen=True, slots=True)
class Variable:
    """A value, a list, or something that is there or not; `may_be_empty` values need words instead, or a section."""

    path: str
    kind: str
    meaning: str
    may_be_empty: bool = False


# What each variable means, for the documentation and the editor; lists of goods share those of "goods".
MEANING_TEMPLATES: Final[Mapping[str, str]] = {
    "customer.name": "The customer's name",
    "customer.first_name": "The given name, where names have one",
    "shop.name": "The shop's name",
    "shop.url": "The shop's site",
    "shop.logo_url": "The shop's logo",
    "shop.postal_address": "Where the shop can be reached by post",
    "look.accent": "The colour of buttons",
    "today": "The day on which the message goes",
    "has.items": "Whether there are goods: for a heading above them",
    "has.recommendations": "Whether there are recommendations: for a heading above them",
    "has.articles": "Whether there is something of the library: for a heading above it",
    "unsubscribe_url": "Where one refuses further mail; never followed",
    "preferences_url": "Where one chooses what to get; never followed",
    "recommendations": "What else this customer may want",
    "articles": "From the library, by goods and segment",
    "articles.title": "Its title",
    "articles.text": "Its text",
    "articles.url": "Where the rest of it stands",
    "articles.picture_url": "Its picture",
    "coupon": "The offer of this message, where it has one",
    "coupon.code": "The code of a single use",
    "coupon.words": "What it gives, in the customer's language",
    "coupon.until": "Its last day",
    "coupon.minimum": "What the goods must come to",
    "items": "The goods that the message is about, the most important first",
    "goods.name": "Name of the product",
    "goods.sku": "Its SKU",
    "goods.price": "What it costs now, with its currency",
    "goods.was_price": "What it cost before, where it became cheaper",
    "goods.picture_url": "Its picture",
    "goods.url": "Its page in the shop",
    "goods.brand": "Its brand",
    "goods.units": "Units that the one-tap cart puts in",
    "goods.gap_days": "Days between purchases of this customer, else of everybody",
    "goods.last_bought_date": "When the customer last bought it",
    "goods.due_date": "When the customer is expected to need it",
    "first.name": "Name of the first of the goods",
    "more_count": "How many more goods there are",
    "reorder_url": "The one-tap cart with all goods",
    "cart": "The cart that was left",
    "cart.url": "Back to it",
    "cart.total": "What it came to",
    "search": "What was searched for",
    "search.words": "The words",
    "order": "The order",
    "order.number": "Its number",
    "order.url": "The page that tells how far it is",
    "order.total": "What it came to",
    "order.date": "When it was placed",
    "parcel": "The parcel",
    "parcel.number": "Its tracking number",
    "parcel.carrier": "Who carries it",
    "parcel.url": "The page that follows it",
    "tier": "The member tier",
    "tier.name": "Its name",
    "points": "Points",
    "points.balance": "How many there are",
    "points.expiring": "How many expire",
    "points.until": "Their last day",
}
# Fields that are there whenever what they belong to is.
_SURE: Final = frozenset(
    {
        "shop.name", "shop.url", "look.accent", "today", "unsubscribe_url", "preferences_url", "goods.name",
        "goods.sku", "articles.title", "articles.text", "coupon.code", "coupon.words", "first.name",
        "cart.url", "search.words", "order.number", "tier.name",
    }
)  # fmt: skip


def _value(path: str, *, key: str = "") -> Variable:
    known = key or path
    return Variable(path, VALUE, MEANING_TEMPLATES[known], may_be_empty=known not in _SURE)


def _group(name: str, kind: str, *, fields_of: str = "") -> tuple[Variable, ...]:
    inside, base = "." if kind == SECTION else "[].", f"{fields_of or name}."
    return (
        Variable(name, kind, MEANING_TEMPLATES[name], may_be_empty=True),
        *(_value(name + inside + key.removeprefix(base), key=key) for key in MEANING_TEMPLATES if key.startswith(base)),
    )


ALWAYS: Final[tuple[Variable, ...]] = (
    *(
        Variable(key, SECTION, meaning, may_be_empty=True) if key.startswith("has.") else _value(key)
        for key, meaning in MEANING_TEMPLATES.items()
        if key.startswith(("customer.", "shop.", "look.", "has."))
        or key in ("today", "unsubscribe_url", "preferences_url")
    ),
    *_group("recommendations", LIST, fields_of="goods"),
    *_group("articles", LIST),
    *_group("coupon", SECTION),
)
_GROUPS: Final[Mapping[str, tuple[Variable, ...]]] = {
    "items": (
        *_group("items", LIST, fields_of="goods"),
        _value("first.name"),
        _value("more_count"),
        _value("reorder_url"),
    ),
    **{name: _group(name, SECTION) for name in ("cart", "search", "order", "parcel", "tier", "points")},
}
# What each kind of message has beside what all have. The first column is what people choose from.
KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "general": ("items",),
    "due": ("items",),
    "how_to": ("items", "order"),
    "second_order": ("items", "order"),
    "cart_left": ("items", "cart"),
    "browse_left": ("items",),
    "search_left": ("items", "search"),
    "back_in_stock": ("items",),
    "price_drop": ("items",),
    "win_back": ("items",),
    "birthday": ("items",),
    "anniversary": ("items",),
    "tier": ("items", "tier"),
    "points": ("items", "points"),
    "trial": ("items", "order"),
    "review": ("items", "order"),
    "subscription": ("items",),
    "new_arrival": ("items",),
    "order": ("items", "order", "parcel"),
}
KIND_TEMPLATES: Final[Mapping[str, str]] = {
    "general": "Anything",
    "due": "Due again",
    "how_to": "How to use it",
    "second_order": "Second order",
    "cart_left": "Cart left",
    "browse_left": "Looked at",
    "search_left": "Searched for",
    "back_in_stock": "Back in stock",
    "price_drop": "Cheaper now",
    "win_back": "Win back",
    "birthday": "Birthday",
    "anniversary": "Anniversary",
    "tier": "Member tier",
    "points": "Points expire",
    "trial": "After a trial",
    "review": "Ask for a review",
    "subscription": "Recurring order suits",
    "new_arrival": "New arrival",
    "order": "Order and parcel",
}
# What the source of a message gave beside these: nobody knows whether it is there.
GIVEN: Final = "given"
_MAY_BE_EMPTY: Final = "this may be empty: write {{name|instead}}, or a section around it"
_NO_WORD: Final = {
    LIST: "this is a list: write a section around it",
    SECTION: "this is a section: it cannot be written as a word",
}


def variables_of(*, kind: str) -> tuple[Variable, ...]:
    """All variables that templates of this kind may name."""
    return ALWAYS + tuple(variable for group in KINDS[kind] for variable in _GROUPS[group])


def check_tags(*, tags: Sequence[Tag], kind: str) -> list[Fault]:
    """Names that nobody knows, that this kind does not have, or that may be empty with nothing said instead."""
    own = {variable.path: variable for variable in variables_of(kind=kind)}
    every = {variable.path for group in _GROUPS.values() for variable in group} | own.keys()
    return [
        Fault(reason, tag.line, tag.path)
        for tag in tags
        if tag.sign != "/" and (reason := _fault(tag=tag, own=own, every=every))
    ]


def _fault(*, tag: Tag, own: Mapping[str, Variable], every: set[str]) -> str:
    if tag.path == GIVEN or tag.path.startswith(f"{GIVEN}."):
        return "" if tag.sign or _is_safe(tag) else _MAY_BE_EMPTY
    found = _find(tag=tag, own=own)
    if found is None:
        known = _known_elsewhere(tag=tag, every=every)
        return "messages of this kind do not have this variable" if known else "nobody knows this variable"
    if tag.sign:
        return ""
    if found.kind != VALUE:
        return _NO_WORD[found.kind]
    top = found.path.partition(".")[0]
    # A field is there as surely as the section around it.
    is_around = top not in own or own[top].kind != SECTION or top in tag.within
    is_sure = is_around and not found.may_be_empty
    return "" if is_sure or tag.fallback or (is_around and _is_safe(tag)) else _MAY_BE_EMPTY


def _is_safe(tag: Tag) -> bool:
    """Whether words stand instead, or a section around it is there only when it is."""
    return bool(tag.fallback) or tag.path in tag.within


def _find(*, tag: Tag, own: Mapping[str, Variable]) -> Variable | None:
    if tag.path in own:
        return own[tag.path]
    # Inside a section its fields are named without it.
    for section in reversed(tag.within):
        around = own.get(section)
        if around is None:
            continue
        joined = section + ("[]." if around.kind == LIST else ".") + tag.path
        if joined in own:
            return own[joined]
    return None


def _known_elsewhere(*, tag: Tag, every: set[str]) -> bool:
    names = {tag.path, *(f"{section}[].{tag.path}" for section in tag.within)}
    names |= {f"{section}.{tag.path}" for section in tag.within}
    return bool(names & every)
