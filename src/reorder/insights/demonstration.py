"""Whether this shop is the demonstration, so that every page can say what of it is made up."""

import time
from typing import Final

from django.db import connection
from django.utils.translation import gettext_noop

CHANNEL: Final = "complete-journey"
TERMS = gettext_noop(
    "Data: Complete Journey, provided by 84.51° for research and educational purposes only. Dates are moved by whole "
    "weeks and dollars turned into TWD at 30. Warehouses, suppliers, costs, opening stock, names, e-mail addresses and "
    "consent are SYNTHETIC."
)
_LOOK_SECONDS: Final = 60.0
# What is the demonstration stays it; what is not may become it, so it is looked at again now and then.
_known: dict[str, float | bool] = {"is_demo": False, "look_after": 0.0}


def is_demonstration() -> bool:
    """Whether the demonstration's files were imported; asks the database once a minute at most, until it is so."""
    if not _known["is_demo"] and time.monotonic() >= _known["look_after"]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT 1 FROM channels_importfile WHERE channel = %s)", [CHANNEL])
            _known["is_demo"] = bool((cursor.fetchone() or (False,))[0])
        _known["look_after"] = time.monotonic() + _LOOK_SECONDS
    return bool(_known["is_demo"])
