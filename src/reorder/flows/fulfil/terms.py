"""Everything that routing decides by, read in one statement an order or a batch; the tariff only when it changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.conf import settings

from reorder.domain.catalog.parcels import ParcelFacts, list_parcel_facts
from reorder.domain.orders.rules import ServedRegion, ServedRegions, default_place
from reorder.domain.shipping import queries as shipping
from reorder.domain.shipping.queries import StandingPlace, read_standing
from reorder.domain.shipping.rules import Tariff, make_tariff
from reorder.domain.warehouse.capacity import count_due_parcels
from reorder.flows.serving import Served
from reorder.kernel import clock


@dataclass(slots=True)
class RoutingTerms:
    """What stands at a moment; facts of products are read as orders name them, parcels are counted as they are routed.

    `due` are parcels by place and day that places with a limit have to send.
    """

    places: Sequence[StandingPlace]
    served: Served
    tariff: Tariff = field(default_factory=Tariff)
    due: dict[tuple[str, date], int] = field(default_factory=dict)
    facts: dict[int, ParcelFacts] = field(default_factory=dict)
    currency: str = "TWD"
    time_zone: str = "Asia/Taipei"

    @property
    def needs_facts(self) -> bool:
        """Whether anything depends on what the goods are."""
        return (
            self.tariff.has_rates
            or any(rule.kind == "never_split" for rule in self.tariff.rules)
            or any(place.has_terms for place in self.places)
        )

    def read_facts(self, *, product_ids: Sequence[int]) -> None:
        """Read what is not known yet of these products, where anything depends on it."""
        missing = [one for one in product_ids if one not in self.facts]
        if missing and self.needs_facts:
            self.facts |= list_parcel_facts(product_ids=missing)

    def facts_of(self, product_id: int) -> ParcelFacts:
        """A product as goods; one of which nothing is known is ambient and of unknown weight."""
        return self.facts.get(product_id, _UNKNOWN)

    def count_parcel(self, *, place_code: str, day: date) -> None:
        """One more parcel of this batch is due there."""
        self.due[place_code, day] = self.due.get((place_code, day), 0) + 1


_UNKNOWN = ParcelFacts()


def load_terms(*, product_ids: Sequence[int] = (), moment: datetime | None = None) -> RoutingTerms:
    """Read what stands; one call serves a whole batch of orders. One statement; more only for what is laid down."""
    standing = read_standing()
    conf = settings.REORDER
    limited = [place.code for place in standing.places if place.terms.orders_a_day is not None]
    since = (moment or clock.current_moment()) - timedelta(days=1)
    terms = RoutingTerms(
        places=standing.places,
        served=_served(places=standing.places, regions=standing.regions, home_country=conf.country),
        tariff=_tariff(revision=standing.revision, currency=conf.currency) if standing.revision else Tariff(),
        due=count_due_parcels(place_codes=limited, since=since, time_zone=conf.time_zone) if limited else {},
        currency=conf.currency,
        time_zone=conf.time_zone,
    )
    terms.read_facts(product_ids=product_ids)
    return terms


@lru_cache(maxsize=2)
def _tariff(*, revision: int, currency: str) -> Tariff:
    """The tariff of a revision, kept by the process: revisions are moments, and never come twice."""
    return make_tariff(
        services=shipping.list_services(),
        prefixes=shipping.list_prefixes(),
        rates=shipping.list_rates(),
        rules=shipping.list_rules(),
        currency=currency,
    )


def _served(*, places: Sequence[StandingPlace], regions: Sequence[tuple[str, str, str]], home_country: str) -> Served:
    """As `serving.served_regions` reads it, from what was read already."""
    active = [place.code for place in places]
    known = [row for row in regions if row[2] in active]
    default = next((code for country, start, code in known if not country and not start), None)
    rows = [ServedRegion(country, start, code) for country, start, code in known if country or start]
    return Served(
        regions=ServedRegions(rows=rows, home_country=home_country),
        default_place_code=default_place(given_code=default, active_codes=active),
    )
