"""Words of the reminder plan."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# When the parcel of an order caused by the message would come, against the due date.
LATENESS: Final[Mapping[str, Promise]] = {
    "": gettext_lazy("All reminders"),
    "early": gettext_lazy("More than 3 days before the due day"),
    "on_time": gettext_lazy("Within 3 days of the due day"),
    "late": gettext_lazy("More than 3 days after the due day"),
}


def percent_of(share: float) -> str:
    """A budget as people type it: `0.5`, `7.5`, `20`."""
    return f"{round(share * 100, 4):g}"


def budget_name(share: float) -> str:
    """`the best 5%`, and the two ends."""
    if share <= 0:
        return _("No reminders")
    if share >= 1:
        return _("All pairs")
    return _("The best {percent}%").format(percent=percent_of(share))
