"""Evidence levels and models as people call them."""

import re
from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LEVELS: Final[Mapping[str, Promise]] = {
    "all": gettext_lazy("All predictions"),
    "pair": gettext_lazy("Own rhythm"),
    "customer": gettext_lazy("The customer's other purchases"),
    "product": gettext_lazy("The product's rhythm"),
    "category": gettext_lazy("The category's rhythm"),
    "store": gettext_lazy("The whole shop"),
    "naive": gettext_lazy("Mean gap alone"),
}
MEANINGS: Final[Mapping[str, Promise]] = {
    "pair": gettext_lazy("bought on two days or more"),
    "customer": gettext_lazy("bought once, by a customer who buys other things again"),
    "product": gettext_lazy("bought once; others buy it again"),
    "category": gettext_lazy("bought once; its category is bought again"),
    "store": gettext_lazy("bought once, and little is known yet"),
    "naive": gettext_lazy("bought on two days or more, predicted as most products do: last purchase + mean gap"),
}
_LAYER: Final = re.compile(r"layer (?P<number>\d)\b")


def level_label(name: str) -> str:
    """An evidence level as people call it; one of a later version under its own name."""
    return str(LEVELS.get(name, name))


def model_label(summary: str) -> str:
    """Which layer of the model answered; the summary itself when it names none."""
    found = _LAYER.search(summary)
    if found is None:
        return summary
    named = {
        "1": _("layer 1: purchase rates of customer, product and category"),
        "2": _("layer 2: purchase rates, refined by gradient boosting"),
    }
    return named.get(found["number"], summary)
