"""Who is due: the likeliest repurchases of the coming days, with bands and evidence in words."""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from reorder.domain.catalog import queries as catalog
from reorder.domain.customers import queries as customers
from reorder.domain.planning import queries as planning
from reorder.engine import reasons
from reorder.kernel.ids import category_code_of, is_category_subject


@dataclass(frozen=True, slots=True)
class DueLine:
    """One customer and product: the day to remind, the predicted date with its bands, and why."""

    customer_key: str
    customer_name: str
    subject: str
    product_name: str
    remind_date: dt.date
    remind_hit_share: float
    due_date: dt.date
    half_band: tuple[dt.date, dt.date]
    wide_band: tuple[dt.date, dt.date]
    expected_units: float
    reason: str


def list_due(
    *,
    as_of: dt.date,
    days: int,
    limit: int,
    minimum_share: float = 0.0,
    translate: Callable[[str], str] = lambda sentence: sentence,
) -> list[DueLine]:
    """The `limit` likeliest pairs to remind within `days` from `as_of`, best first."""
    due = planning.frame_due(
        from_date=as_of,
        until_date=as_of + dt.timedelta(days=max(days - 1, 0)),
        minimum_share=minimum_share,
        limit=limit,
    )
    people = customers.list_customer_names(ids=[int(i) for i in due["customer_id"].unique()])
    names = name_subjects(subjects=due["sku"].unique().to_list())
    lines = []
    for row in due.iter_rows(named=True):
        person = people[int(row["customer_id"])]
        lines.append(
            DueLine(
                customer_key=person.key,
                customer_name=person.name,
                subject=row["sku"],
                product_name=names.get(row["sku"], (row["sku"], ""))[0],
                remind_date=row["remind_date"],
                remind_hit_share=row["remind_hit_share"],
                due_date=row["due_date"],
                half_band=(row["due_p25_date"], row["due_p75_date"]),
                wide_band=(row["due_p10_date"], row["due_p90_date"]),
                expected_units=row["expected_units"],
                reason=_reason(row=row, category=names.get(row["sku"], ("", ""))[1], as_of=as_of, translate=translate),
            )
        )
    return lines


def _reason(*, row: dict[str, Any], category: str, as_of: dt.date, translate: Callable[[str], str]) -> str:
    """The sentence behind a prediction, from the columns that were saved with it."""
    last_bought: dt.date = row["last_bought_date"]
    parameters = {
        "orders_count": row["orders_count"],
        "last_bought": last_bought.isoformat(),
        "gap_days": max(round(row["usual_gap_days"]), 1),
        "elapsed_days": (as_of - last_bought).days,
        "category": category,
    }
    return reasons.render(code=row["reason_code"], parameters=parameters, translate=translate)


def name_subjects(*, subjects: Collection[str]) -> dict[str, tuple[str, str]]:
    """What to call each planned subject, and its category: a product's name, or the category's code."""
    skus = [subject for subject in subjects if not is_category_subject(subject=subject)]
    products = catalog.list_products_by_sku(skus=skus)
    names = {sku: (product.name, product.category_code or "") for sku, product in products.items()}
    codes = {s: category_code_of(subject=s) for s in subjects if is_category_subject(subject=s)}
    return names | {subject: (code, code) for subject, code in codes.items()}
