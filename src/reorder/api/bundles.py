"""Bundles: what they are made of, listed and set."""

from typing import Annotated

from ninja import Router, Schema
from pydantic import Field

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Cursor, ExactUnits, Given, IdempotencyKey, Key, Limit, Units
from reorder.api.paging import cut_page, decode_cursor, encode_cursor
from reorder.domain.catalog import bundles
from reorder.domain.catalog.bundles import BundleRow
from reorder.domain.staff.rules import Ability
from reorder.flows import demand_plan

router = Router(tags=["products"])
_LIST = "bundles"


class ComponentIn(Given):
    """Units of a product in one bundle."""

    sku: Key
    units: Units


class BundleBody(Given):
    """A bundle, whole; without components it is a product like others."""

    sku: Key
    components: Annotated[list[ComponentIn], Field(max_length=200)]


class Component(Schema):
    """Units of a product in one bundle."""

    sku: str
    units: ExactUnits


class Bundle(Schema):
    """A bundle and what it is made of."""

    sku: str
    components: list[Component]


class BundlePage(Schema):
    """A page of bundles by SKU."""

    items: list[Bundle]
    next_cursor: str | None


@reads(router, "/bundles", ability=Ability.VIEW_PRODUCTS, answer=BundlePage, summary="List bundles")
def list_bundles(request: ApiRequest, limit: Limit = 50, cursor: Cursor = None) -> BundlePage:
    after = decode_cursor(of=_LIST, text=cursor, kinds=(str,))
    rows = bundles.list_bundles(after=after[0] if after else "", limit=limit + 1)
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.sku,)) if last else None
    return BundlePage(items=[_bundle(row) for row in shown], next_cursor=following)


@writes(
    router,
    "/bundles",
    ability=Ability.EDIT_PRODUCTS,
    answers={200: Bundle},
    summary="Say what a bundle is made of",
    method="PUT",
)
def put_bundle(request: ApiRequest, idempotency_key: IdempotencyKey, body: BundleBody) -> Written:
    demand_plan.set_bundle(
        sku=body.sku,
        components=[bundles.Component(sku=one.sku, units=one.units) for one in body.components],
        decided_by=request.auth.name,
    )
    found = bundles.list_bundles(skus=[body.sku], limit=1)
    return Written(status=200, body=_bundle(found[0] if found else BundleRow(sku=body.sku, name="", components=[])))


def _bundle(row: BundleRow) -> Bundle:
    return Bundle.model_validate(
        {"sku": row.sku, "components": [Component(sku=one.sku, units=one.units) for one in row.components]}
    )
