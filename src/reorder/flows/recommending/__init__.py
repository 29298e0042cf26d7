"""Recommendations: learned weekly, ranked by nights for whoever bought, read by pages without computing anything."""

from reorder.flows.recommending.learning import learn_baskets
from reorder.flows.recommending.ranking import RankReport, rank_customers, rank_waiting

__all__ = ["RankReport", "learn_baskets", "rank_customers", "rank_waiting"]
