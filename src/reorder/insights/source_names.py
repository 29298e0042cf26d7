"""What journeys and campaigns are called, for pages that tell where messages come from."""

from dataclasses import dataclass
from typing import Final

from reorder.insights.reading import read_rows

_NAMES: Final = """
SELECT 'journey' AS kind, code AS key, name, ready_made FROM marketing_journey
UNION ALL SELECT 'campaign', code, name, '' FROM marketing_campaign
"""


@dataclass(frozen=True, slots=True)
class SourceName:
    """As people named it, and which ready-made one it began as; both may be empty."""

    name: str = ""
    ready_made: str = ""


def list_source_names() -> dict[tuple[str, str], SourceName]:
    """All of them by kind and key."""
    rows = read_rows(statement=_NAMES, parameters={})
    return {(row["kind"], row["key"]): SourceName(row["name"], row["ready_made"]) for row in rows}
