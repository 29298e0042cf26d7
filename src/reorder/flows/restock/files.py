"""Purchase orders as files in the home folder, written once their transaction has committed."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.flows.restock.document import order_as_csv
from reorder.flows.shop_day import shop_date


def save_order_files(*, orders: Sequence[PurchaseOrderRow]) -> list[Path]:
    """Write each order as a CSV file into the folder purchase-orders of the home folder.

    May run again: the same order gives the same file.
    """
    folder = Path(settings.HOME) / "purchase-orders"
    folder.mkdir(parents=True, exist_ok=True)
    return [_save_file(folder=folder, order=order) for order in orders]


def save_order_files_later(*, orders: Sequence[PurchaseOrderRow]) -> None:
    """Write the files when the open transaction, however wide, has committed.

    A full disk is logged and fails nothing: the orders stand, and `reorder orders NUMBER` writes a file again.
    """
    transaction.on_commit(partial(save_order_files, orders=orders), robust=True)


def _save_file(*, folder: Path, order: PurchaseOrderRow) -> Path:
    file = folder / f"{order.number}.csv"
    part = file.with_suffix(".csv.part")
    part.write_bytes(order_as_csv(order=order, placed_date=shop_date(moment=order.placed_at)))
    part.replace(file)
    return file
