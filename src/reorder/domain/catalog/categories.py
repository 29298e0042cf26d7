"""Categories: listed and found, and which of them are sensitive."""

from dataclasses import dataclass

from django.db.models import Q

from reorder.domain.catalog.errors import UnknownCategory
from reorder.domain.catalog.models import Category
from reorder.domain.staff.operations import record_audit


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """One category. `is_sensitive`: its products are recommended only to customers who bought them before."""

    id: int
    code: str
    name: str
    is_sensitive: bool


def list_category_page(*, after_code: str | None, limit: int) -> list[CategoryRow]:
    """Categories by code, those after one code when given."""
    found = Category.objects.order_by("code")
    if after_code is not None:
        found = found.filter(code__gt=after_code)
    return [_row(one) for one in found[:limit]]


def get_category(*, code: str) -> CategoryRow:
    """One category; raises UnknownCategory."""
    category = Category.objects.filter(code=code).first() if "\x00" not in code else None
    if category is None:
        raise UnknownCategory(category=code)
    return _row(category)


def list_sensitive_categories() -> list[CategoryRow]:
    """Every sensitive category, by name."""
    return [_row(one) for one in Category.objects.filter(is_sensitive=True).order_by("name", "code")]


def search_categories(*, text: str, limit: int) -> list[CategoryRow]:
    """Categories whose name or code holds the text, by name; the first ones without text."""
    found = Category.objects.order_by("name", "code")
    typed = text.replace("\x00", "").strip()
    if typed:
        # icontains escapes the signs of LIKE by itself.
        found = found.filter(Q(name__icontains=typed) | Q(code__icontains=typed))
    return [_row(one) for one in found[:limit]]


def set_sensitive(*, code: str, is_sensitive: bool, decided_by: str) -> CategoryRow:
    """Say whether a category is sensitive, and record who did; raises UnknownCategory."""
    category = Category.objects.filter(code=code).first()
    if category is None:
        raise UnknownCategory(category=code)
    changed = Category.objects.filter(pk=category.pk, is_sensitive=not is_sensitive).update(is_sensitive=is_sensitive)
    if changed:
        record_audit(
            actor=decided_by,
            action="catalog.set_sensitive",
            subject_kind="category",
            subject_key=code,
            details={"is_sensitive": is_sensitive},
        )
        category.is_sensitive = is_sensitive
    return _row(category)


def _row(category: Category) -> CategoryRow:
    return CategoryRow(id=category.pk, code=category.code, name=category.name, is_sensitive=category.is_sensitive)
