"""What a page says to who reads it: its text without tags, on one line."""

import html
import re
from typing import Any

_TAG = re.compile(r"<[^>]+>")


def said(answer: Any) -> str:
    """The text as it stands in the source: `&#x27;` stays what it is."""
    return " ".join(_TAG.sub(" ", answer.content.decode()).split())


def text_of(answer: Any) -> str:
    """The text as it is read."""
    return html.unescape(re.sub(r"\s+", " ", _TAG.sub(" ", answer.content.decode())))
