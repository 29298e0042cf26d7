"""Blocks of mail that a button puts into a template, and of which the ready-made ones are built. MJML with Mustache."""

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Final

_BLOCK: Final = re.compile(r"<!-- block: ([a-z_]+) -->\n")
_GOODS: Final = (
    '{{#url}}<a class="name" href="{{url}}">{{name}}</a>{{/url}}{{^url}}<span class="name">{{name}}</span>{{/url}}'
    "<br />{{#was_price}}<s>{{was_price}}</s> {{/was_price}}{{#price}}<strong>{{price}}</strong>{{/price}}"
)
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "goods": _GOODS,
        "every": "every {{gap_days}} days",
        "foot": "You get this because you agreed to news from {{shop.name}}. No more of them: {{unsubscribe_url}}",
        "rhythm": "{{#last_bought_date}}<br />last bought on {{last_bought_date}}{{/last_bought_date}}"
        "{{#gap_days}}, usually every {{gap_days}} days{{/gap_days}}",
        "reorder": "Put all into the cart",
        "shop": "To the shop",
        "cart": "Back to the cart",
        "order": "See the order",
        "also": "You may also like",
        "until": "good until {{until}}",
        "minimum": "from {{minimum}}",
        "read": "Read on",
        "footer": "You get this because you agreed to news from {{shop.name}}. "
        '<a href="{{unsubscribe_url}}">No more of them</a> · <a href="{{preferences_url}}">Choose what you get</a>',
    },
    "zh-hant": {
        "goods": _GOODS,
        "every": "每 {{gap_days}} 天",
        "foot": "您收到這封信，是因為您同意接收{{shop.name}}的消息。取消訂閱：{{unsubscribe_url}}",
        "rhythm": "{{#last_bought_date}}<br />上次購買：{{last_bought_date}}{{/last_bought_date}}"
        "{{#gap_days}}，平均每 {{gap_days}} 天回購{{/gap_days}}",
        "reorder": "一鍵放入購物車",
        "shop": "前往商店",
        "cart": "回到購物車",
        "order": "查看訂單",
        "also": "您可能也會喜歡",
        "until": "{{until}} 前有效",
        "minimum": "滿 {{minimum}} 可用",
        "read": "繼續閱讀",
        "footer": "您收到這封信，是因為您同意接收{{shop.name}}的消息。"
        '<a href="{{unsubscribe_url}}">取消訂閱</a> · <a href="{{preferences_url}}">調整訂閱偏好</a>',
    },
}
BLOCK_TEMPLATES: Final[Mapping[str, str]] = {
    "items": "Goods with rhythm",
    "items_plain": "Goods",
    "reorder": "One-tap cart",
    "cart": "Back to the cart",
    "order": "See the order",
    "coupon": "Coupon",
    "recommendations": "Recommendations",
    "articles": "From the library",
    "shop": "To the shop",
    "footer": "Footer with the way out",
}


def block_of(*, name: str, language: str) -> str:
    """A block of MJML by its name, in the words of a language; raises KeyError where there is none."""
    return with_words(text=_blocks("blocks.mjml")[name], language=language)


def text_of(*, name: str, language: str) -> str:
    """The same block for mail programs that show text only."""
    return with_words(text=_blocks("blocks.txt")[name], language=language)


def with_words(*, text: str, language: str) -> str:
    """A text whose `[[places]]` are filled with the words of blocks."""
    made = text
    for name, words in _WORDS[language].items():
        made = made.replace(f"[[{name}]]", words)
    return made


@lru_cache
def _blocks(file: str) -> Mapping[str, str]:
    text = files(__package__).joinpath(file).read_text(encoding="utf-8")
    parts = _BLOCK.split(text)[1:]
    return {name: block.rstrip("\n") for name, block in zip(parts[::2], parts[1::2], strict=True)}
