"""One file a model: a zip of Parquet tables and a JSON header with the format's version; it runs no code."""

import datetime as dt
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from reorder.engine.repurchase.due import Fitted
from reorder.engine.repurchase.errors import ModelFileRefused
from reorder.engine.repurchase.hazard import HazardTable
from reorder.engine.repurchase.purchases import Purchases, count_pairs, day_number
from reorder.engine.repurchase.rates import Rates

FORMAT, VERSION = "reorder.repurchase", 1


@dataclass(frozen=True, slots=True)
class Stored:
    """What a model file holds."""

    as_of: dt.date
    fitted: Fitted
    summary: str


def write(*, path: Path, as_of: dt.date, fitted: Fitted, summary: str) -> None:
    """Write by way of a file beside it, so that a reader never sees half a model."""
    rates, purchases, table = fitted.rates, fitted.purchases, fitted.table
    header = {
        "format": FORMAT,
        "version": VERSION,
        "as_of": as_of.isoformat(),
        "summary": summary,
        "lookahead_days": fitted.lookahead_days,
        "base_rate": rates.base_rate,
        "shape": rates.shape,
        "table": None if table is None else {"multipliers": table.multipliers.tolist(), "learned": table.learned},
    }
    customers = (
        purchases.customer_ids.alias("customer_id").to_frame().with_columns(effect=pl.Series(rates.customer_effect))
    )
    tables = {
        "purchases": purchases.days,
        "customers": customers,
        "products": purchases.products.with_columns(effect=pl.Series(rates.product_effect)),
        "categories": pl.DataFrame({"effect": rates.category_effect}),
    }
    unfinished = path.with_name(path.name + ".part")
    with zipfile.ZipFile(unfinished, "w", compression=zipfile.ZIP_STORED) as archive:
        archive.writestr("header.json", json.dumps(header))
        for name, frame in tables.items():
            buffer = io.BytesIO()
            frame.write_parquet(buffer)
            archive.writestr(f"{name}.parquet", buffer.getvalue())
    unfinished.replace(path)


def read(*, path: Path) -> Stored:
    """The model in `path`; raises ModelFileRefused when it is of another version or damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            header = json.loads(archive.read("header.json"))
            _refuse_other_version(header=header, path=path)
            tables = {
                name: pl.read_parquet(io.BytesIO(archive.read(f"{name}.parquet")))
                for name in ("purchases", "customers", "products", "categories")
            }
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError) as fault:
        raise ModelFileRefused(path=path, version=VERSION, reason=str(fault)) from fault
    return _assemble(header=header, tables=tables)


def _refuse_other_version(*, header: dict[str, object], path: Path) -> None:
    found = (header.get("format"), header.get("version"))
    if found != (FORMAT, VERSION):
        raise ModelFileRefused(path=path, version=VERSION, reason=f"it says {found[0]} version {found[1]}")


def _assemble(*, header: dict[str, object], tables: dict[str, pl.DataFrame]) -> Stored:
    as_of = dt.date.fromisoformat(str(header["as_of"]))
    purchases = Purchases(
        days=tables["purchases"],
        customer_ids=tables["customers"]["customer_id"],
        products=tables["products"].drop("effect"),
    )
    rates = Rates(
        base_rate=float(str(header["base_rate"])),
        category_effect=tables["categories"]["effect"].to_numpy(),
        product_effect=tables["products"]["effect"].to_numpy(),
        customer_effect=tables["customers"]["effect"].to_numpy(),
        shape=float(str(header["shape"])),
    )
    stored = header["table"]
    table = None
    if isinstance(stored, dict):
        table = HazardTable(multipliers=np.array(stored["multipliers"]), learned=str(stored["learned"]))
    fitted = Fitted(
        purchases=purchases,
        pairs=count_pairs(purchases=purchases, cut=day_number(as_of)),
        rates=rates,
        table=table,
        lookahead_days=int(str(header["lookahead_days"])),
    )
    return Stored(as_of=as_of, fitted=fitted, summary=str(header["summary"]))
