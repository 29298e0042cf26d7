"""Templates from other tools: MJML or HTML, alone or in a ZIP; cleaned of what mail must not hold."""

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

import nh3

from reorder.domain.marketing.content_errors import BadContent

MOST_BYTES: Final = 2_000_000
_MOST_UNPACKED: Final = 5_000_000
_MOST_MEMBERS: Final = 200
_BODY: Final = re.compile(r"<body\b[^>]*>(.*)</body\s*>", re.IGNORECASE | re.DOTALL)
_STYLE: Final = re.compile(r"<style\b[^>]*>(.*?)</style\s*>", re.IGNORECASE | re.DOTALL)
# What programs of others write for values, and what we write.
_FOREIGN: Final = (
    (re.compile(r"\*\|(?:FNAME|FIRST_?NAME)\|\*|\{\{\s*(?:person\.)?first_name[^}]*\}\}|%FIRSTNAME%", re.IGNORECASE),
     "{{customer.first_name|}}"),
    (re.compile(r"\*\|UNSUB\|\*|\{%\s*unsubscribe_link\s*%\}|\{\{\s*unsubscribe(?:_link|_url)?\s*\}\}|%UNSUBSCRIBELINK%|"
                r"\[unsubscribe\]", re.IGNORECASE),
     "{{unsubscribe_url}}"),
    (re.compile(r"\*\|LIST:ADDRESS\|\*|\{\{\s*organization\.full_address\s*\}\}|\*\|HTML:LIST_ADDRESS_HTML\|\*",
                re.IGNORECASE),
     "{{shop.postal_address|}}"),
    (re.compile(r"\*\|LIST:COMPANY\|\*|\{\{\s*organization\.name\s*\}\}", re.IGNORECASE), "{{shop.name}}"),
)  # fmt: skip
_LOOK: Final = frozenset(
    {"style", "class", "align", "valign", "width", "height", "bgcolor", "border", "cellpadding", "cellspacing", "role",
     "dir", "lang", "title", "id"}
)  # fmt: skip
_TAGS: Final = nh3.ALLOWED_TAGS | {"center", "font", "table", "tbody", "thead", "tfoot", "tr", "td", "th", "section"}
_STYLES: Final = re.compile(r"expression\s*\(|javascript:|@import|behavior\s*:|-moz-binding|</", re.IGNORECASE)
_TAGGED: Final = re.compile(r"\{\{.*?\}\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Imported:
    """A template as a draft takes it: the field that it belongs into, and how many pictures lay in the file."""

    field: str
    text: str
    pictures_count: int = 0


def read_import(*, name: str, content: bytes) -> Imported:
    """MJML or HTML out of an uploaded file. Pictures stay where they are on the web; those in a ZIP are counted only.

    Raises BadContent for a file that is none of these, too large, or not text.
    """
    if len(content) > MOST_BYTES:
        raise _refused("it has more than 2 MB")
    if name.lower().endswith(".zip") or content[:4] == b"PK\x03\x04":
        return _from_zip(content)
    return _from_text(_decoded(content))


def clean_html(*, html: str) -> str:
    """HTML of a mail without scripts, forms and handlers; styles stay, tags of templates too."""
    body = found.group(1) if (found := _BODY.search(html)) else html
    styles = [css for css in _STYLE.findall(html) if not _STYLES.search(css)]
    # The cleaner would escape what stands in addresses: tags of templates pass it as words.
    kept: list[str] = []

    def hide(match: re.Match[str]) -> str:
        kept.append(match.group())
        return f"https://tag.invalid/{len(kept) - 1}/"

    hidden = _TAGGED.sub(hide, _STYLE.sub("", body))
    cleaned = nh3.clean(
        hidden,
        tags=_TAGS,
        attributes={
            "*": set(_LOOK),
            "a": {"href", "target", "name"},
            "img": {"src", "alt"},
            "font": {"color", "face", "size"},
        },
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    )
    restored = re.sub(r"https://tag\.invalid/(\d+)/", lambda match: kept[int(match[1])], cleaned)
    sheet = "".join(f"<style>{css}</style>" for css in styles)
    return f'<!doctype html><html lang="und"><head><meta charset="utf-8">{sheet}</head><body>{restored}</body></html>'


def _from_text(text: str) -> Imported:
    for pattern, ours in _FOREIGN:
        text = pattern.sub(ours, text)
    if re.search(r"<mjml\b", text, re.IGNORECASE):
        return Imported(field="mjml", text=text[text.lower().index("<mjml") :].strip())
    if not re.search(r"<(html|body|table|div|p)\b", text, re.IGNORECASE):
        raise _refused("there is neither MJML nor HTML in it")
    return Imported(field="html", text=clean_html(html=text))


def _from_zip(content: bytes) -> Imported:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            if len(members) > _MOST_MEMBERS or sum(one.file_size for one in members) > _MOST_UNPACKED:
                raise _refused("what is packed in it is too large")
            named = {PurePosixPath(one.filename).suffix.lower(): one for one in reversed(members)}
            chosen = named.get(".mjml") or named.get(".html") or named.get(".htm")
            if chosen is None:
                raise _refused("there is neither MJML nor HTML in it")
            with archive.open(chosen) as member:
                made = _from_text(_decoded(member.read(_MOST_UNPACKED)))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as cause:
        raise _refused("it cannot be unpacked") from cause
    pictures = sum(PurePosixPath(one.filename).suffix.lower() in {".png", ".jpg", ".jpeg", ".gif"} for one in members)
    return Imported(field=made.field, text=made.text, pictures_count=pictures)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig").replace("\x00", "")
    except UnicodeDecodeError as cause:
        raise _refused("it is not text in UTF-8") from cause


def _refused(reason: str) -> BadContent:
    return BadContent(what="the file", reason=reason, value="")
