"""What ways of paying are called, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WAY_WORDS: Final[Mapping[str, Promise]] = {
    "bank_transfer": _("Bank transfer"),
    "cash_on_delivery": _("Cash on delivery"),
    "elsewhere": _("Paid elsewhere"),
    "manual": _("Paid by hand"),
    "store_credit": _("Store credit"),
}


def way_word(provider: str) -> str:
    """One way of paying; a way that nobody has named yet by its code."""
    return str(WAY_WORDS.get(provider, provider))
