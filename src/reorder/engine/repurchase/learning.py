"""What is learned weekly from order lines and kept as bytes; a model of counts alone needs nothing else."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from reorder.engine.repurchase import envelope
from reorder.engine.repurchase.hazard import HazardTable, learn_table
from reorder.engine.repurchase.purchases import day_number
from reorder.engine.repurchase.statistics import collapse_lines

KIND: Final = "reorder.repurchase.learned"
VERSION: Final = 1
STALE_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class Learned:
    """What many days taught, as of `as_of`; `summary` says which layers there are and why not more."""

    as_of: dt.date
    summary: str
    table: HazardTable | None

    def is_stale(self, *, as_of: dt.date) -> bool:
        """Whether it was learned more than 14 days before `as_of`."""
        return (as_of - self.as_of).days > STALE_DAYS

    def to_bytes(self) -> bytes:
        """One file with version and checksum; it holds numbers and text, and runs no code."""
        header = {
            "as_of": self.as_of.isoformat(),
            "summary": self.summary,
            "table": None
            if self.table is None
            else {"multipliers": self.table.multipliers.tolist(), "learned": self.table.learned},
        }
        return envelope.pack(kind=KIND, version=VERSION, members={"header.json": json.dumps(header).encode()})


def read_learned(content: bytes) -> Learned:
    """What `to_bytes` wrote; raises ModelFileRefused for another version, a wrong checksum or foreign bytes."""
    members = envelope.unpack(content=content, kind=KIND, version=VERSION, name="the learned model")
    header = json.loads(members["header.json"])
    table = header["table"]
    return Learned(
        as_of=dt.date.fromisoformat(header["as_of"]),
        summary=header["summary"],
        table=None
        if table is None
        else HazardTable(multipliers=np.array(table["multipliers"], dtype=np.float64), learned=table["learned"]),
    )


def learn_quickly(
    *, order_lines: pl.DataFrame, as_of: dt.date, events: pl.DataFrame | None = None, country: str = "TW"
) -> Learned:
    """Layer 1 alone: the hazard table.

    `order_lines` by `frames.ORDER_LINES`. Raises InvalidFrame, OrdersAfterDate.
    """
    return learn_purchases(purchases=collapse_lines(order_lines=order_lines, as_of=as_of), as_of=as_of)


def learn(
    *,
    order_lines: pl.DataFrame,
    as_of: dt.date,
    events: pl.DataFrame | None = None,
    country: str = "TW",
    seed: int = 0,
) -> Learned:
    """All layers that the history supports.

    `order_lines` by `frames.ORDER_LINES`. Raises InvalidFrame, OrdersAfterDate.
    """
    return learn_purchases(purchases=collapse_lines(order_lines=order_lines, as_of=as_of), as_of=as_of)


def learn_purchases(*, purchases: pl.DataFrame, as_of: dt.date) -> Learned:
    """`learn` from lines that are collapsed already."""
    found = learn_table(purchases=purchases, cut=day_number(as_of))
    if isinstance(found, HazardTable):
        return Learned(as_of=as_of, summary=f"a hazard table learned from {found.learned}", table=found)
    return Learned(as_of=as_of, summary=f"no hazard table, because {found.why}", table=None)
