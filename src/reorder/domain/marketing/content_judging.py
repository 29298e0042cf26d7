"""What may land a message among spam, or be cut, or not be read: told before it goes, and keeps nothing back. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Final

from reorder.domain.marketing.content_forms import Written

# Gmail cuts mails that are longer.
_CLIPPED_BYTES: Final = 102_000
_LONG_SUBJECT: Final = 60
_SPAM: Final = re.compile(
    r"\b(100 ?% free|act now|buy now|cash bonus|click here|earn money|free money|guarantee[ds]?|limited time|"
    r"no cost|order now|risk[- ]free|winner|you have won)\b|免費送|保證獲利|快速致富|點我領取|立即致富|最後機會|中獎",
    re.IGNORECASE,
)
_IMAGE: Final = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_ALT: Final = re.compile(r"\balt\s*=\s*[\"'][^\"']*[\"']", re.IGNORECASE)
_HIDDEN: Final = re.compile(r"<(style|head|title)\b.*?</\1>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_MARKUP: Final = re.compile(r"<[^>]+>")
_LINK: Final = re.compile(r"\shref=[\"'](.*?)[\"']", re.IGNORECASE | re.DOTALL)
_SHORTENED: Final = re.compile(
    r"https?://(bit\.ly|tinyurl\.com|goo\.gl|reurl\.cc|t\.co|ow\.ly|lihi\d?\.\w+)/", re.IGNORECASE
)
_GSM: Final = re.compile(r"[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà]*")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at: `code` is a key of FINDING_TEMPLATES, filled with `parameters`."""

    code: str
    parameters: Mapping[str, object] = field(default_factory=dict)


FINDING_TEMPLATES: Final[Mapping[str, str]] = {
    "subject_long": "The subject has {count} characters; phones show about {most}.",
    "subject_shouts": "The subject shouts: capitals or several exclamation marks.",
    "spam_words": "Words that filters look for: {words}.",
    "too_large": "The mail has {kilobytes} kB; Gmail cuts what is above {most} kB.",
    "few_words": "There are {pictures} pictures and hardly any text: filters take that for an advertisement.",
    "no_alt": "{count} pictures say nothing where pictures are not shown.",
    "not_secure": "{count} links do not begin with https://.",
    "shortened": "Shortened links hide where they lead, and filters know it: {url}",
    "no_way_out": "There is no way to refuse further mail.",
    "no_postal_address": "The shop's postal address is missing, which laws ask for.",
    "sms_parts": "It goes as {parts} SMS, each of which costs.",
    "dead_link": "{url} does not answer as a page should: {cause}",
}


def judge_message(*, written: Written, channel: str, is_marketing: bool, postal_address: str) -> list[Finding]:
    """What to look at before this goes, the gravest first."""
    if channel == "sms":
        parts = count_sms_parts(text=written.text)
        return [Finding("sms_parts", {"parts": parts})] if parts > 1 else []
    if channel != "email":
        return []
    found = _judge_mail(written, is_marketing=is_marketing, postal_address=postal_address)
    return found + _judge_subject(written.subject) + _judge_links(written.html)


def count_sms_parts(*, text: str) -> int:
    """How many SMS a text needs: 160 characters of the GSM alphabet (153 each of several), else 70 (67)."""
    is_plain = _GSM.fullmatch(text) is not None
    length = len(text) if is_plain else len(text.encode("utf-16-le")) // 2
    one, each = (160, 153) if is_plain else (70, 67)
    return 1 if length <= one else -(-length // each)


def _judge_mail(written: Written, *, is_marketing: bool, postal_address: str) -> list[Finding]:
    said = " ".join(unescape(_MARKUP.sub(" ", _HIDDEN.sub(" ", written.html))).split())
    images = [image for image in _IMAGE.findall(written.html) if 'width="1"' not in image]
    kilobytes = len(written.html.encode()) // 1000
    words = sorted({match.group().lower() for match in _SPAM.finditer(f"{written.subject} {said}")})
    silent = sum(_ALT.search(image) is None for image in images)
    checks = (
        (is_marketing and "/u/" not in written.html and "mailto:" not in written.html, Finding("no_way_out")),
        (is_marketing and (not postal_address or postal_address not in said), Finding("no_postal_address")),
        (
            len(written.html.encode()) > _CLIPPED_BYTES,
            Finding("too_large", {"kilobytes": kilobytes, "most": _CLIPPED_BYTES // 1000}),
        ),
        (bool(images) and len(said) < 40 * len(images) + 60, Finding("few_words", {"pictures": len(images)})),
        (silent > 0, Finding("no_alt", {"count": silent})),
        (bool(words), Finding("spam_words", {"words": ", ".join(words)})),
    )
    return [finding for holds, finding in checks if holds]


def _judge_subject(subject: str) -> list[Finding]:
    letters = [sign for sign in subject if sign.isalpha() and sign.isascii()]
    shouts = len(letters) > 8 and sum(sign.isupper() for sign in letters) > 0.7 * len(letters)
    checks = (
        (len(subject) > _LONG_SUBJECT, Finding("subject_long", {"count": len(subject), "most": _LONG_SUBJECT})),
        (shouts or len(re.findall("[!！]", subject)) > 1, Finding("subject_shouts")),
    )
    return [finding for holds, finding in checks if holds]


def _judge_links(html: str) -> list[Finding]:
    links = [unescape(url) for url in _LINK.findall(html)]
    bare = sum(url.startswith("http://") for url in links)
    found = [Finding("not_secure", {"count": bare})] if bare else []
    return found + [Finding("shortened", {"url": url}) for url in links if _SHORTENED.match(url)][:3]
