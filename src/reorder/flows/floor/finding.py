"""What a scanned code is in this shop: a product, so many of it, a bin; and a clear word where it is nothing."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reorder.domain.catalog.scanned import (
    ScannedProduct,
    codes_of,
    find_products_by_codes,
    list_near_codes,
    list_scanned_products,
)
from reorder.domain.catalog.units import UnitRow, units_of_products
from reorder.domain.warehouse.bins import place_of_bin
from reorder.domain.warehouse.errors import UnknownBin
from reorder.domain.warehouse.packs import find_pack
from reorder.flows.floor.codes import ReadCode, gtin_spellings, item_inside, normalise, read_code, refuse_wrong_number
from reorder.flows.floor.errors import BinOfAnotherPlace, ManyProducts, UnknownCode, UnknownCodeAtAll
from reorder.kernel.quantity import plain_decimal

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundProduct:
    """A product in hand. `pack_units` are selling units in one of what was scanned: 1, or more in a case.

    `is_pack_unsure` tells that the code is that of a pack of this product, and that nobody has said yet of which unit;
    `pack_choices` are the units it can be.
    """

    product: ScannedProduct
    read: ReadCode
    pack_units: Decimal = _ONE
    unit_code: str = ""
    is_pack_unsure: bool = False
    pack_choices: tuple[UnitRow, ...] = ()


def find_product(*, text: str, among: Sequence[int] | None = None) -> FoundProduct:
    """The one product that a scan means; `among` are the products it can be here, which settle a shared code.

    Raises UnreadableCode, WrongCheckDigit, UnknownCode (with what is near), ManyProducts.
    """
    read = read_code(text=text)
    gtin = read.item_gtin or (read.code if read.kind == "gtin" else "")
    found = _one_of(read=read, products=find_products_by_codes(codes=_spellings(read, gtin=gtin)), among=among)
    if found is not None:
        return FoundProduct(product=found, read=read)
    pack = _find_pack(read=read, gtin=gtin, among=among)
    if pack is not None:
        return pack
    refuse_wrong_number(read=read)
    near = ", ".join(f"{code} ({sku})" if code != sku else sku for code, sku in list_near_codes(code=read.code))
    if near:
        raise UnknownCode(text=read.code, near=near)
    raise UnknownCodeAtAll(text=read.code)


def expected_codes(*, product_ids: Sequence[int]) -> dict[int, list[str]]:
    """For plans: every code, normalised, that means each of these products itself (not a case of it)."""
    products = list(list_scanned_products(product_ids=product_ids).values())
    return {
        product_id: sorted({normalise(text=code) for code in codes})
        for product_id, codes in codes_of(products=products).items()
    }


def look_up(*, text: str, place_code: str) -> dict[str, Any]:
    """What a code is at this place, for a screen: {"kind": "product" | "bin", …}. Raises as `find_product`.

    Of a product: what must be asked when it comes in (`needs`), and the units in what was scanned.
    """
    code = normalise(text=text)
    with suppress(UnknownBin):
        place = place_of_bin(code=code)
        return {"kind": "bin", "code": code, "place": place, "is_here": place == place_code}
    found = find_product(text=text)
    return {
        "kind": "product",
        **product_details(product=found.product),
        "codes": expected_codes(product_ids=[found.product.id]).get(found.product.id, []),
        "needs": ["units", "lot", "expires"] if found.product.shelf_life_days else ["units"],
        "pack_units": plain_decimal(number=found.pack_units),
        "unit": found.unit_code,
    }


def refuse_bin_elsewhere(*, code: str, place_code: str) -> None:
    """Raises UnknownBin, and BinOfAnotherPlace for a bin that is not at the place where one works."""
    place = place_of_bin(code=code)
    if place != place_code:
        raise BinOfAnotherPlace(bin=code, place=place, here=place_code)


def product_details(*, product: ScannedProduct) -> Mapping[str, Any]:
    """What a step of a plan says of a product."""
    return {"product_id": product.id, "sku": product.sku, "name": product.name}


def _spellings(read: ReadCode, *, gtin: str) -> list[str]:
    plain = read.text.strip()
    return list({*(gtin_spellings(gtin=gtin) if gtin else ()), read.code, plain, plain.upper()})


def _one_of(
    *, read: ReadCode, products: Sequence[ScannedProduct], among: Sequence[int] | None
) -> ScannedProduct | None:
    if len(products) > 1 and among is not None:
        products = [one for one in products if one.id in among] or products
    if len(products) > 1:
        raise ManyProducts(text=read.code, skus=", ".join(one.sku for one in products))
    return products[0] if products else None


def _find_pack(*, read: ReadCode, gtin: str, among: Sequence[int] | None) -> FoundProduct | None:
    """A case by its own code: told before, or by its GTIN-14, whose digits are those of the items inside."""
    known = find_pack(code=gtin or read.code)
    if known is not None:
        product = list_scanned_products(product_ids=[known.product_id]).get(known.product_id)
        units = {one.code: one for one in units_of_products(product_ids=[known.product_id]).get(known.product_id, [])}
        if product is not None and known.unit_code in units:
            row = units[known.unit_code]
            return FoundProduct(product=product, read=read, pack_units=row.units, unit_code=row.code)
    inside = item_inside(gtin=gtin) if gtin else ""
    product = (
        _one_of(read=read, products=find_products_by_codes(codes=gtin_spellings(gtin=inside)), among=among)
        if inside
        else None
    )
    if product is None:
        return None
    units_of = tuple(units_of_products(product_ids=[product.id]).get(product.id, []))
    if len(units_of) == 1:
        return FoundProduct(product=product, read=read, pack_units=units_of[0].units, unit_code=units_of[0].code)
    return FoundProduct(product=product, read=read, is_pack_unsure=True, pack_choices=units_of)
