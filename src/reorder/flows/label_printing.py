"""Labels to print, from the records: bins, products, totes, pallets; as one PDF or as ZPL."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.conf import settings

from reorder.domain.inventory.queries import find_place
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.label_goods import ProductToLabel, find_product_to_label, list_bins_to_label
from reorder.domain.warehouse.logistic_units import NewUnit, make_units
from reorder.flows.documents.barcodes import is_gtin
from reorder.flows.documents.labels import (
    BinLabel,
    CodeForm,
    Label,
    LabelForm,
    PalletLabel,
    ProductLabel,
    ToteLabel,
    labels_pdf,
    labels_zpl,
)
from reorder.kernel.errors import BadInput

FileForm = Literal["pdf", "zpl"]
# A sheet of 24 takes a tenth of a second, a label for a label printer as long.
MOST_LABELS = 1000
MOST_ZPL_LABELS = 200
_MOST_PALLETS = 100


class NothingToPrint(BadInput):
    """The form names nothing that a label could be made of."""

    code = "labels.nothing_to_print"
    template = "There is nothing to print: {reason}."


class TooManyLabels(BadInput):
    """More at once than a person waits for."""

    code = "labels.too_many"
    template = "That is more than {most} labels at once: print them in parts."


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPaper:
    """How labels are wanted."""

    form: LabelForm = "roll"
    file: FileForm = "pdf"
    language: str = "en"
    code_form: CodeForm = "data_matrix"


@dataclass(frozen=True, slots=True)
class LabelFile:
    """A file of labels; `name` has its ending."""

    content: bytes
    content_type: str
    name: str


def print_bins(
    *,
    place_code: str,
    actor: Actor,
    paper: LabelPaper,
    moment: dt.datetime,
    zone_code: str = "",
    codes: Sequence[str] | None = None,
    first: str = "",
    last: str = "",
) -> LabelFile:
    """Labels of bins of a place: of a zone, by name, or from one to another. Raises NothingToPrint, TooManyLabels."""
    bins = (
        list_bins_to_label(
            place_code=place_code, zone_code=zone_code, codes=codes, first=first, last=last, limit=MOST_LABELS + 1
        )
        if actor.may_at(place_code)
        else []
    )
    if not bins:
        raise NothingToPrint(reason="no bin of this place fits")
    labels = [BinLabel(code=one.code, level=one.level, zone=one.zone_name) for one in bins]
    return _file(labels, name="bins", paper=paper, moment=moment)


def print_product(
    *,
    sku: str,
    paper: LabelPaper,
    moment: dt.datetime,
    lot: str = "",
    expires: dt.date | None = None,
    copies: int = 1,
) -> LabelFile:
    """Labels of one product with lot and expiry. Raises NothingToPrint, TooManyLabels, BadBarcode."""
    product = find_product_to_label(sku=sku)
    if product is None:
        raise NothingToPrint(reason="there is no such product")
    _refuse_bad_count(copies)
    one = ProductLabel(code=product.code, sku=product.sku, name=product.name, lot=lot, expires=expires)
    return _file([one] * copies, name="product", paper=paper, moment=moment)


def print_totes(*, prefix: str, first: int, count: int, paper: LabelPaper, moment: dt.datetime) -> LabelFile:
    """Labels of totes or carts: a prefix and running numbers of three digits. Raises NothingToPrint, BadBarcode."""
    _refuse_bad_count(count)
    if not prefix or first < 0:
        raise NothingToPrint(reason="give the letters in front of the numbers")
    labels = [ToteLabel(code=f"{prefix.upper()}{number:03}") for number in range(first, first + count)]
    return _file(labels, name="totes", paper=paper, moment=moment)


def make_pallets(
    *,
    place_code: str,
    actor: Actor,
    paper: LabelPaper,
    moment: dt.datetime,
    count: int = 1,
    sku: str = "",
    units: Decimal | None = None,
    lot: str = "",
    expires: dt.date | None = None,
) -> LabelFile:
    """New numbers (SSCC) for pallets of a place, with labels; each number is given once, whatever becomes of its label.

    Raises NothingToPrint, NoCompanyPrefix, TooManyLabels, BadBarcode.
    """
    place = find_place(code=place_code) if actor.may_at(place_code) else None
    product = find_product_to_label(sku=sku) if sku else None
    if place is None or (sku and product is None):
        raise NothingToPrint(reason="there is no such product" if place else "there is no such place")
    if product and (units is None or units <= 0):
        raise NothingToPrint(reason="say how many units stand on the pallet")
    _refuse_bad_count(count, most=_MOST_PALLETS)
    new = NewUnit(product_id=product.id, units=units, lot=lot, expires_date=expires) if product else NewUnit()
    with one_transaction():
        numbers = make_units(
            company_prefix=settings.REORDER.gs1_company_prefix,
            place_id=place.id,
            units=[new] * count,
            made_by=actor.name,
        )
        labels = [_pallet_label(number, place_name=place.name, product=product, unit=new) for number in numbers]
        # Within the transaction: a label that cannot be made uses up no number.
        made = _file(
            labels,
            name="pallets",
            paper=LabelPaper(form="pallet", file=paper.file, language=paper.language),
            moment=moment,
        )
        record_audit(
            actor=actor.name,
            action="warehouse.make_pallets",
            subject_kind="place",
            subject_key=place_code,
            details={"first": numbers[0], "last": numbers[-1]},
        )
    return made


def _pallet_label(number: str, *, place_name: str, product: ProductToLabel | None, unit: NewUnit) -> PalletLabel:
    return PalletLabel(
        sscc=number,
        place_name=place_name,
        product_name=product.name if product else "",
        gtin=product.code if product and is_gtin(code=product.code) else "",
        units=unit.units,
        lot=unit.lot,
        expires=unit.expires_date,
    )


def _file(labels: Sequence[Label], *, name: str, paper: LabelPaper, moment: dt.datetime) -> LabelFile:
    most = MOST_ZPL_LABELS if paper.file == "zpl" else MOST_LABELS
    if len(labels) > most:
        raise TooManyLabels(most=most)
    shop = settings.REORDER.shop_name
    if paper.file == "zpl":
        text = labels_zpl(
            labels=labels,
            form=paper.form,
            language=paper.language,
            shop_name=shop,
            moment=moment,
            code_form=paper.code_form,
        )
        return LabelFile(text.encode(), "application/x-zpl", f"{name}.zpl")
    pdf = labels_pdf(
        labels=labels,
        form=paper.form,
        language=paper.language,
        shop_name=shop,
        moment=moment,
        code_form=paper.code_form,
    )
    return LabelFile(pdf, "application/pdf", f"{name}.pdf")


def _refuse_bad_count(count: int, *, most: int = MOST_LABELS) -> None:
    if count < 1:
        raise NothingToPrint(reason="give at least one label")
    if count > most:
        raise TooManyLabels(most=most)


# Said within sentences above; looked up when they are shown.
REASON_TEMPLATES = (
    "no bin of this place fits",
    "there is no such product",
    "there is no such place",
    "give the letters in front of the numbers",
    "say how many units stand on the pallet",
    "give at least one label",
)
