"""Which topic a message belongs to, and what a person's word about topics means. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRow:
    """One topic; `sources` are `kind:key` with * as the end, `category_codes` goods that its messages are about."""

    code: str
    name: str
    name_zh: str = ""
    words: str = ""
    words_zh: str = ""
    sources: tuple[str, ...] = ()
    category_codes: tuple[str, ...] = ()
    needs_explicit: bool = False
    position: int = 0
    is_active: bool = True

    def named(self, *, language: str) -> tuple[str, str]:
        """Name and words as a reader of this language sees them."""
        if language == "zh-hant":
            return self.name_zh or self.name, self.words_zh or self.words
        return self.name, self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a person said: by topic whether it is wanted, and how many messages a week at most (None: nothing said)."""

    said: Mapping[str, bool] = field(default_factory=dict)
    messages_per_week: int | None = None

    def wants(self, topic: TopicRow) -> bool:
        """Silence is a yes, except about a topic that asks for an explicit one."""
        return self.said.get(topic.code, not topic.needs_explicit)


# What every shop begins with; staff rename, close and add (Setup, Compliance).
READY_MADE: Final = (
    TopicRow(
        code="reminders",
        name="Reminders",
        name_zh="回購提醒",
        words="When something you buy again will soon run out, or is back.",
        words_zh="您常買的商品快用完，或缺貨商品到貨時。",
        sources=("reminder:*", "journey:replenish*", "journey:due*", "journey:back_in_stock*"),
        position=1,
    ),
    TopicRow(
        code="tips",
        name="Tips",
        name_zh="使用教學",
        words="How to get the most out of what you bought.",
        words_zh="讓您把買到的商品用得更好。",
        sources=("journey:how_to*", "journey:review*"),
        position=2,
    ),
    TopicRow(
        code="news",
        name="News",
        name_zh="新品與品牌故事",
        words="New arrivals and what goes on here.",
        words_zh="新品上市與我們的近況。",
        sources=("journey:new_arrival*",),
        position=3,
    ),
    TopicRow(
        code="offers",
        name="Offers",
        name_zh="優惠活動",
        words="Discounts, birthday wishes and campaigns.",
        words_zh="折扣、生日禮與行銷活動。",
        sources=("*",),
        position=9,
    ),
)
NOBODY_SAID: Final = Standing()


def topic_of(
    *, topics: Sequence[TopicRow], source_kind: str, source_key: str, category_codes: Collection[str] = ()
) -> TopicRow | None:
    """The topic of a message: that of its goods before that of its source; None where no topic has it.

    A topic of goods is found first, because what is about sensitive goods must not go under another name.
    """
    active = [topic for topic in topics if topic.is_active]
    goods = frozenset(category_codes)
    source = f"{source_kind}:{source_key}"
    for topic in active:
        if goods & set(topic.category_codes):
            return topic
    return next((topic for topic in active if any(_fits(pattern, source) for pattern in topic.sources)), None)


def refused_codes(*, topics: Sequence[TopicRow], standing: Standing) -> frozenset[str]:
    """Codes of the topics that the person does not want."""
    return frozenset(topic.code for topic in topics if not standing.wants(topic))


def allowed_categories(*, topics: Sequence[TopicRow], standing: Standing) -> frozenset[str]:
    """Categories that the person asked to hear of in so many words: what sensitive goods need."""
    return frozenset(
        code for topic in topics if topic.is_active and standing.said.get(topic.code) for code in topic.category_codes
    )


def _fits(pattern: str, source: str) -> bool:
    return source.startswith(pattern[:-1]) if pattern.endswith("*") else source == pattern
