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


def _group(name: str, kind: str, meaning: str, *fields: tuple[str, str, bool]) -> tuple[Variable, ...]:
    inside = "." if kind == SECTION else "[]."
    return (
        Variable(name, kind, meaning, may_be_empty=True),
        *(Variable(name + inside + field, VALUE, said, empty) for field, said, empty in fields),
    )


_GOODS_FIELDS: Final = (
    ("name", "Name of the product", False),
    ("sku", "Its SKU", False),
    ("price", "What it costs now, with its currency", True),
    ("was_price", "What it cost before, where it became cheaper", True),
    ("picture_url", "Its picture", True),
    ("url", "Its page in the shop", True),
    ("brand", "Its brand", True),
    ("units", "Units that the one-tap cart puts in", True),
    ("gap_days", "Days between purchases of this customer, else of everybody", True),
    ("last_bought_date", "When the customer last bought it", True),
    ("due_date", "When the customer is expected to need it", True),
)
ALWAYS: Final[tuple[Variable, ...]] = (
    Variable("customer.name", VALUE, "The customer's name", may_be_empty=True),
    Variable("customer.first_name", VALUE, "The given name, where names have one", may_be_empty=True),
    Variable("shop.name", VALUE, "The shop's name"),
    Variable("shop.url", VALUE, "The shop's site"),
    Variable("shop.logo_url", VALUE, "The shop's logo", may_be_empty=True),
    Variable("shop.postal_address", VALUE, "Where the shop can be reached by post", may_be_empty=True),
    Variable("look.accent", VALUE, "The colour of buttons"),
    Variable("today", VALUE, "The day on which the message goes"),
    *(
        Variable(f"has.{name}", SECTION, f"Whether there are any {name}: for a heading above them", may_be_empty=True)
        for name in ("items", "recommendations", "articles")
    ),
    Variable("unsubscribe_url", VALUE, "Where one refuses further mail; never followed"),
    Variable("preferences_url", VALUE, "Where one chooses what to get; never followed"),
    *_group("recommendations", LIST, "What else this customer may want", *_GOODS_FIELDS),
    *_group(
        "articles",
        LIST,
        "From the library, by goods and segment",
        ("title", "Its title", False),
        ("text", "Its text", False),
        ("url", "Where the rest of it stands", True),
        ("picture_url", "Its picture", True),
    ),
    *_group(
        "coupon",
        SECTION,
        "The offer of this message, where it has one",
        ("code", "The code of a single use", False),
        ("words", "What it gives, in the customer's language", False),
        ("until", "Its last day", True),
        ("minimum", "What the goods must come to", True),
    ),
)
_GROUPS: Final[Mapping[str, tuple[Variable, ...]]] = {
    "items": (
        *_group("items", LIST, "The goods that the message is about, the most important first", *_GOODS_FIELDS),
        Variable("first.name", VALUE, "Name of the first of them"),
        Variable("more_count", VALUE, "How many more there are", may_be_empty=True),
        Variable("reorder_url", VALUE, "The one-tap cart with all of them", may_be_empty=True),
    ),
    "cart": _group(
        "cart",
        SECTION,
        "The cart that was left",
        ("url", "Back to it", False),
        ("total", "What it came to", True),
    ),
    "search": _group("search", SECTION, "What was searched for", ("words", "The words", False)),
    "order": _group(
        "order",
        SECTION,
        "The order",
        ("number", "Its number", False),
        ("url", "The page that tells how far it is", True),
        ("total", "What it came to", True),
        ("date", "When it was placed", True),
    ),
    "parcel": _group(
        "parcel",
        SECTION,
        "The parcel",
        ("number", "Its tracking number", True),
        ("carrier", "Who carries it", True),
        ("url", "The page that follows it", True),
    ),
    "tier": _group("tier", SECTION, "The member tier", ("name", "Its name", False)),
    "points": _group(
        "points",
        SECTION,
        "Points",
        ("balance", "How many there are", True),
        ("expiring", "How many expire", True),
        ("until", "Their last day", True),
    ),
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
