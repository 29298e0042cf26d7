"""Offers: laid down by people, given by messages as codes of a single use."""

from reorder.domain.marketing.offers import OfferRow, find_offer
from reorder.flows.offers.costs import CostGap, find_cost_gap
from reorder.flows.offers.issuing import issue_coupon, make_lot, take_codes_back

__all__ = ["CostGap", "OfferRow", "find_cost_gap", "find_offer", "issue_coupon", "make_lot", "take_codes_back"]
