"""A whole model in one file: counts, purchases and what was learned; it runs no code when read."""

import datetime as dt
import io
import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from reorder.engine.repurchase import envelope
from reorder.engine.repurchase.learning import Learned, read_learned
from reorder.engine.repurchase.statistics import Statistics

KIND, VERSION = "reorder.repurchase.model", 2
_FRAMES = ("pairs", "customers", "products", "days")


@dataclass(frozen=True, slots=True)
class Stored:
    """What a model file holds."""

    statistics: Statistics
    learned: Learned | None
    purchases: pl.DataFrame | None
    options: dict[str, object]


def write(*, path: Path, stored: Stored) -> None:
    """Write by way of a file beside it, so that a reader never sees half a model."""
    statistics = stored.statistics
    header = {"as_of": statistics.as_of.isoformat(), "options": stored.options}
    members = {"header.json": json.dumps(header).encode()}
    members |= {f"{name}.parquet": _to_parquet(getattr(statistics, name)) for name in _FRAMES}
    if stored.purchases is not None:
        members["purchases.parquet"] = _to_parquet(stored.purchases)
    if stored.learned is not None:
        members["learned"] = stored.learned.to_bytes()
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(envelope.pack(kind=KIND, version=VERSION, members=members))
    unfinished.replace(path)


def read(*, path: Path) -> Stored:
    """The model in `path`; raises ModelFileRefused when it is of another version or damaged."""
    members = envelope.unpack(content=path.read_bytes(), kind=KIND, version=VERSION, name=str(path))
    header = json.loads(members["header.json"])
    pairs, customers, products, days = (pl.read_parquet(io.BytesIO(members[f"{name}.parquet"])) for name in _FRAMES)
    return Stored(
        statistics=Statistics(
            as_of=dt.date.fromisoformat(header["as_of"]), pairs=pairs, customers=customers, products=products, days=days
        ),
        learned=read_learned(members["learned"]) if "learned" in members else None,
        purchases=pl.read_parquet(io.BytesIO(members["purchases.parquet"])) if "purchases.parquet" in members else None,
        options=header["options"],
    )


def _to_parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()
