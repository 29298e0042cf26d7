"""The shipped example for Taiwan, loaded on demand: services, zones and round prices; a shop then enters its own."""

from reorder.domain.shipping import operations, taiwan
from reorder.domain.shipping.errors import BadShippingRate
from reorder.domain.shipping.models import Service, Zone


def load_taiwan_example(*, decided_by: str) -> int:
    """Write the example into a shop that has no services and zones yet; how many rates. Raises BadShippingRate.

    Prices are examples, not any carrier's list. Part of the caller's transaction.
    """
    if operations.shop_currency() != taiwan.CURRENCY:
        raise BadShippingRate(reason="the example counts in TWD, and the shop in another currency")
    if Service.objects.exists() or Zone.objects.exists():
        raise BadShippingRate(reason="the shop has services or zones of its own already")
    operations.write_services(services=taiwan.SERVICES)
    operations.write_zones(prefixes=taiwan.example_prefixes(), names=dict(taiwan.ZONE_NAMES))
    operations.write_rates(rates=taiwan.example_rates())
    operations.note_change(action="shipping.load_example", kind="rates", key="TW", decided_by=decided_by)
    return len(taiwan.example_rates())
