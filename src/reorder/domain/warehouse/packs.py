"""Codes of packs: what a case, an inner or a pallet is, told once by a person and known from then on."""

import datetime as dt
from dataclasses import dataclass

from reorder.domain.warehouse.scan_models import PackCode


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPack:
    """A pack of a product, in a unit of it (empty: the selling unit)."""

    product_id: int
    unit_code: str


def find_pack(*, code: str) -> KnownPack | None:
    """What is known under the code of a pack; None when nobody has told it."""
    found = PackCode.objects.filter(code=code).first()
    return KnownPack(product_id=found.product_id, unit_code=found.unit_code) if found else None


def learn_pack(*, code: str, product_id: int, unit_code: str, told_by: str, moment: dt.datetime) -> None:
    """Keep what a person told about the code of a pack; the last word counts. Part of the caller's transaction."""
    PackCode.objects.update_or_create(
        code=code,
        defaults={"product_id": product_id, "unit_code": unit_code, "told_by": told_by, "told_at": moment},
    )
