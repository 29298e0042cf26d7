"""Access to the cells of a raw batch by our column names; a column that the file does not have reads as empty."""

from collections.abc import Mapping

import polars as pl


class Cells:
    """The raw rows of one batch under our names for their columns."""

    def __init__(self, *, rows: pl.DataFrame, columns: Mapping[str, str]) -> None:
        """`columns` maps our name to the column of the file."""
        self.rows = rows
        self._columns = columns

    def has(self, *, name: str) -> bool:
        """Whether the file has this column."""
        return name in self._columns

    def column(self, *, name: str) -> str:
        """The file's own name of the column, for refusals."""
        return self._columns.get(name, name)

    def values(self, *, name: str) -> pl.Series:
        """The cells as the file has them, null for a missing column."""
        if name in self._columns:
            return self.rows[self._columns[name]]
        return pl.Series(name, [None], dtype=pl.String).new_from_index(0, self.rows.height)
