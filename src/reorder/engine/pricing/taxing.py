"""Tax of an order: one sum a rate, rounded once, then spread over what was taxed."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.engine.pricing.shares import round_to_step, spread
from reorder.engine.pricing.values import STANDARD_TAX, TaxLine, TaxRate

_UNTAXED: Final = TaxRate(tax_class=STANDARD_TAX, share=Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxed:
    """The rate and tax of every amount, and one row a rate."""

    shares: tuple[Decimal, ...]
    tax_minor: tuple[int, ...]
    rows: tuple[TaxLine, ...]

    @property
    def sum_minor(self) -> int:
        """The tax of the whole order."""
        return sum(self.tax_minor)


def tax_amounts(
    *,
    amounts: Sequence[tuple[str, int]],
    rates: Sequence[TaxRate],
    country: str,
    step_minor: int,
    prices_include_tax: bool,
) -> Taxed:
    """Tax of amounts, each with its tax class: within them when prices include tax, on top otherwise.

    Amounts of one rate are summed, their tax is rounded once (half up) to whole steps and spread by largest remainder,
    so that the rows and the amounts say the same.
    """
    found = [find_rate(rates=rates, tax_class=tax_class, country=country) for tax_class, _ in amounts]
    taxes, rows = [0] * len(amounts), []
    for rate in dict.fromkeys(found):
        indexes = [index for index, one in enumerate(found) if one == rate]
        weights = [amounts[index][1] for index in indexes]
        taxed = sum(weights)
        basis = taxed * rate.share
        exact = basis / (1 + rate.share) if prices_include_tax else basis
        tax = round_to_step(exact_minor=exact, step_minor=step_minor)
        for index, part in zip(indexes, spread(total_minor=tax, weights=weights, step_minor=step_minor), strict=True):
            taxes[index] = part
        if rate.share and taxed:
            rows.append(TaxLine(name=rate.name, share=rate.share, taxed_minor=taxed, tax_minor=tax))
    return Taxed(shares=tuple(rate.share for rate in found), tax_minor=tuple(taxes), rows=tuple(rows))


def find_rate(*, rates: Sequence[TaxRate], tax_class: str, country: str) -> TaxRate:
    """The rate of a class in a country, else of the class anywhere, else the standard rate there; else no tax."""
    known = {(rate.country, rate.tax_class): rate for rate in rates}
    for wanted in (tax_class, STANDARD_TAX):
        for land in (country, ""):
            if (land, wanted) in known:
                return known[land, wanted]
    return _UNTAXED
