"""What an import did, in numbers that always add up: read = imported + unchanged + rejected."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class RefusedCell:
    """One refused cell of one row; the header is row 1."""

    row_number: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """`rows_…` count rows of the file; `outcome` is imported, known (the same file again), checked or failed."""

    name: str
    channel: str
    kind: str
    format: str
    outcome: str
    rows_read: int = 0
    rows_imported: int = 0
    rows_unchanged: int = 0
    rows_rejected: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    rejected_file: Path | None = None
    examples: tuple[RefusedCell, ...] = ()
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """A plain object for `--json`."""
        plain = asdict(self)
        plain["rejected_file"] = str(self.rejected_file) if self.rejected_file else None
        plain["counts"] = dict(self.counts)
        return plain
