"""What is learned weekly from order lines and kept as bytes; a model of counts alone needs nothing else.

What events are worth is learned on top of it, in `eventful`.
"""

import datetime as dt
import io
import json
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import polars as pl

from reorder.engine.repurchase import envelope
from reorder.engine.repurchase.behaviour import EventWeights
from reorder.engine.repurchase.boosting import Boosted, NotBoosted, learn_boosting
from reorder.engine.repurchase.factors import ProductFactors
from reorder.engine.repurchase.hazard import HazardTable, learn_table
from reorder.engine.repurchase.purchases import day_number
from reorder.engine.repurchase.shopdays import ShopCalendar, ShopDays, measure_days
from reorder.engine.repurchase.statistics import count_shop_days

KIND: Final = "reorder.repurchase.learned"
VERSION: Final = 1
STALE_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class Learned:
    """What many days taught, as of `as_of`; `summary` says which layers there are and why not more."""

    as_of: dt.date
    summary: str
    table: HazardTable | None
    calendar: ShopCalendar = field(default_factory=lambda: ShopCalendar(country=""))
    boosted: Boosted | None = None
    event_weights: EventWeights | None = None

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
            "calendar": {
                "country": self.calendar.country,
                "weekdays": list(self.calendar.weekdays),
                "kinds": dict(self.calendar.kinds),
            },
            "event_weights": None if self.event_weights is None else self.event_weights.as_json(),
        }
        members = {"header.json": json.dumps(header).encode()}
        if self.boosted is not None:
            members |= _boosted_members(self.boosted)
        return envelope.pack(kind=KIND, version=VERSION, members=members)


def read_learned(content: bytes) -> Learned:
    """What `to_bytes` wrote; raises ModelFileRefused for another version, a wrong checksum or foreign bytes."""
    members = envelope.unpack(content=content, kind=KIND, version=VERSION, name="the learned model")
    header = json.loads(members["header.json"])
    table, calendar = header["table"], header["calendar"]
    return Learned(
        as_of=dt.date.fromisoformat(header["as_of"]),
        summary=header["summary"],
        table=None
        if table is None
        else HazardTable(multipliers=np.array(table["multipliers"], dtype=np.float64), learned=table["learned"]),
        calendar=ShopCalendar(
            country=calendar["country"], weekdays=tuple(calendar["weekdays"]), kinds=calendar["kinds"]
        ),
        boosted=_read_boosted(members) if "boosted.json" in members else None,
        event_weights=EventWeights.from_json(weights) if (weights := header.get("event_weights")) else None,
    )


def _boosted_members(boosted: Boosted) -> dict[str, bytes]:
    buffer = io.BytesIO()
    np.save(buffer, boosted.factors.vectors.astype(np.float64), allow_pickle=False)
    settings = {
        "last_bin": boosted.last_bin,
        "learned": boosted.learned,
        "features": list(boosted.features),
        "level": boosted.level,
    }
    return {
        "boosted.json": json.dumps(settings).encode(),
        "boosted.txt": boosted.trees.encode(),
        "factors.json": json.dumps(boosted.factors.skus.to_list()).encode(),
        "factors.npy": buffer.getvalue(),
    }


def _read_boosted(members: dict[str, bytes]) -> Boosted:
    settings: dict[str, Any] = json.loads(members["boosted.json"])
    return Boosted(
        trees=members["boosted.txt"].decode(),
        features=tuple(settings["features"]),
        last_bin=settings["last_bin"],
        learned=settings["learned"],
        level=settings["level"],
        factors=ProductFactors(
            skus=pl.Series("sku", json.loads(members["factors.json"]), dtype=pl.String),
            vectors=np.load(io.BytesIO(members["factors.npy"]), allow_pickle=False),
        ),
    )


def learn_purchases_quickly(*, purchases: pl.DataFrame, as_of: dt.date, country: str) -> Learned:
    """Layer 1 alone, from lines that are collapsed already: hazard table, weekdays and holidays."""
    shop_days = measure_days(days=count_shop_days(purchases), cut=day_number(as_of), country=country)
    return _learn_layer_1(purchases=purchases, as_of=as_of, shop_days=shop_days)


def _learn_layer_1(*, purchases: pl.DataFrame, as_of: dt.date, shop_days: ShopDays) -> Learned:
    cut = day_number(as_of)
    found = learn_table(purchases=purchases, cut=cut, shop_days=shop_days)
    if isinstance(found, HazardTable):
        summary, table = f"with a hazard table learned from {found.learned}", found
    else:
        summary, table = f"without a hazard table, because {found.why}", None
    return Learned(as_of=as_of, summary=summary, table=table, calendar=shop_days.calendar)


def learn_purchases(*, purchases: pl.DataFrame, as_of: dt.date, country: str, seed: int = 0) -> Learned:
    """All layers that the history supports, from lines that are collapsed already."""
    cut = day_number(as_of)
    shop_days = measure_days(days=count_shop_days(purchases), cut=cut, country=country)
    quick = _learn_layer_1(purchases=purchases, as_of=as_of, shop_days=shop_days)
    found = learn_boosting(purchases=purchases, cut=cut, shop_days=shop_days, table=quick.table, seed=seed)
    if isinstance(found, NotBoosted):
        return replace(quick, summary=f"{quick.summary}; no layer 2, because {found.why}")
    return replace(quick, summary=f"{quick.summary}; layer 2 learned from {found.learned}", boosted=found)
