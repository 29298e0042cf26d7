"""A basket model in one file of numbers and text: version and checksum first, nothing in it is run when read."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reorder.engine.recommend.errors import BasketModelRefused
from reorder.engine.recommend.learning import Ranking
from reorder.engine.recommend.neighbours import Neighbours
from reorder.engine.recommend.purchases import Assortment
from reorder.engine.recommend.shop import Shop

if TYPE_CHECKING:
    import scipy.sparse as sp

VERSION = 1
_MAGIC = b"reorder-basket"
_MATRICES = ("together", "alike", "after")


@dataclass(frozen=True, slots=True)
class Stored:
    """What a file holds."""

    shop: Shop
    ranking: Ranking | None
    seed: int


def pack(*, stored: Stored) -> bytes:
    """A line with kind, version and SHA-256, then a zip of parquet, JSON and text."""
    shop, ranking = stored.shop, stored.ranking
    header = {
        "end": shop.end,
        "seed": stored.seed,
        "ranking": None
        if ranking is None
        else {name: value for name, value in asdict(ranking).items() if name != "booster"},
    }
    members: dict[str, bytes] = {
        "header.json": json.dumps(header).encode(),
        "products.parquet": _parquet(
            shop.products.with_columns(sku=shop.assortment.skus, category_number=pl.Series(shop.assortment.category_of))
        ),
        "categories.parquet": _parquet(pl.DataFrame({"category": shop.assortment.categories})),
        "companions.parquet": _parquet(shop.neighbours.companions),
    }
    members |= {f"{name}.parquet": _parquet(_entries(getattr(shop.neighbours, name))) for name in _MATRICES}
    if ranking is not None:
        members["booster.txt"] = ranking.booster.encode()
    body = _zip(members)
    return b"%s %d %s\n" % (_MAGIC, VERSION, hashlib.sha256(body).hexdigest().encode()) + body


def unpack(*, content: bytes) -> Stored:
    """What `pack` wrote; raises BasketModelRefused for another version, a wrong checksum or foreign bytes."""
    members = _members(content)
    header = json.loads(members["header.json"])
    products = pl.read_parquet(io.BytesIO(members["products.parquet"]))
    size = products.height
    told = header["ranking"]
    return Stored(
        shop=Shop(
            assortment=Assortment(
                skus=products["sku"],
                categories=pl.read_parquet(io.BytesIO(members["categories.parquet"]))["category"],
                category_of=products["category_number"].to_numpy(),
            ),
            end=header["end"],
            products=products.drop("sku", "category_number"),
            neighbours=Neighbours(
                **{name: _matrix(members[f"{name}.parquet"], size=size) for name in _MATRICES},
                companions=pl.read_parquet(io.BytesIO(members["companions.parquet"])),
            ),
        ),
        ranking=None if told is None else Ranking(booster=members["booster.txt"].decode(), **told),
        seed=header["seed"],
    )


def _members(content: bytes) -> dict[str, bytes]:
    head, _, body = content.partition(b"\n")
    match head.split(b" "):
        case [magic, version, checksum] if magic == _MAGIC:
            pass
        case _:
            raise BasketModelRefused(version=VERSION, reason="it is something else")
    if version != str(VERSION).encode():
        raise BasketModelRefused(version=VERSION, reason=f"its version is {version.decode(errors='replace')}")
    if hashlib.sha256(body).hexdigest().encode() != checksum:
        raise BasketModelRefused(version=VERSION, reason="its checksum differs, so it is damaged")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _zip(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            # A fixed moment: the same model gives the same bytes.
            archive.writestr(zipfile.ZipInfo(name), member, compress_type=zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def _entries(matrix: "sp.csr_matrix") -> pl.DataFrame:
    rows = np.repeat(np.arange(matrix.shape[0], dtype=np.int32), np.diff(matrix.indptr))
    return pl.DataFrame({"item": rows, "other": matrix.indices.astype(np.int32), "weight": matrix.data})


def _matrix(member: bytes, *, size: int) -> "sp.csr_matrix":
    import scipy.sparse as sp

    entries = pl.read_parquet(io.BytesIO(member))
    places = (entries["item"].to_numpy(), entries["other"].to_numpy())
    matrix = sp.csr_matrix((entries["weight"].to_numpy(), places), shape=(size, size))
    matrix.sort_indices()
    return matrix
