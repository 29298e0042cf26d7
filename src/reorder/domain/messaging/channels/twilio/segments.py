"""Into how many parts a text message falls: 160 letters of the GSM alphabet, or 70 of any other (3GPP TS 23.038)."""

import math
from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each takes two places.
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
_ONE, _EACH = {True: 160, False: 70}, {True: 153, False: 67}


def count_parts(*, text: str) -> int:
    """Parts that a provider bills: at least one."""
    is_gsm = all(letter in _BASIC or letter in _EXTENDED for letter in text)
    places = [2 if letter in _EXTENDED else 1 for letter in text] if is_gsm else []
    length = sum(places) if is_gsm else len(text.encode("utf-16-le")) // 2
    return 1 if length <= _ONE[is_gsm] else math.ceil(length / _EACH[is_gsm])
