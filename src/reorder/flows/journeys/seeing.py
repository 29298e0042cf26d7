"""Facts with what is known about their goods."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from reorder.domain.catalog.queries import list_products_by_sku
from reorder.domain.marketing.facts import FactRow
from reorder.domain.marketing.journeys.ways import SeenFact
from reorder.domain.marketing.rules import FACT_KINDS


def see_facts(*, rows: Sequence[FactRow]) -> list[SeenFact]:
    """The facts in their order, with the products that they are about and the categories of those."""
    goods = [_skus(row) for row in rows]
    products = list_products_by_sku(skus=sorted({sku for skus in goods for sku in skus}))
    return [
        SeenFact(
            kind=row.kind,
            customer_id=row.customer_id,
            happened_at=row.happened_at,
            subject=row.subject,
            skus=skus,
            categories=tuple(
                dict.fromkeys(
                    code for sku in skus if sku in products and (code := products[sku].category_code) is not None
                )
            ),
            details=row.details,
        )
        for row, skus in zip(rows, goods, strict=True)
    ]


def _skus(row: FactRow) -> tuple[str, ...]:
    told: Any = row.details.get("skus", ())
    named = [row.subject] if FACT_KINDS.get(row.kind) == "sku" and row.subject else []
    return tuple(dict.fromkeys([*named, *(sku for sku in told if isinstance(sku, str))]))


def see_sample(*, kind: str, customer_id: int, subject: str, skus: Sequence[str], moment: dt.datetime) -> SeenFact:
    """A fact that might happen, with what is known about its goods."""
    given = FactRow(0, kind, customer_id, subject, {"skus": list(skus)}, moment)
    return see_facts(rows=[given])[0]
