"""Bundles: what each is made of; circles are refused with the way that leads round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import polars as pl
from django.db import connection

from reorder.domain.catalog.errors import BadBundle, UnknownProduct
from reorder.domain.catalog.models import BundleComponent, Product
from reorder.domain.catalog.rules import BUNDLE_LEAVES_SQL, SUBJECT_SQL, find_circle
from reorder.domain.storage import fetch_prepared, read_frame, run_sql, take_transaction_locks
from reorder.kernel.quantity import MAXIMUM_UNITS

MOST_COMPONENTS: Final = 200
_LEAVES: Final = f"""{BUNDLE_LEAVES_SQL}
SELECT bundle.sku AS bundle, {SUBJECT_SQL} AS subject, sum(leaf.units)::float8 AS units
FROM leaf JOIN catalog_product AS bundle ON bundle.id = leaf.product_id
JOIN catalog_product AS product ON product.id = leaf.component_id
LEFT JOIN catalog_category AS category ON category.id = product.category_id GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608 - constants of ours
_PUT: Final = """
INSERT INTO catalog_bundlecomponent AS known (bundle_id, component_id, units)
SELECT bundle.id, part.id, given.units FROM unnest(%(skus)s::text[], %(units)s::numeric[]) AS given(sku, units)
JOIN catalog_product AS part ON part.sku = given.sku
JOIN catalog_product AS bundle ON bundle.sku = %(bundle)s
ON CONFLICT (bundle_id, component_id) DO UPDATE SET units = excluded.units WHERE known.units <> excluded.units
"""
_DROP: Final = """
DELETE FROM catalog_bundlecomponent AS known USING catalog_product AS bundle, catalog_product AS part
WHERE bundle.id = known.bundle_id AND part.id = known.component_id AND bundle.sku = %(bundle)s
  AND part.sku <> ALL(%(skus)s::text[])
"""


# Only the wanted bundles are opened, so that an order costs the same however many bundles there are.
_PARTS: Final = """
WITH RECURSIVE part(product_id, component_id, units) AS (
    SELECT bundle_id, component_id, units::numeric FROM catalog_bundlecomponent
    WHERE bundle_id = ANY(%(product_ids)s::bigint[])
    UNION ALL
    SELECT part.product_id, deeper.component_id, part.units * deeper.units
    FROM part JOIN catalog_bundlecomponent AS deeper ON deeper.bundle_id = part.component_id
)
SELECT product_id, component_id, sum(units) FROM part
WHERE NOT EXISTS (SELECT FROM catalog_bundlecomponent AS inner_part WHERE inner_part.bundle_id = part.component_id)
GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Component:
    """Units of one product in a bundle."""

    sku: str
    units: Decimal


@dataclass(frozen=True, slots=True)
class BundleRow:
    """A bundle and what it is made of, by SKU."""

    sku: str
    name: str
    components: Sequence[Component]


def put_bundle(*, sku: str, components: Sequence[Component]) -> bool:
    """From now on the bundle is made of these; without any it is a product like others. True when something changed.

    Part of the caller's transaction; two writers wait for each other, so that no circle comes about between them.
    Raises UnknownProduct, BadBundle.
    """
    take_transaction_locks(names=["catalog.bundles"])
    _refuse_bad(sku=sku, components=components)
    given = {
        "bundle": sku,
        "skus": [one.sku for one in components],
        "units": [one.units for one in components],
    }
    dropped = run_sql(statement=_DROP, parameters=given)
    return bool(dropped + run_sql(statement=_PUT, parameters=given))


def list_parts(*, product_ids: Sequence[int]) -> dict[int, list[tuple[int, Decimal]]]:
    """What is taken from the shelf for each of these bundles: (component id, units), inner bundles resolved."""
    parts: dict[int, list[tuple[int, Decimal]]] = {}
    for product_id, component_id, units in fetch_prepared(
        statement=_PARTS, parameters={"product_ids": list(product_ids)}
    ):
        parts.setdefault(product_id, []).append((component_id, units))
    return parts


def list_bundles(*, after: str = "", limit: int = 50, skus: Sequence[str] | None = None) -> list[BundleRow]:
    """Bundles by SKU, from the one after `after` on; only those of `skus` when given."""
    found = Product.objects.filter(components__isnull=False, sku__gt=after)
    if skus is not None:
        found = found.filter(sku__in=list(skus))
    bundles = list(found.distinct().order_by("sku").values_list("id", "sku", "name")[:limit])
    parts = BundleComponent.objects.filter(bundle_id__in=[row[0] for row in bundles]).order_by("component__sku")
    made: dict[int, list[Component]] = {}
    for bundle_id, part, units in parts.values_list("bundle_id", "component__sku", "units"):
        made.setdefault(bundle_id, []).append(Component(sku=part, units=units.normalize()))
    return [BundleRow(sku=code, name=name, components=made.get(pk, [])) for pk, code, name in bundles]


def explode_bundles(*, skus: Sequence[str]) -> dict[str, list[Component]]:
    """What is taken from the shelf for each of these products that is a bundle, bundles within bundles resolved."""
    known = _components()
    return {sku: _leaves(sku=sku, units=Decimal(1), known=known) for sku in skus if sku in known}


def frame_leaves() -> pl.DataFrame:
    """What is taken from the shelf for each bundle: bundle (SKU), subject, units."""
    return read_frame(query=_LEAVES)


def _leaves(*, sku: str, units: Decimal, known: Mapping[str, Mapping[str, Decimal]]) -> list[Component]:
    if sku not in known:
        return [Component(sku=sku, units=units)]
    sums: dict[str, Decimal] = {}
    for part, count in known[sku].items():
        for leaf in _leaves(sku=part, units=units * count, known=known):
            sums[leaf.sku] = sums.get(leaf.sku, Decimal(0)) + leaf.units
    return [Component(sku=code, units=total) for code, total in sorted(sums.items())]


def _refuse_bad(*, sku: str, components: Sequence[Component]) -> None:
    wanted = [sku, *(one.sku for one in components)]
    known = set(Product.objects.filter(sku__in=wanted).values_list("sku", flat=True))
    for code in wanted:
        if code not in known:
            raise UnknownProduct(sku=code)
    if len(components) > MOST_COMPONENTS:
        raise BadBundle(sku=sku, reason="more than 200 components", path="")
    if len(set(wanted[1:])) < len(components):
        raise BadBundle(sku=sku, reason="a component stands there twice", path="")
    if any(not 0 < one.units <= MAXIMUM_UNITS for one in components):
        raise BadBundle(sku=sku, reason="units of a component must be above zero", path="")
    graph = {code: list(parts) for code, parts in _components().items() if code != sku}
    graph[sku] = [one.sku for one in components]
    circle = find_circle(components=graph, start=sku)
    if circle:
        raise BadBundle(sku=sku, reason="it would hold itself", path=" → ".join(circle))


def _components() -> dict[str, dict[str, Decimal]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT bundle.sku, part.sku, made.units FROM catalog_bundlecomponent AS made
               JOIN catalog_product AS bundle ON bundle.id = made.bundle_id
               JOIN catalog_product AS part ON part.id = made.component_id ORDER BY 1, 2"""
        )
        found: dict[str, dict[str, Decimal]] = {}
        for bundle, part, units in cursor.fetchall():
            found.setdefault(bundle, {})[part] = units
        return found
