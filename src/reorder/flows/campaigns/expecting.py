"""What a campaign is expected to bring, said before it goes: people, orders, units against stock, money."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from reorder.domain.catalog.queries import ProductRow, list_products_by_sku
from reorder.domain.inventory.queries import list_free_units
from reorder.domain.marketing.campaigns import CampaignTerms
from reorder.domain.marketing.limits import find_limits
from reorder.engine.effects import HoldoutVerdict
from reorder.flows import effects
from reorder.flows.campaigns.audience import count_audience
from reorder.flows.shop_day import shop_date
from reorder.kernel.money import minor_digits

# What people answer to a message comes soon and fades within a week.
DAY_SHARES: Final = (0.35, 0.22, 0.15, 0.10, 0.08, 0.06, 0.04)
# Before a campaign was measured, its expectation may be half as much again, or half.
DEVIATION_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class ExpectedGoods:
    """One product: extra units against what is free now."""

    sku: str
    name: str
    units: float
    free_units: float | None

    @property
    def missing_units(self) -> float:
        """Units that are expected to be wanted and are not there."""
        return 0.0 if self.free_units is None else max(self.units - self.free_units, 0.0)


@dataclass(frozen=True, slots=True)
class Expectation:
    """Figures of the whole campaign; money in minor units, None where no margin is known.

    `sight` is what those kept back will let anybody see of it; None where nobody is to get it.
    """

    audience_count: int
    messages_count: int
    held_out_count: int
    extra_orders: float
    cost_minor: float
    value_minor: float | None
    goods: Sequence[ExpectedGoods]
    sight: HoldoutVerdict | None = None

    @property
    def margin_minor(self) -> float | None:
        """Expected extra margin of all messages together, less what sending costs."""
        return None if self.value_minor is None else self.value_minor * self.messages_count - self.cost_minor


def expect(*, terms: CampaignTerms, moment: dt.datetime) -> Expectation:
    """Reckon a campaign from its own assumptions; nothing is written."""
    audience = count_audience(terms=terms)
    held = round(audience * terms.holdout_share)
    messages = audience - held
    products = list_products_by_sku(skus=list(terms.skus))
    return Expectation(
        audience_count=audience,
        messages_count=messages,
        held_out_count=held,
        extra_orders=messages * terms.response_share,
        cost_minor=messages * _cost_each(terms),
        value_minor=value_of(terms=terms, products=list(products.values())),
        goods=_goods(terms=terms, products=products, messages=messages, moment=moment),
        sight=_sight(audience=audience, share=terms.holdout_share, moment=moment) if audience else None,
    )


def _sight(*, audience: int, share: float, moment: dt.datetime) -> HoldoutVerdict:
    """Each of the audience is decided about once."""
    once = audience / effects.WEEKS[-1]
    power = effects.show_power(
        source_kind="campaign", source_key="", moment=moment, share=share, people=audience, people_a_week=once
    )
    return power.verdict


def value_of(*, terms: CampaignTerms, products: Sequence[ProductRow]) -> float | None:
    """Expected extra margin of one message, minor units; None where no margin of its goods is known."""
    margins = [
        one.price_minor - one.unit_cost_minor
        for one in products
        if one.price_minor is not None and one.unit_cost_minor is not None and one.currency == settings.REORDER.currency
    ]
    return terms.response_share * terms.units_each * sum(margins) / len(margins) if margins else None


def _cost_each(terms: CampaignTerms) -> float:
    costs = find_limits().costs
    first = terms.channels[0] if terms.channels else "email"
    return float(costs.get(first, 0.0)) * float(10 ** minor_digits(currency=settings.REORDER.currency))


def _goods(
    *, terms: CampaignTerms, products: dict[str, ProductRow], messages: int, moment: dt.datetime
) -> list[ExpectedGoods]:
    known = [products[sku] for sku in terms.skus if sku in products]
    free: dict[int, float] = {}
    found = list_free_units(product_ids=[one.id for one in known], moment=moment, today=shop_date(moment=moment))
    for (_, product_id), units in found.items():
        free[product_id] = free.get(product_id, 0.0) + float(units)
    each = messages * terms.response_share * terms.units_each / max(len(known), 1)
    return [ExpectedGoods(one.sku, one.name, each, free.get(one.id)) for one in known]
