"""Commitments and bundles out of a file: each commitment and each bundle is taken whole or not at all."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from django.db import transaction

from reorder.domain.catalog import bundles
from reorder.domain.catalog.bundles import Component
from reorder.domain.planning.rules import COMMITTED_KINDS
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction, widened_transaction
from reorder.flows.demand_plan.committing import CommitmentLine, commit_demand
from reorder.flows.file_import.lists import ListRow, RefusedRow, read_list
from reorder.kernel.errors import BadInput, explain_error

_SKU: Final = ("sku", "product", "product_code", "item", "商品編號", "商品代碼", "品號", "貨號", "料號")
COMMITMENT_WORDS: Final[Mapping[str, Sequence[str]]] = {
    "kind": ("kind", "type", "種類", "類型", "類別"),
    "key": ("key", "commitment", "name", "code", "代號", "編號", "名稱"),
    "sku": _SKU,
    "place": ("place", "place_code", "warehouse", "location", "倉庫", "倉別", "地點"),
    "date": ("date", "from_date", "from", "start_date", "日期", "開始日期", "起日"),
    "until": ("until", "until_date", "end_date", "to", "結束日期", "迄日"),
    "units": ("units", "quantity", "qty", "數量", "件數"),
    "deviation": ("deviation", "deviation_units", "uncertainty", "sd", "標準差", "誤差"),
    "reason": ("reason", "note", "remark", "備註", "說明", "原因"),
}
BUNDLE_WORDS: Final[Mapping[str, Sequence[str]]] = {
    "bundle": ("bundle_sku", "bundle", "set_sku", "kit_sku", "組合商品編號", "組合編號", "套組編號", "組合品號"),
    "component": ("component_sku", "component", "part_sku", "內含商品編號", "單品編號", "組件編號", "單品品號"),
    "units": ("units", "quantity", "qty", "數量", "件數"),
}
KIND_WORDS: Final[Mapping[str, str]] = {
    **{kind: kind for kind in COMMITTED_KINDS},
    **{kind.replace("_", " "): kind for kind in COMMITTED_KINDS},
    "subscription": "recurring_order",
    "preorder": "pre_order",
    "定期購": "recurring_order",
    "定期訂單": "recurring_order",
    "預購": "pre_order",
    "活動": "campaign",
    "檔期": "campaign",
    "提醒": "reminder",
    "價格調整": "price_change",
    "調價": "price_change",
}
# Why rows are refused, for the extractor.
REASON_TEMPLATES: Final = (
    "the row has more or fewer cells than the header",
    "this is not a number",
    "write a date like 2026-11-23",
    "unknown kind; one of these is expected: {value}",
    "this must not be empty",
    "another row of it was refused",
)


@dataclass(frozen=True, slots=True)
class ListReport:
    """What became of a file: rows read, things taken and changed, rows refused (with everything beside them)."""

    rows_read: int
    taken_count: int
    changed_count: int
    refused: Sequence[RefusedRow]


def import_commitments(
    *,
    path: Path,
    today: dt.date,
    moment: dt.datetime,
    decided_by: str,
    is_trial: bool = False,
) -> ListReport:
    """Take every commitment of a file; those of the same kind and key are one, and replace what stood under it.

    A commitment with a row that cannot be read is left as it was. With `is_trial` nothing is kept. Raises what makes a
    file unreadable.
    """
    rows, refused = read_list(path=path, words=COMMITMENT_WORDS, required=("kind", "key", "sku", "date", "units"))
    groups, spoilt, unread = _group(rows)
    refused += unread
    changed = taken = 0
    with widened_transaction():
        for (kind, key), made in groups.items():
            if (kind, key) in spoilt:
                refused += [RefusedRow(row.number, "another row of it was refused") for row, _line_of in made]
                continue
            try:
                with transaction.atomic():
                    done = commit_demand(
                        kind=kind,
                        key=key,
                        lines=[line for _row, line in made],
                        place_codes=frozenset(),
                        today=today,
                        moment=moment,
                        decided_by=decided_by,
                        reason=next((row.cell("reason") for row, _ in made if row.cell("reason")), ""),
                    )
            except BadInput as fault:
                said = explain_error(error=fault, translate=str)
                refused += [RefusedRow(row.number, said) for row, _ in made]
                continue
            taken += 1
            changed += bool(done.written_count + done.withdrawn_count)
        if is_trial:
            transaction.set_rollback(True)
    return ListReport(len(rows), taken, changed, sorted(refused, key=lambda one: one.number))


def import_bundles(*, path: Path, decided_by: str, is_trial: bool = False) -> ListReport:
    """Take every bundle of a file, each with all its components; bundles that the file does not name stay."""
    rows, refused = read_list(path=path, words=BUNDLE_WORDS, required=("bundle", "component", "units"))
    groups: dict[str, list[tuple[ListRow, Component]]] = {}
    spoilt: set[str] = set()
    for row in rows:
        part = _component(row=row)
        if isinstance(part, RefusedRow):
            refused.append(part)
            spoilt.add(row.cell("bundle"))
        else:
            groups.setdefault(row.cell("bundle"), []).append((row, part))
    changed = taken = 0
    with widened_transaction():
        for sku, made in groups.items():
            if sku in spoilt:
                refused += [RefusedRow(row.number, "another row of it was refused") for row, _ in made]
                continue
            try:
                with transaction.atomic():
                    is_changed = set_bundle(sku=sku, components=[part for _, part in made], decided_by=decided_by)
            except BadInput as fault:
                said = explain_error(error=fault, translate=str)
                refused += [RefusedRow(row.number, said) for row, _ in made]
                continue
            taken += 1
            changed += is_changed
        if is_trial:
            transaction.set_rollback(True)
    return ListReport(len(rows), taken, changed, sorted(refused, key=lambda one: one.number))


def set_bundle(*, sku: str, components: Sequence[Component], decided_by: str) -> bool:
    """From now on a bundle is made of these (none: it is no bundle); True when something changed.

    The next night plans its components by what is bought of it. Raises UnknownProduct, BadBundle.
    """
    with one_transaction():
        is_changed = bundles.put_bundle(sku=sku, components=components)
        if is_changed:
            record_audit(
                actor=decided_by,
                action="catalog.set_bundle",
                subject_kind="product",
                subject_key=sku,
                details={"components": {one.sku: str(one.units) for one in components}},
            )
    return is_changed


_Groups = dict[tuple[str, str], list[tuple[ListRow, CommitmentLine]]]


def _group(rows: Sequence[ListRow]) -> tuple[_Groups, set[tuple[str, str]], list[RefusedRow]]:
    """Lines by (kind, key), those of them that have a row which cannot be read, and these rows."""
    groups: _Groups = {}
    spoilt: set[tuple[str, str]] = set()
    refused = []
    for row in rows:
        kind = KIND_WORDS.get(row.cell("kind").lower(), "")
        name = (kind or row.cell("kind"), row.cell("key"))
        line = _line(row=row, kind=kind)
        if isinstance(line, RefusedRow):
            refused.append(line)
            spoilt.add(name)
        else:
            groups.setdefault(name, []).append((row, line))
    return groups, spoilt, refused


def _line(*, row: ListRow, kind: str) -> CommitmentLine | RefusedRow:
    if not kind:
        return RefusedRow(row.number, "unknown kind; one of these is expected: {value}", ", ".join(COMMITTED_KINDS))
    if not row.cell("key") or not row.cell("sku"):
        return RefusedRow(row.number, "this must not be empty")
    units, deviation = _number(row.cell("units")), _number(row.cell("deviation") or "0")
    if units is None or deviation is None:
        return RefusedRow(row.number, "this is not a number", row.cell("units" if units is None else "deviation"))
    first, last = _day(row.cell("date")), _day(row.cell("until") or row.cell("date"))
    if first is None or last is None:
        return RefusedRow(row.number, "write a date like 2026-11-23", row.cell("date" if first is None else "until"))
    return CommitmentLine(
        sku=row.cell("sku"),
        from_date=first,
        until_date=last,
        units=units,
        deviation_units=deviation,
        place_code=row.cell("place"),
    )


def _component(*, row: ListRow) -> Component | RefusedRow:
    if not row.cell("bundle") or not row.cell("component"):
        return RefusedRow(row.number, "this must not be empty")
    try:
        units = Decimal(row.cell("units"))
    except InvalidOperation:
        return RefusedRow(row.number, "this is not a number", row.cell("units"))
    if not units.is_finite():
        return RefusedRow(row.number, "this is not a number", row.cell("units"))
    return Component(sku=row.cell("component"), units=units)


def _number(text: str) -> float | None:
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _day(text: str) -> dt.date | None:
    for pattern in ("%Y-%m-%d", "%Y/%m/%d"):
        try:
            return dt.datetime.strptime(text[:10], pattern).replace(tzinfo=dt.UTC).date()
        except ValueError:
            continue
    return None
