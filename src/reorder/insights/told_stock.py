"""Stock that runs short, as webhooks tell it: the alerts that a look at the stock has just opened."""

import datetime as dt
from typing import Any, Final

from reorder.insights.reading import read_rows
from reorder.kernel.stored_json import read_json

_NEW: Final = """
SELECT id, kind, subject AS sku, place_code AS place, severity, probability, reason_parameters AS figures
FROM planning_alert
WHERE resolved_at IS NULL AND kind IN ('runs_out', 'below_safety_stock') AND first_seen_at = %(moment)s
ORDER BY severity DESC, id LIMIT %(limit)s
"""
_MOST: Final = 10_000
_SEVERITIES: Final = {1: "info", 2: "warning", 3: "critical"}


def list_low_stock(*, opened_at: dt.datetime) -> dict[int, dict[str, Any]]:
    """Alerts of short stock first seen at exactly this moment, by number, the most severe first."""
    rows = read_rows(statement=_NEW, parameters={"moment": opened_at, "limit": _MOST})
    return {
        row["id"]: {
            "sku": row["sku"],
            "place": row["place"],
            "alert": row["kind"],
            "severity": _SEVERITIES[row["severity"]],
            "probability": row["probability"],
            "figures": read_json(row["figures"]),
        }
        for row in rows
    }
