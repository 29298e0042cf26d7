"""Takes settled rows into the rooms, one kind at a time, inside the caller's transaction."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings

from reorder.connectors.base import ShopDefaults
from reorder.domain.behaviour import operations as behaviour
from reorder.domain.behaviour.rules import CLOCK_SKEW, bounds_of
from reorder.domain.catalog import operations as catalog
from reorder.domain.channels import queries as staged
from reorder.domain.channels import settling, settling_signals
from reorder.domain.channels.queries import ImportRow
from reorder.domain.customers import operations as customers
from reorder.domain.inventory import intake as stock_counts
from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.queries import list_places
from reorder.domain.marketing.order_facts import note_orders_of
from reorder.domain.messaging import intake as contacts
from reorder.domain.orders import operations as orders
from reorder.domain.planning import operations as planning
from reorder.domain.planning import signals
from reorder.domain.planning.marks import mark_days
from reorder.domain.purchasing import intake as offers
from reorder.domain.staff.rules import Actor
from reorder.flows.counting.following import follow_corrections
from reorder.flows.file_import.errors import PlaceNeeded
from reorder.flows.owners.products import refuse_wrong_owners
from reorder.flows.serving import served_regions
from reorder.kernel import clock

# Where the goods are when a merchant has never named a place.
_FIRST_PLACE = ("main", "Main warehouse")
# Who asks that bins are counted whose goods a file corrected.
_IMPORT = Actor(name="import", abilities=frozenset())


@dataclass(frozen=True, slots=True)
class Applied:
    """Rows that changed something, rows that did not, and what else was counted."""

    imported_rows: int
    unchanged_rows: int
    counts: Mapping[str, int] = field(default_factory=dict)


def settle(*, row: ImportRow, shop: ShopDefaults) -> None:
    """Refuse what contradicts itself across rows and prepare the rest for `apply`."""
    if row.kind == "orders":
        settling.settle_orders(import_id=row.id)
    elif row.kind == "products":
        settling.settle_products(import_id=row.id)
    elif row.kind == "events":
        _settle_events(row=row)
    elif row.kind == "signals":
        settling_signals.settle_signals(import_id=row.id, moment=row.started_at, source=f"file:{row.channel}")
    else:
        settling.settle_stock(import_id=row.id, currency=shop.currency)


def apply(*, row: ImportRow) -> Applied:
    """Take the settled rows into the rooms; marks what has to be planned again."""
    if row.kind == "orders":
        return _apply_orders(row=row)
    if row.kind == "products":
        return _apply_products()
    if row.kind == "events":
        return _apply_events()
    if row.kind == "signals":
        return _apply_signals(row=row)
    return _apply_stock(row=row)


def _apply_orders(*, row: ImportRow) -> Applied:
    people = customers.take_customers()
    met = contacts.take_contacts(source=f"{row.channel}: {row.format.partition(' ')[0]} orders")
    products_count = catalog.add_missing_products()
    for code in staged.list_staged_places(source="staged_line"):
        inventory.ensure_place(code=code, name=code)
    served = served_regions()
    taken = orders.take_orders(
        channel=row.channel,
        default_place_code=served.default_place_code,
        time_zone=settings.REORDER.time_zone,
        regions=served.regions,
    )
    planning.mark_dirty(kind="customer", subject_keys=[str(customer_id) for customer_id in taken.customer_ids])
    mark_days(dates=taken.dates)
    note_orders_of(customer_ids=taken.customer_ids, moment=clock.current_moment(), time_zone=settings.REORDER.time_zone)
    return Applied(
        imported_rows=taken.imported_rows,
        unchanged_rows=taken.unchanged_rows,
        counts={
            "orders_added": taken.added_count,
            "orders_updated": taken.updated_count,
            "orders_unchanged": taken.unchanged_count,
            "lines": taken.lines_count,
            "customers_added": people.added_count,
            "products_added": products_count,
            "contact_points_added": met.contact_points_count,
            "consents_added": met.consents_count,
        },
    )


def _apply_products() -> Applied:
    taken = catalog.take_products()
    refuse_wrong_owners(product_ids=taken.product_ids)
    offered = offers.take_offers()
    total = staged.count_rows_of_view(source="staged_product_row")
    imported = staged.count_rows_of_products(product_ids=taken.product_ids | offered.product_ids)
    return Applied(
        imported_rows=imported,
        unchanged_rows=total - imported,
        counts={
            "products_added": taken.added_count,
            "products_updated": taken.changed_count,
            "suppliers_added": offered.suppliers_count,
            "offers": len(offered.product_ids),
        },
    )


def _settle_events(*, row: ImportRow) -> None:
    """What an event may be is judged from the moment at which its import began, whenever it is carried on."""
    customers.hold_merges_off()
    bounds = bounds_of(moment=row.started_at, kept_days=settings.REORDER.events_kept_days)
    settling.settle_events(
        import_id=row.id,
        earliest_at=bounds.earliest_at,
        latest_at=bounds.latest_at,
        kept_days=bounds.kept_days,
        skew_minutes=CLOCK_SKEW // dt.timedelta(minutes=1),
    )


def _apply_events() -> Applied:
    recorded = behaviour.record_staged_events()
    owners = [str(customer_id) for customer_id in recorded.customer_ids]
    planning.mark_many(marks=[(kind, key) for kind in ("customer", "segment") for key in owners])
    total = staged.count_rows_of_view(source="staged_event")
    return Applied(
        imported_rows=recorded.added_count,
        unchanged_rows=total - recorded.added_count,
        counts={"events_added": recorded.added_count, "customers_with_events": len(recorded.customer_ids)},
    )


def _apply_signals(*, row: ImportRow) -> Applied:
    """A value that stood already is unchanged; a corrected one is a later version. The next night reads them."""
    total = staged.count_rows_of_view(source="staged_signal")
    added = signals.record_staged_signals(moment=row.started_at)
    settling_signals.drop_settled_signals()
    return Applied(imported_rows=added, unchanged_rows=total - added, counts={"signals_added": added})


def _apply_stock(*, row: ImportRow) -> Applied:
    """The same file counts once, however often it comes: what was sold since must not come back."""
    if staged.find_finished_import(sha256=row.sha256, channel=row.channel, kind=row.kind):
        return Applied(imported_rows=0, unchanged_rows=staged.count_rows_of_view(source="staged_stock"))
    products_count = catalog.add_missing_products()
    counts = _counts(row=row)
    recorded = stock_counts.record_counts(counts=counts, cause_key=row.sha256, happened_at=row.started_at)
    follow_corrections(
        goods=[(count.product_id, count.place_code) for count in recorded.changed],
        cause_kind="import",
        cause_key=row.sha256,
        actor=_IMPORT,
        moment=row.started_at,
    )
    # Orders may have come before the first stock: until now their demand belonged to no place.
    place_code = served_regions().default_place_code
    if place_code:
        orders.assign_demand_places(default_place_code=place_code)
    subjects = {count.product_id: count.sku for count in staged.list_staged_counts()}
    planning.mark_dirty(
        kind="position",
        subject_keys=[f"{subjects[count.product_id]}|{count.place_code}" for count in recorded.changed],
    )
    return Applied(
        imported_rows=len(recorded.changed),
        unchanged_rows=len(counts) - len(recorded.changed),
        counts={"moves": recorded.moves_count, "products_added": products_count},
    )


def _counts(*, row: ImportRow) -> list[stock_counts.StockCount]:
    """The staged counts with a place each; raises PlaceNeeded when the file names none and there are several."""
    for code in staged.list_staged_places(source="staged_stock"):
        inventory.ensure_place(code=code, name=code)
    counted = staged.list_staged_counts()
    active = [place.code for place in list_places()]
    if any(not count.place_code for count in counted):
        if not active:
            active = [inventory.ensure_place(code=_FIRST_PLACE[0], name=_FIRST_PLACE[1]).code]
        if len(active) > 1:
            raise PlaceNeeded(file=row.name, places=", ".join(active))
    return [
        stock_counts.StockCount(
            product_id=count.product_id,
            place_code=count.place_code or active[0],
            units=count.units,
            lot=count.lot,
            expires_date=count.expires_date,
        )
        for count in counted
    ]
