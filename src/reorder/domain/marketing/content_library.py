"""The library, what is shown of products, and the look of messages."""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from reorder.domain.catalog.models import Product
from reorder.domain.marketing.content import LANGUAGES
from reorder.domain.marketing.content_errors import BadContent, UnknownArticle
from reorder.domain.marketing.content_models import LibraryArticle, MessageLook, ProductCard
from reorder.domain.staff.operations import record_audit

KINDS: Final = ("how_to", "brand_story", "news")
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{1,63}")
_WEB: Final = re.compile(r"https?://[^\s\"'<>]{3,2000}")
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_MOST_TEXT: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """Something worth telling; `skus`, `category_codes`, `segment_codes` say beside what, and to whom (empty: any)."""

    code: str
    language: str
    kind: str
    title: str
    text: str
    url: str = ""
    picture_url: str = ""
    skus: tuple[str, ...] = ()
    category_codes: tuple[str, ...] = ()
    segment_codes: tuple[str, ...] = ()
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How messages look."""

    logo_url: str = ""
    accent: str = "#1f6f54"
    site_url: str = ""


def put_article(*, article: Article, written_by: str, moment: dt.datetime) -> None:
    """Keep something in the library, in place of what stands there under the code and language. Raises BadContent."""
    reasons = (
        (_CODE.fullmatch(article.code) is None, "a code has 2 to 64 small letters, digits, hyphens and underscores"),
        (article.language not in LANGUAGES, "we write in English and Traditional Chinese"),
        (article.kind not in KINDS, "there is no such kind"),
        (not 0 < len(article.title.strip()) <= 200, "it needs a title of at most 200 characters"),
        (not 0 < len(article.text.strip()) <= _MOST_TEXT, "it needs a text of at most 5,000 characters"),
        (not _is_web(article.url) or not _is_web(article.picture_url), "an address begins with https:// or http://"),
    )
    _refuse("the article", reasons)
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(article).items()}
    values |= {"title": article.title.strip(), "text": article.text.strip()}
    LibraryArticle.objects.update_or_create(
        code=article.code,
        language=article.language,
        defaults={**values, "written_by": written_by, "written_at": moment},
    )
    record_audit(actor=written_by, action="content.put_article", subject_kind="article", subject_key=article.code)


def list_articles(*, is_active: bool | None = None) -> list[Article]:
    """The library, by kind, code and language."""
    found = LibraryArticle.objects.order_by("kind", "code", "language")
    return [_article(row) for row in (found if is_active is None else found.filter(is_active=is_active))]


def get_article(*, code: str, language: str) -> Article:
    """One of them; raises UnknownArticle."""
    found = LibraryArticle.objects.filter(code=code.replace("\x00", ""), language=language).first()
    if found is None:
        raise UnknownArticle(article=code)
    return _article(found)


def remove_article(*, code: str, language: str, removed_by: str) -> None:
    """Take something out of the library; raises UnknownArticle."""
    if not LibraryArticle.objects.filter(code=code.replace("\x00", ""), language=language).delete()[0]:
        raise UnknownArticle(article=code)
    record_audit(actor=removed_by, action="content.remove_article", subject_kind="article", subject_key=code)


def choose_articles(
    *,
    articles: Iterable[Article],
    language: str,
    kinds: Collection[str],
    skus: Collection[str],
    category_codes: Collection[str],
    segment_codes: Collection[str],
    limit: int,
) -> list[Article]:
    """What goes with these goods and this customer: about a product first, then its category, then anything."""
    ranked: list[tuple[int, str, Article]] = []
    for one in articles:
        if not one.is_active or one.language != language or (kinds and one.kind not in kinds):
            continue
        if one.segment_codes and not set(one.segment_codes) & set(segment_codes):
            continue
        is_about = bool(set(one.skus) & set(skus)), bool(set(one.category_codes) & set(category_codes))
        if (one.skus or one.category_codes) and not any(is_about):
            continue
        ranked.append((0 if is_about[0] else 1 if is_about[1] else 2, one.code, one))
    return [one for _, _, one in sorted(ranked, key=lambda entry: entry[:2])[:limit]]


def put_product_cards(*, cards: Sequence[tuple[str, str, str]], moment: dt.datetime) -> list[tuple[str, str]]:
    """Pages and pictures of products (SKU, page, picture); returns what was refused: SKU and why."""
    known = dict(Product.objects.filter(sku__in=[sku for sku, _, _ in cards]).values_list("sku", "pk"))
    refused: list[tuple[str, str]] = []
    rows: dict[int, ProductCard] = {}
    for sku, page, picture in cards:
        if sku not in known:
            refused.append((sku, "there is no such product"))
        elif not _is_web(page) or not _is_web(picture):
            refused.append((sku, "an address begins with https:// or http://"))
        else:
            rows[known[sku]] = ProductCard(product_id=known[sku], page_url=page, picture_url=picture, changed_at=moment)
    ProductCard.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["product"],
        update_fields=["page_url", "picture_url", "changed_at"],
        batch_size=2_000,
    )
    return refused


def count_product_cards() -> int:
    """How many products have a page or a picture."""
    return ProductCard.objects.count()


def get_look() -> Look:
    """How messages look; ours where nobody said anything."""
    row = MessageLook.objects.order_by("pk").first()
    return Look(logo_url=row.logo_url, accent=row.accent, site_url=row.site_url) if row else Look()


def set_look(*, look: Look, changed_by: str, moment: dt.datetime) -> None:
    """Let messages look like this from now on; raises BadContent."""
    reasons = (
        (not _is_web(look.logo_url) or not _is_web(look.site_url), "an address begins with https:// or http://"),
        (_COLOUR.fullmatch(look.accent) is None, "a colour is a # and six digits or letters from a to f"),
    )
    _refuse("the look", reasons)
    MessageLook.objects.update_or_create(pk=1, defaults={**asdict(look), "changed_at": moment})
    record_audit(actor=changed_by, action="content.set_look", subject_kind="content", subject_key="look")


def _is_web(address: str) -> bool:
    return not address or _WEB.fullmatch(address) is not None


def _refuse(what: str, reasons: Sequence[tuple[bool, str]]) -> None:
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadContent(what=what, reason=reason, value="")


def _article(row: LibraryArticle) -> Article:
    return Article(
        code=row.code,
        language=row.language,
        kind=row.kind,
        title=row.title,
        text=row.text,
        url=row.url,
        picture_url=row.picture_url,
        skus=tuple(row.skus),
        category_codes=tuple(row.category_codes),
        segment_codes=tuple(row.segment_codes),
        is_active=row.is_active,
    )
