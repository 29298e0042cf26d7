"""The conditions that rules of segments are made of: their names, their fields, and what each field takes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

FieldType = Literal["integer", "number", "choice", "choices", "text", "texts"]
CHANNELS: Final = ("email", "web_push", "app_push", "line", "sms", "chat", "webhook")
LONGEST_TEXT: Final = 200
MOST_TEXTS: Final = 200
LONGEST_WINDOW_DAYS: Final = 3650
_OPS: Final = ("at_least", "at_most", "exactly")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a condition. `names`: what its texts are names of: product, category, segment, tag …"""

    key: str
    type: FieldType
    is_required: bool = False
    choices: tuple[str, ...] = ()
    least: float = 0
    most: float = 1e12
    default: object = None
    names: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A condition; `family` is the heading under which people find it."""

    code: str
    family: str
    fields: tuple[Field, ...] = ()

    def field(self, key: str) -> Field | None:
        """One of its fields; None when it has none of this name."""
        return next((one for one in self.fields if one.key == key), None)


def _op(default: str = "at_least") -> Field:
    return Field(key="op", type="choice", choices=_OPS, is_required=True, default=default)


def _value(*, type_: FieldType = "integer", default: object = 1, least: float = 0, most: float = 1e12) -> Field:
    return Field(key="value", type=type_, is_required=True, default=default, least=least, most=most)


def _days(*, is_required: bool = False, default: object = None, key: str = "days", least: float = 1) -> Field:
    return Field(
        key=key, type="integer", is_required=is_required, least=least, most=LONGEST_WINDOW_DAYS, default=default
    )


def _texts(key: str, *, names: str = "", is_required: bool = False) -> Field:
    return Field(key=key, type="texts", names=names, is_required=is_required)


def _choice(key: str, choices: tuple[str, ...], *, default: str | None = None, is_required: bool = True) -> Field:
    return Field(
        key=key, type="choice", choices=choices, default=default if default or not is_required else choices[0],
        is_required=is_required,
    )  # fmt: skip


_GOODS: Final = (_texts("products", names="product"), _texts("categories", names="category"))
_ORDERS: Final = (*_GOODS, _texts("channels", names="shop"), _texts("coupons", names="coupon"))
_AGO: Final = (_choice("op", ("within", "before")), _days(is_required=True, default=90))
_SHARE: Final = _value(type_="number", default=0.5, most=1)

FAMILIES: Final = ("person", "contact", "orders", "behaviour", "predicted", "messages", "groups")
_KINDS: Final = (
    Kind(code="everybody", family="person"),
    Kind(code="language", family="person", fields=(_texts("values", is_required=True),)),
    Kind(code="country", family="person", fields=(_texts("values", is_required=True),)),
    Kind(code="postcode", family="person", fields=(_texts("values", is_required=True),)),
    Kind(code="region", family="person", fields=(_texts("values", is_required=True),)),
    Kind(
        code="birthday",
        family="person",
        fields=(Field(key="days", type="integer", is_required=True, least=0, most=365, default=14),),
    ),
    Kind(
        code="birth_month",
        family="person",
        fields=(
            Field(key="months", type="choices", is_required=True, choices=tuple(str(month) for month in range(1, 13))),
        ),
    ),
    Kind(
        code="age",
        family="person",
        fields=(
            Field(key="least", type="integer", least=0, most=130),
            Field(key="most", type="integer", least=0, most=130),
        ),
    ),
    Kind(code="known_since", family="person", fields=_AGO),
    Kind(code="tag", family="person", fields=(_texts("values", names="tag", is_required=True),)),
    Kind(
        code="attribute",
        family="person",
        fields=(
            Field(key="name", type="text", is_required=True, names="attribute"),
            _choice("op", ("is", "contains", "at_least", "at_most", "known")),
            Field(key="value", type="text"),
        ),
    ),
    Kind(code="reachable", family="contact", fields=(_choice("channel", CHANNELS),)),
    Kind(code="consented", family="contact", fields=(_choice("channel", CHANNELS),)),
    Kind(code="paused", family="contact"),
    Kind(code="orders_count", family="orders", fields=(_op(), _value(), _days(), *_ORDERS)),
    Kind(
        code="orders_value",
        family="orders",
        fields=(_op(), _value(type_="number", default=1000), _days(), *_ORDERS),
    ),
    Kind(
        code="orders_average",
        family="orders",
        fields=(_op(), _value(type_="number", default=1000), _days(), *_ORDERS),
    ),
    Kind(code="first_order", family="orders", fields=(*_AGO, *_ORDERS)),
    Kind(code="last_order", family="orders", fields=(*_AGO, *_ORDERS)),
    Kind(
        code="returned",
        family="orders",
        fields=(_op(), _value(), _days(), *_GOODS),
    ),
    Kind(
        code="did",
        family="behaviour",
        fields=(
            _choice("what", ("viewed", "carted", "searched", "begun_checkout", "liked", "answered_promotion")),
            _op(),
            _value(),
            _days(is_required=True, default=30),
            *_GOODS,
            Field(key="words", type="text"),
        ),
    ),
    Kind(
        code="time_on_page",
        family="behaviour",
        fields=(
            _op(),
            _value(default=60),
            _days(is_required=True, default=30),
            *_GOODS,
            Field(key="page", type="text"),
        ),
    ),
    Kind(code="likes", family="behaviour", fields=(_op(), _value(), _days(), *_GOODS)),
    Kind(
        code="carted_not_bought",
        family="behaviour",
        fields=(
            _days(is_required=True, default=14),
            Field(key="hours", type="integer", least=0, most=720, default=1),
            *_GOODS,
        ),
    ),
    Kind(
        code="due",
        family="predicted",
        fields=(
            _days(key="from_days", least=-365, default=0, is_required=True),
            _days(key="until_days", least=-365, default=7, is_required=True),
            *_GOODS,
            Field(key="active_share", type="number", most=1, default=0.5),
        ),
    ),
    Kind(
        code="value",
        family="predicted",
        fields=(
            _choice(
                "what",
                ("expected_value", "expected_value_90", "expected_orders", "expected_orders_90", "monetary"),
            ),
            _op(),
            _value(type_="number", default=1000),
        ),
    ),
    Kind(
        code="chance",
        family="predicted",
        fields=(_choice("what", ("churn_share", "active_share")), _choice("op", ("at_least", "at_most")), _SHARE),
    ),
    Kind(
        code="rfm_score",
        family="predicted",
        fields=(_choice("what", ("recency", "frequency", "money")), _op(), _value(default=4, most=100)),
    ),
    Kind(code="rfm_segment", family="predicted", fields=(_texts("values", names="rfm_segment", is_required=True),)),
    Kind(
        code="price_sensitivity",
        family="predicted",
        fields=(_choice("op", ("at_least", "at_most")), _SHARE, _days(is_required=True, default=365)),
    ),
    Kind(
        code="usual_hour",
        family="predicted",
        fields=(
            Field(key="from_hour", type="integer", is_required=True, most=23, default=18),
            Field(key="until_hour", type="integer", is_required=True, most=23, default=23),
        ),
    ),
    Kind(
        code="message",
        family="messages",
        fields=(
            _choice("what", ("sent", "delivered", "opened", "clicked", "bounced", "complained")),
            _op(),
            _value(),
            _days(is_required=True, default=30),
            _choice("channel", CHANNELS, is_required=False),
            _texts("sources", names="source"),
        ),
    ),
    Kind(code="segment", family="groups", fields=(_texts("values", names="segment", is_required=True),)),
)
KINDS: Final[Mapping[str, Kind]] = {kind.code: kind for kind in _KINDS}
